// Answers searches, in a thread of its own: what the full text index names is looked up in the
// text, latest first, and what is in no index yet is looked through. A search that would take
// too long gives what it has, and where the next one goes on.

import type { Database } from 'bun:sqlite';
import { limits } from '../limits.ts';
import type { Channel } from '../sessions/event.ts';
import { CHANNELS } from '../sessions/event.ts';
import { type Block, decodeBlock } from './block.ts';
import { type Hit, Matcher, type Part } from './matching.ts';
import { neededFor } from './needed.ts';
import { mayHave, type Pieces } from './pieces.ts';
import type { Indexed, NamedResult, Position, Result, SearchAnswer, SearchRequest } from './protocol.ts';
import { ListedWords } from './vocabulary.ts';

/** What is known of a session now. */
export interface SessionFacts {
  workspaceId: string;
  kind: string;
  name: string;
  firstSequence: number;
}

/** What the finder needs of the log beside the index. */
export interface FactReader {
  session(runId: string): SessionFacts | undefined;
  heads(): { runId: string; head: number; firstSequence: number }[];
  names(): { workspaces: { id: string; name: string; path: string }[]; sessions: { id: string; workspaceId: string; kind: string; name: string }[] };
}

interface Candidate {
  id: number;
  source: number;
  runId: string;
  first: number;
  newest: number;
}

interface Found {
  candidate: Candidate;
  open: Block;
  hit: Hit;
  facts: SessionFacts;
}

interface Filters {
  $workspace: string | null;
  $kind: string | null;
  $session: string | null;
  $channels: number;
  $since: number | null;
  $until: number | null;
}

const FILTERED = `
  JOIN sources s ON s.id = b.source
  WHERE ($workspace IS NULL OR s.workspace_id = $workspace)
    AND ($kind IS NULL OR s.kind = $kind)
    AND ($session IS NULL OR s.run_id = $session)
    AND (b.channels & $channels) <> 0
    AND ($since IS NULL OR b.newest >= $since)
    AND ($until IS NULL OR b.oldest <= $until)`;
const COLUMNS = 'b.id AS id, b.source AS source, s.run_id AS runId, b.first AS first, b.newest AS newest';
const ALL_CHANNELS = (1 << CHANNELS.length) - 1;

export class Finder {
  readonly #facts: FactReader;
  readonly #index: Database;
  readonly #listed: ListedWords;
  readonly #candidates;
  readonly #all;
  readonly #pieces;
  readonly #packed;
  readonly #cursors;
  /** Blocks that are open, the latest used last: the next page, the next letter typed. */
  readonly #blocks = new Map<number, Block>();
  #blockBytes = 0;

