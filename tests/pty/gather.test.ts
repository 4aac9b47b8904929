// Joining reads into events: nothing lost, nothing reordered, nothing too large, and no wait
// for what somebody waits for.

import { expect, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { OutputGather } from '../../src/pty/gather.ts';
import type { NewEvent } from '../../src/sessions/event.ts';
import { until } from '../support/until.ts';

function gathered(): { gather: OutputGather; commits: NewEvent[][]; text: () => string } {
  const commits: NewEvent[][] = [];
  const gather = new OutputGather((events) => commits.push(events));
  const shown = ({ type, data }: NewEvent): string => (data instanceof Uint8Array ? Buffer.from(data).toString() : `<${type}>`);
  return { gather, commits, text: () => commits.flat().map(shown).join('') };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const typed = (): NewEvent => ({ channel: 'stdin', type: 'input', data: { client: 'c', bytes: 1 } });

test('a lone read goes out at once', () => {
  const { gather, commits } = gathered();
  gather.push(bytes('a'));
  expect(commits).toHaveLength(1);
});

test('reads in quick succession are one event, soon', async () => {
  const { gather, commits, text } = gathered();
  for (const letter of 'abcdef') gather.push(bytes(letter));
  expect(commits).toHaveLength(1);
  await until('the rest', () => commits.length === 2);
  expect(text()).toBe('abcdef');
});

test('a key and its echo are one commit, in order, and the echo does not wait', () => {
  const { gather, commits, text } = gathered();
  gather.push(bytes('$ '));
  gather.add(typed());
  expect(commits).toHaveLength(1);
  gather.push(bytes('k'));
  expect(commits).toHaveLength(2);
  expect(text()).toBe('$ <input>k');
});

test('a key without an echo is committed soon, too', async () => {
  const { gather, commits } = gathered();
  gather.add(typed());
  await until('the key', () => commits.length === 1);
  expect(commits[0]?.[0]).toMatchObject({ type: 'input', timestamp: expect.any(Number) });
});

test('what was printed before a key comes before it', () => {
  const { gather, text } = gathered();
  gather.push(bytes('a'));
  gather.push(bytes('b'));
  gather.add(typed());
  gather.push(bytes('c'));
  gather.flush();
  expect(text()).toBe('ab<input>c');
});

test('the memory of a read may be used again by whoever gave it', () => {
  const { gather, text } = gathered();
  gather.push(bytes('x'));
  const memory = bytes('first');
  gather.push(memory);
  memory.fill(0);
  gather.flush();
  expect(text()).toBe('xfirst');
});

test.each([
  [limits.outputEventBytesMax - 1, 1],
  [limits.outputEventBytesMax, 1],
  [limits.outputEventBytesMax + 1, 2],
  [limits.outputEventBytesMax * 3 + 5, 4],
])('%p bytes at once are %p events', (count, events) => {
  const { gather, commits } = gathered();
  gather.push(new Uint8Array(count));
  gather.flush();
  const sizes = commits.flat().map(({ data }) => (data instanceof Uint8Array ? data.byteLength : 0));
  expect(sizes).toHaveLength(events);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(limits.outputEventBytesMax);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
});
