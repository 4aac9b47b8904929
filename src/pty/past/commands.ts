// The commands of a terminal, from the marks that its shell prints (OSC 133, 633): a projection
// of `command` events, in which quick ones may be folded; and what a command printed, as text.

import { limits } from '../../limits.ts';
import type { JsonObject } from '../../json.ts';
import { Screen, type ScreenEvent } from '../screen/screen.ts';
import type { Mark } from './protocol.ts';
import type { WalkReader } from './walk.ts';

export interface Command {
  /** Of the event that tells of its start. */
  sequence: number;
  /** As it was typed; null where nothing tells. */
  line: string | null;
  /** Folder that the shell was in. */
  cwd: string | null;
  /** ms since the epoch; ended is null while it works. */
  started: number;
  ended: number | null;
  /** Null too where the shell did not tell. */
  exit: number | null;
  /** Output events between which it printed; the last one is null while it works. */
  outputFrom: number;
  outputUntil: number | null;
  /** Quick commands right before it that were not recorded one by one, and how many of them failed. */
  folded: number;
  foldedFailed: number;
}

export interface CommandQuery {
  /** Commands whose sequence is greater than `after`, or the last ones that are less than `before`. */
  after: number;
  before?: number | undefined;
  limit: number;
  failed: boolean;
}

export interface CommandOutput {
  text: string;
  /** Only its end is there. */
  truncated: boolean;
}

export interface CommandReader extends WalkReader {
  span(runId: string): { last: { sequence: number } } | undefined;
  marks(runId: string, range: { after: number; before: number; types?: readonly string[]; limit: number; order?: 'first' | 'last' }): Mark[];
}

const TYPES = ['command', 'cwd', 'status'] as const;
/** A command brings about four marks, and its folder one. */
const MARKS_PER_COMMAND = 5;
const END_OF_TIME = Number.MAX_SAFE_INTEGER;
const ROWS = 24;
const COLS = 80;

/** In order. `hasMore` where there are more in the direction that was asked for. */
export function commandsOf(reader: CommandReader, runId: string, query: CommandQuery): { commands: Command[]; hasMore: boolean } {
  const { after, before = END_OF_TIME, limit, failed } = query;
  const backwards = query.before !== undefined;
  const wanted = (command: Command): boolean => command.sequence > after && command.sequence < before && (!failed || isFailed(command));
  for (let most = limit * MARKS_PER_COMMAND + MARKS_PER_COMMAND; ; most *= 4) {
    const range = { after, before, types: TYPES, limit: Math.min(most, limits.commandMarksExamined) };
    const marks = reader.marks(runId, { ...range, order: backwards ? 'last' : 'first' });
    const isAll = marks.length < range.limit;
    const all = project(marks, folderBefore(reader, runId, marks[0]?.sequence ?? 0));
    // The last one of a part may have its end behind it.
    if (!isAll && !backwards && all.at(-1)?.ended === null) all.pop();
    const found = all.filter(wanted);
    const done = isAll || found.length > limit || range.limit === limits.commandMarksExamined;
    if (!done) continue;
    const commands = backwards ? found.slice(-limit) : found.slice(0, limit);
    return { commands, hasMore: found.length > limit || !isAll };
  }
}

/** What a command printed, as a terminal of its width showed it. undefined where there is no such command. */
export function outputOf(reader: CommandReader, runId: string, sequence: number): CommandOutput | undefined {
  const marks = reader.marks(runId, { after: sequence - 1, before: END_OF_TIME, types: TYPES, limit: MARKS_PER_COMMAND * 2 });
  const [command] = project(marks, null);
  if (command?.sequence !== sequence) return undefined;
  const nth = Number(marks[0]?.data.nth ?? 0);
  const { events, truncated } = lastEvents(reader, runId, command.outputFrom, command.outputUntil ?? END_OF_TIME);
  const bytes = between(events, truncated ? undefined : nth);
  const size = reader.marks(runId, { after: 0, before: command.outputFrom + 1, types: ['resize'], limit: 1, order: 'last' })[0];
  const cols = Number(size?.data.cols ?? COLS);
  return { text: shownText(bytes, Number.isInteger(cols) ? cols : COLS), truncated };
}

export const isFailed = ({ exit, foldedFailed }: Command): boolean => (exit !== null && exit !== 0) || foldedFailed > 0;