  constructor(index: Database, facts: FactReader) {
    this.#facts = facts;
    this.#index = index;
    this.#listed = new ListedWords(index);
    this.#candidates = index.query<Candidate, [Record<string, string | number | null>]>(
      `SELECT ${COLUMNS} FROM texts JOIN blocks b ON b.id = texts.rowid ${FILTERED} AND texts MATCH $match
       UNION ALL SELECT ${COLUMNS} FROM blocks b ${FILTERED} AND b.in_texts = 0
       ORDER BY newest DESC, id DESC`,
    );
    this.#all = index.query<Candidate, [Record<string, string | number | null>]>(`SELECT ${COLUMNS} FROM blocks b ${FILTERED} ORDER BY newest DESC, id DESC`);
    this.#pieces = index.query<{ pieces: Uint8Array | null }, [number]>('SELECT pieces FROM blocks WHERE id = ?');
    this.#packed = index.query<{ packed: Uint8Array }, [number]>('SELECT packed FROM blocks WHERE id = ?');
    this.#cursors = index.query<{ runId: string; cursor: number }, []>('SELECT run_id AS runId, cursor FROM sources');
  }

  find(request: SearchRequest): SearchAnswer {
    const matcher = new Matcher(request.query);
    // All of the index as it is at one moment, its list of words too.
    const { results, next } = this.#index.transaction(() => this.#results(request, matcher)).deferred();
    return { results, names: request.cursor === undefined ? this.#names(request, matcher) : [], next, indexed: this.indexed() };
  }

  indexed(): Indexed {
    const cursors = new Map(this.#cursors.all().map(({ runId, cursor }) => [runId, cursor]));
    let behindEvents = 0;
    for (const { runId, head, firstSequence } of this.#facts.heads()) {
      behindEvents += Math.max(0, head - Math.max(cursors.get(runId) ?? 0, firstSequence - 1));
    }
    return { complete: behindEvents === 0, behindEvents };
  }

  /** Block after block, latest first; what is found in them is ranked by how near its words are. */
  #results(request: SearchRequest, matcher: Matcher): { results: Result[]; next: Position | null } {
    const { limit, cursor, perSession = Infinity } = request;
    const begun = performance.now();
    const counts = new Map<string, number>();
    const known = new Map<string, SessionFacts | undefined>();
    const found: Found[] = [];
    const apart: Found[] = [];
    let next: Position | null = null;
    const isNear = (): boolean => found.length > 0 || cursor?.near === 1;
    const positionAt = ({ newest, id }: Candidate, given: number): Position => ({ newest, block: id, given, near: isNear() ? 1 : 0 });
    const { candidates, pieces } = this.#candidatesFor(request);
    for (const candidate of candidates) {
      if (cursor !== undefined && isBefore(candidate, cursor)) continue;
      if (!known.has(candidate.runId)) known.set(candidate.runId, this.#facts.session(candidate.runId));
      const facts = known.get(candidate.runId);
      const count = counts.get(candidate.runId) ?? 0;
      if (facts === undefined || count >= perSession) continue;
      const ms = performance.now() - begun;
      if (found.length >= limit || ms > (found.length > 0 ? limits.searchEnoughMs : limits.searchTimeMs)) {
        next = positionAt(candidate, 0);
        break;
      }
      const given = candidate.id === cursor?.block ? cursor.given : 0;
      const hits = this.#mayHave(candidate, pieces) ? this.#hitsIn(candidate, facts, matcher, request) : [];
      const most = Math.min(limit - found.length, perSession - count);
      const { taken, through } = someOf(hits, given, most, request.spread === true);
      // A block whose words are far apart has one hit: it takes no room from what is near.
      const near = taken.filter(({ hit }) => hit.nearness < 2);
      found.push(...near);
      if (near.length === 0 && apart.length < limits.searchApartMax) apart.push(...taken);
      counts.set(candidate.runId, count + near.length);
      if (found.length >= limit && through < hits.length && count + near.length < perSession) {
        next = positionAt(candidate, through);
        break;
      }
    }
    // Words that are far apart are better than nothing, and than nothing only.
    const shown = isNear() ? found : apart.slice(0, limit);
    const ranked = shown.toSorted((one, other) => one.hit.nearness - other.hit.nearness);
    return { results: ranked.map((each) => resultOf(each, matcher)), next };
  }

  /** Blocks that have what is looked for, as far as the full text index can tell. */
  #candidatesFor(request: SearchRequest): { candidates: Candidate[]; pieces: Pieces } {
    this.#listed.refresh();
    const { match, pieces } = neededFor(request.query, this.#listed);
    const filters = { ...filtersOf(request) };
    return { candidates: match === null ? this.#all.all(filters) : this.#candidates.all({ ...filters, $match: match }), pieces };
  }

  #mayHave({ id }: Candidate, pieces: Pieces): boolean {
    if ((pieces.mixed.length === 0 && pieces.letters.length === 0) || this.#blocks.has(id)) return true;
    const packed = this.#pieces.get(id)?.pieces ?? null;
    return packed === null || mayHave(packed, pieces);
  }

  #hitsIn(candidate: Candidate, facts: SessionFacts, matcher: Matcher, request: SearchRequest): Found[] {
    const open = this.#open(candidate.id);
    if (open === undefined) return [];
    const { channel, since, until } = request;
    const isAll = candidate.first >= facts.firstSequence && channel === undefined && since === undefined && until === undefined;
    const hits = matcher.hits(open, isAll ? undefined : (line) => isAllowed(open, line, facts, request));
    return hits.map((hit) => ({ candidate, open, hit, facts }));
  }

  #open(id: number): Block | undefined {
    const known = this.#blocks.get(id);
    const row = known === undefined ? this.#packed.get(id) : null;
    const block = known ?? (row === null ? undefined : decodeBlock(row.packed));
    if (block === undefined) return undefined;
    if (known === undefined) this.#blockBytes += block.bytes;
    this.#blocks.delete(id);
    this.#blocks.set(id, block);
    for (const [oldest, { bytes }] of this.#blocks) {
      if (this.#blockBytes <= limits.searchOpenBytesMax || oldest === id) break;
      this.#blocks.delete(oldest);
      this.#blockBytes -= bytes;
    }
    return block;
  }

  #names({ query, workspaceId, kind, channel, sessionId, since, until }: SearchRequest, matcher: Matcher): NamedResult[] {
    if (query.terms.length === 0 || channel !== undefined || sessionId !== undefined || since !== undefined || until !== undefined) return [];
    const { workspaces, sessions } = this.#facts.names();
    const inWorkspace = (id: string): boolean => workspaceId === undefined || workspaceId === id;
    const found: NamedResult[] = [];
    for (const { id, name, path } of kind === undefined ? workspaces : []) {
      if (!inWorkspace(id) || !(matcher.fits(name) || matcher.fits(path))) continue;
      found.push({ sessionId: null, workspaceId: id, kind: null, name: matcher.parts(matcher.fits(name) ? name : path) });
    }
    for (const session of sessions) {
      if (!inWorkspace(session.workspaceId) || (kind !== undefined && kind !== session.kind) || !matcher.fits(session.name)) continue;
      found.push({ sessionId: session.id, workspaceId: session.workspaceId, kind: session.kind, name: matcher.parts(session.name) });
    }
    return found.slice(0, limits.searchNamesMax);
  }
}

