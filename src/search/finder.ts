// Answers searches, in a thread of its own: what the full text index names is looked up in the
// text, latest first, and what is in no index yet is looked through. A search that would take
// too long gives what it has, and where the next one goes on.

import type { Database } from 'bun:sqlite';
import { limits } from '../limits.ts';
import type { Channel } from '../sessions/event.ts';
import { CHANNELS } from '../sessions/event.ts';
import { type Block, decodeBlock } from './block.ts';
import { type Hit, Matcher, NEARNESS, type Part } from './matching.ts';
import type { Indexed, NamedResult, Position, Result, SearchAnswer, SearchRequest } from './protocol.ts';

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
  newest: number;
}

interface Found extends Position {
  candidate: Candidate;
  open: Block;
  hit: Hit;
  facts: SessionFacts;
}

/** By nearness; of each no more than are asked for and one, and so many of a session. */
class Findings {
  readonly #limit: number;
  readonly #perSession: number;
  readonly #found: Found[][] = [[], [], []];
  readonly #counts = new Map<string, number>();

  constructor(limit: number, perSession: number) {
    this.#limit = limit;
    this.#perSession = perSession;
  }

  get ranked(): Found[] {
    return this.#found.flat();
  }

  of(nearness: number): Found[] {
    return this.#found[nearness] ?? [];
  }