function project(marks: readonly Mark[], folder: string | null): Command[] {
  const found: Command[] = [];
  let cwd = folder;
  let open: Command | undefined;
  const end = (at: number, exit: number | null, until: number): void => {
    if (open === undefined) return;
    Object.assign(open, { ended: Math.max(at, open.started), exit, outputUntil: until });
    open = undefined;
  };
  for (const { sequence, timestamp, type, data } of marks) {
    const at = numberIn(data, 'at') ?? timestamp;
    const of = numberIn(data, 'of') ?? sequence;
    if (type === 'cwd') cwd = typeof data.path === 'string' ? data.path : cwd;
    else if (type === 'status') {
      if (data.status === 'stopped' || data.status === 'error') end(timestamp, null, sequence);
    } else if (data.phase === 'output') {
      end(at, null, of);
      open = { sequence, line: typeof data.line === 'string' ? data.line : null, cwd, started: at, ended: null, exit: null, outputFrom: of, outputUntil: null, folded: numberIn(data, 'folded') ?? 0, foldedFailed: numberIn(data, 'foldedFailed') ?? 0 };
      found.push(open);
    } else if (data.phase === 'done') end(at, numberIn(data, 'exit') ?? null, of);
    else if (data.phase === 'prompt') end(at, null, of);
  }
  return found;
}

const numberIn = (data: JsonObject, name: string): number | undefined => (typeof data[name] === 'number' ? data[name] : undefined);

function folderBefore(reader: CommandReader, runId: string, sequence: number): string | null {
  const [mark] = reader.marks(runId, { after: 0, before: sequence, types: ['cwd'], limit: 1, order: 'last' });
  return typeof mark?.data.path === 'string' ? mark.data.path : null;
}

const WINDOW = 64;

/** Output events of a range; of a long one its end. */
function lastEvents(reader: CommandReader, runId: string, from: number, until: number): { events: ScreenEvent[]; truncated: boolean } {
  let last = Math.min(until, reader.span(runId)?.last.sequence ?? 0);
  let bytes = 0;
  const parts: ScreenEvent[][] = [];
  while (last >= from && bytes < limits.commandOutputBytesMax) {
    const after = Math.max(from - 1, last - WINDOW);
    const events = reader.read(runId, { after, upTo: last, limit: WINDOW, bytesMax: limits.commandOutputBytesMax * 8 });
    parts.unshift(events.filter(({ type }) => type === 'output'));
    for (const { data } of events) bytes += data instanceof Uint8Array ? data.byteLength : 0;
    last = after;
  }
  return { events: parts.flat(), truncated: last >= from };
}

const STARTS = /\x1b\](?:133|633);C[^\x07\x1b]*(?:\x07|\x1b\\)/g;
const ENDS = /\x1b\](?:133|633);D/;

/** The bytes after the start's mark, and before the end's. @param nth which start of the first event; undefined where that is cut off */
function between(events: readonly ScreenEvent[], nth: number | undefined): Uint8Array {
  const text = events.map(({ data }) => (data instanceof Uint8Array ? Buffer.from(data).toString('latin1') : '')).join('');
  const start = nth === undefined ? undefined : [...text.matchAll(STARTS)][nth];
  const body = start === undefined ? text : text.slice(start.index + start[0].length);
  const end = ENDS.exec(body)?.index ?? body.length;
  return Buffer.from(body.slice(0, end), 'latin1');
}

function shownText(bytes: Uint8Array, cols: number): string {
  const screen = new Screen({ winsize: { cols, rows: ROWS }, scrollback: limits.commandOutputLines });
  try {
    screen.take({ sequence: 1, type: 'output', data: bytes });
    return linesOf(screen).join('\n').trimEnd();
  } finally {
    screen.dispose();
  }
}

/** Lines as they were printed: what only wrapped is one. */
function linesOf({ emulator: { terminal } }: Screen): string[] {
  const { normal } = terminal.buffer;
  const lines: string[] = [];
  for (let y = 0; y < normal.length; y += 1) {
    const line = normal.getLine(y);
    const goesOn = normal.getLine(y + 1)?.isWrapped === true;
    const text = line?.translateToString(!goesOn) ?? '';
    if (line?.isWrapped === true && lines.length > 0) lines.push(`${lines.pop() ?? ''}${text}`);
    else lines.push(text);
  }
  return lines;
}