function filtersOf({ workspaceId, kind, sessionId, channel, since, until }: SearchRequest): Filters {
  return {
    $workspace: workspaceId ?? null,
    $kind: kind ?? null,
    $session: sessionId ?? null,
    $channels: channel === undefined ? ALL_CHANNELS : 1 << CHANNELS.indexOf(channel),
    $since: since ?? null,
    $until: until ?? null,
  };
}

/** Of a session whose older part may have gone meanwhile, and of what was asked for. */
function isAllowed({ moments }: Block, line: number, { firstSequence }: SessionFacts, { channel, since, until }: SearchRequest): boolean {
  const moment = moments.of(line);
  return (
    moment.sequence >= firstSequence &&
    (channel === undefined || moment.channel === (channel satisfies Channel)) &&
    (since === undefined || moment.timestamp >= since) &&
    (until === undefined || moment.timestamp <= until)
  );
}

/** The next hits of a block; where they are spread, none that stands beside another and is shown with it. */
function someOf(hits: readonly Found[], given: number, most: number, spread: boolean): { taken: Found[]; through: number } {
  const taken: Found[] = [];
  let through = given;
  for (; through < hits.length && taken.length < most; through += 1) {
    const each = hits[through];
    if (each === undefined) break;
    if (!spread || !taken.some((other) => isBeside(each, other))) taken.push(each);
  }
  return { taken, through };
}

/** Lines of one screen; what is said or done counts each for itself. */
function isBeside(one: Found, other: Found): boolean {
  if (Math.abs(one.hit.line - other.hit.line) > limits.searchContextLines) return false;
  const [moment, beside] = [one.open.moments.of(one.hit.line), other.open.moments.of(other.hit.line)];
  return moment.type === beside.type && (moment.type === 'output' || moment.sequence === beside.sequence);
}

/** All of the block was given before. */
const isBefore = ({ newest, id }: Candidate, cursor: Position): boolean =>
  newest > cursor.newest || (newest === cursor.newest && id > cursor.block);

function resultOf({ candidate, open, hit, facts }: Found, matcher: Matcher): Result {
  const moment = open.moments.of(hit.line);
  const from = Math.min(hit.lines[0] ?? hit.line, hit.line);
  const to = Math.max(hit.lines.at(-1) ?? hit.line, hit.line);
  const marked = new Set(hit.lines);
  const part = (line: number): Part[] => matcher.parts(open.line(line));
  const around = (first: number, last: number): Part[][] => {
    const shown: Part[][] = [];
    let skipped = false;
    for (let line = Math.max(0, first); line <= Math.min(last, open.moments.count - 1); line += 1) {
      const isNear = Math.abs(line - hit.line) <= limits.searchContextLines;
      if (!isNear && !marked.has(line)) {
        if (!skipped) shown.push([{ text: '…', match: false }]);
        skipped = true;
        continue;
      }
      skipped = false;
      shown.push(part(line));
    }
    return shown;
  };
  return {
    sessionId: candidate.runId,
    workspaceId: facts.workspaceId,
    kind: facts.kind,
    name: facts.name,
    channel: moment.channel,
    type: moment.type,
    sequence: moment.sequence,
    timestamp: moment.timestamp,
    context: part(hit.line),
    before: around(Math.min(from, hit.line - limits.searchContextLines), hit.line - 1),
    after: around(hit.line + 1, Math.max(to, hit.line + limits.searchContextLines)),
  };
}
