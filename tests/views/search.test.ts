// What the search says of itself: what is not searched yet, where nothing is found, and the way
// to older results.

import { expect, test } from 'bun:test';
import { foundList, searchResults, type SearchView } from '../../src/views/search.tsx';

const FIELDS = { q: 'needle', sessionId: '', workspaceId: '', kind: '', channel: '', since: '', until: '' };
const NOTHING = { results: [], names: [], next: null, perSession: 5 };
const VIEW: SearchView = {
  fields: FIELDS,
  found: NOTHING,
  indexed: { complete: true, behindEvents: 0 },
  problem: undefined,
  tooShort: false,
  isMore: false,
  workspaces: [],
  sessionName: undefined,
};
const view = (more: Partial<SearchView>): string => String(searchResults({ ...VIEW, ...more }));

test('says how much is not searched yet, looks again by itself, and hides that once all is', () => {
  const behind = view({ indexed: { complete: false, behindEvents: 1234 } });
  expect(behind).toContain('The latest 1,234 events are not searched yet.');
  expect(behind).toContain('hx-trigger="load delay:2s"');
  expect(behind).toContain('Not everything is searched yet');
  expect(view({ indexed: { complete: false, behindEvents: 1 } })).toContain('The latest event is not searched yet.');
  expect(view({})).toContain('id="search-indexed" class="search-indexed" hidden');
});

test('leads on where a search took long, by itself where it found nothing so far', () => {
  const more = view({ found: { results: [], names: [], next: 'abc', perSession: 5 } });
  expect(more).toContain('Look further back');
  expect(more).toContain('hx-trigger="load, click"');
  expect(more).not.toContain('Nothing found');
  expect(view({})).toContain('Nothing found');
});

test('says that it came to the end, also where that takes the place of the way on', () => {
  expect(view({ isMore: true })).toContain('Nothing further back.');
  expect(String(foundList(NOTHING, { ...VIEW, isMore: true }))).toContain('Nothing further back.');
  expect(String(foundList({ ...NOTHING, next: 'abc' }, { ...VIEW, isMore: true }))).not.toContain('Nothing further back.');
});