  hasEnough(nearness: number, runId: string): boolean {
    return (this.#counts.get(`${nearness} ${runId}`) ?? 0) >= this.#perSession;
  }

  add(one: Found): void {
    const { nearness, candidate } = one;
    const of = this.of(nearness);
    if (of.length > this.#limit || this.hasEnough(nearness, candidate.runId)) return;
    const key = `${nearness} ${candidate.runId}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    of.push(one);
  }
}

interface Filters {
  $match: string;
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
const COLUMNS = 'b.id AS id, b.source AS source, s.run_id AS runId, b.newest AS newest';
const ALL_CHANNELS = (1 << CHANNELS.length) - 1;

export class Finder {
  readonly #facts: FactReader;
  readonly #candidates;
  readonly #packed;
  readonly #cursors;
  /** Blocks that are open, the latest used last: the next page, the next letter typed. */
  readonly #blocks = new Map<number, Block>();
  #blockBytes = 0;

  constructor(index: Database, facts: FactReader) {
    this.#facts = facts;
    this.#candidates = index.query<Candidate, [Record<string, string | number | null>]>(
      `SELECT ${COLUMNS} FROM texts JOIN blocks b ON b.id = texts.rowid ${FILTERED} AND texts MATCH $match
       UNION ALL SELECT ${COLUMNS} FROM blocks b ${FILTERED} AND b.in_texts = 0
       ORDER BY newest DESC, id DESC`,
    );
    this.#packed = index.query<{ packed: Uint8Array }, [number]>('SELECT packed FROM blocks WHERE id = ?');
    this.#cursors = index.query<{ runId: string; cursor: number }, []>('SELECT run_id AS runId, cursor FROM sources');
  }

  find(request: SearchRequest): SearchAnswer {
    const matcher = new Matcher(request.query);
    const { results, next } = this.#results(request, matcher);
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

  #results(request: SearchRequest, matcher: Matcher): { results: Result[]; next: Position | null } {
    const { limit, cursor, perSession = Infinity } = request;
    const begun = performance.now();
    const found = new Findings(limit, perSession);
    const tier = cursor?.nearness ?? 0;
    let stoppedAt: Candidate | undefined;
    for (const candidate of this.#candidates.all({ ...filtersOf(request) })) {
      if (cursor !== undefined && isBefore(candidate, cursor)) continue;
      const facts = this.#facts.session(candidate.runId);
      if (facts === undefined || found.hasEnough(0, candidate.runId)) continue;
      if (performance.now() - begun > limits.searchTimeMs) {
        stoppedAt = candidate;
        break;
      }
      this.#take(candidate, facts, matcher, request, found);
      // One more than is asked for says that there is a next page.
      if (found.of(tier).length > limit) break;
    }
    // What is farther apart comes after all that is nearer, and so only where all was looked at.
    const isWhole = stoppedAt === undefined && cursor === undefined;
    const ranked = isWhole ? found.ranked : found.of(tier);
    const shown = ranked.slice(0, limit);
    const next = nextOf(shown, { isMore: ranked.length > limit, stoppedAt, tier, isWhole, words: request.query.terms.length });
    return { results: shown.map((each) => resultOf(each, matcher)), next };
  }

  #take(candidate: Candidate, facts: SessionFacts, matcher: Matcher, request: SearchRequest, found: Findings): void {
    const open = this.#open(candidate.id);
    if (open === undefined) return;
    const allows = (line: number): boolean => isAllowed(open, line, facts, request);
    for (const hit of matcher.hits(open, allows)) {
      const place: Position = { nearness: hit.nearness, newest: candidate.newest, block: candidate.id, line: hit.line };
      if (request.cursor === undefined || isAfter(place, request.cursor)) found.add({ ...place, candidate, open, hit, facts });
    }
  }

  #open(id: number): Block | undefined {
    const known = this.#blocks.get(id);
    const row = known === undefined ? this.#packed.get(id) : null;
    const block = known ?? (row === null ? undefined : decodeBlock(row.packed));
    if (block === undefined) return undefined;
    if (known === undefined) this.#blockBytes += block.text.length;
    this.#blocks.delete(id);
    this.#blocks.set(id, block);
    for (const [oldest, { text }] of this.#blocks) {
      if (this.#blockBytes <= limits.searchOpenBytesMax || oldest === id) break;
      this.#blocks.delete(oldest);
      this.#blockBytes -= text.length;
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

function filtersOf({ query, workspaceId, kind, sessionId, channel, since, until }: SearchRequest): Filters {
  return {
    $match: query.match,
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

const order = (place: Position): [number, number, number, number] => [-place.nearness, place.newest, place.block, place.line];

/** Nearer first, then later first. */
function isAfter(place: Position, cursor: Position): boolean {
  const [one, other] = [order(place), order(cursor)];
  for (const [index, value] of one.entries()) {
    const than = other[index] ?? 0;
    if (value !== than) return value < than;
  }
  return false;
}

/** All of the block was given before. */
const isBefore = ({ newest, id }: Candidate, cursor: Position): boolean =>
  newest > cursor.newest || (newest === cursor.newest && id > cursor.block);

interface Ended {
  isMore: boolean;
  stoppedAt: Candidate | undefined;
  tier: number;
  /** Hits of every nearness were ranked. */
  isWhole: boolean;
  words: number;
}

function nextOf(shown: readonly Found[], { isMore, stoppedAt, tier, isWhole, words }: Ended): Position | null {
  const last = shown.at(-1);
  if (isMore && last !== undefined) {
    const { nearness, newest, block, line } = last;
    return { nearness, newest, block, line };
  }
  const most = Number.MAX_SAFE_INTEGER;
  // The block itself is still to be looked at, whole.
  if (stoppedAt !== undefined) return { nearness: tier, newest: stoppedAt.newest, block: stoppedAt.id, line: most };
  if (isWhole || words < 2 || tier + 1 >= NEARNESS.length) return null;
  return { nearness: tier + 1, newest: most, block: most, line: most };
}

const split = new WeakMap<Block, string[]>();
function linesIn(block: Block): string[] {
  const lines = split.get(block) ?? block.text.split('\n');
  split.set(block, lines);
  return lines;
}

function resultOf({ candidate, open, hit, facts }: Found, matcher: Matcher): Result {
  const lines = linesIn(open);
  const moment = open.moments.of(hit.line);
  const from = Math.min(hit.lines[0] ?? hit.line, hit.line);
  const to = Math.max(hit.lines.at(-1) ?? hit.line, hit.line);
  const marked = new Set(hit.lines);
  const part = (line: number): Part[] => matcher.parts(lines[line] ?? '');
  const around = (first: number, last: number): Part[][] => {
    const shown: Part[][] = [];
    let skipped = false;
    for (let line = Math.max(0, first); line <= Math.min(last, lines.length - 1); line += 1) {
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
