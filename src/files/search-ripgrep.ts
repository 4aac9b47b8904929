// Searches in files by ripgrep, where it is on the PATH: what it prints is read as it comes, and
// it is ended when nobody waits any more.

import { relative } from 'node:path';
import { limits } from '../limits.ts';
import type { Ground } from './open.ts';
import { textOf } from './path-text.ts';
import { type LetterRange, type Match, type SearchEvent, type SearchTerms, shownLine } from './search-terms.ts';

/** A text, or bytes that are none. */
type RipgrepText = { text: string } | { bytes: string };

interface RipgrepMatch {
  type: 'match';
  data: { path: RipgrepText; lines: RipgrepText; line_number: number | null; submatches: { start: number; end: number }[] };
}

export async function* ripgrep(program: string, ground: Ground, terms: SearchTerms, env: Record<string, string>, signal: AbortSignal): AsyncGenerator<SearchEvent> {
  const process = Bun.spawn([program, ...argumentsOf(ground, terms)], { cwd: ground.path, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const stop = (): void => process.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop();
  }, limits.fileSearchMs);
  const said = new Response(process.stderr).text();
  let matches = 0;
  const files = new Set<string>();
  try {
    for await (const line of linesOf(process.stdout)) {
      const match = matchOf(line);
      if (match === undefined) continue;
      if (matches === limits.fileSearchMatchesMax) return yield { type: 'done', engine: 'ripgrep', matches, files: files.size, limited: 'matches' };
      matches += 1;
      files.add(match.path);
      yield { type: 'match', ...match };
    }
    const trouble = troubleIn(await said);
    if (!late && matches === 0 && (await process.exited) === 2 && trouble !== undefined) return yield { type: 'error', message: trouble };
    yield { type: 'done', engine: 'ripgrep', matches, files: files.size, limited: late ? 'time' : null };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    stop();
  }
}

function argumentsOf(ground: Ground, { text, regex, exactCase, globs }: SearchTerms): string[] {
  const ours = relative(ground.path, ground.dataFolder);
  return [
    '--no-config',
    '--no-messages',
    '--json',
    '--hidden',
    '--no-follow',
    '--crlf',
    `--max-filesize=${limits.fileSearchBytesMax}`,
    `--max-count=${limits.fileSearchLinesMax}`,
    exactCase ? '--case-sensitive' : '--ignore-case',
    ...(regex ? [] : ['--fixed-strings']),
    ...globs.map((glob) => `--glob=${glob}`),
    '--glob=!.git',
    ...(ours === '' || ours.startsWith('..') ? [] : [`--glob=!/${ours.replace(/[*?[\]{}\\!]/g, '\\$&')}`]),
    `--regexp=${text}`,
    '--',
    './',
  ];
}

function matchOf(line: Buffer): Match | undefined {
  if (!line.subarray(0, 20).includes('"match"')) return undefined;
  const { data } = JSON.parse(line.toString()) as RipgrepMatch;
  const bytes = bytesOf(data.lines);
  const before = (at: number): number => bytes.toString('utf8', 0, at).length;
  const ranges = data.submatches.slice(0, limits.fileSearchRangesMax).map(({ start, end }): LetterRange => [before(start), before(end)]);
  const path = bytesOf(data.path);
  return {
    path: textOf(path.subarray(0, 2).toString() === './' ? path.subarray(2) : path),
    line: data.line_number ?? 1,
    ...shownLine(bytes.toString().replace(/\r?\n$/, ''), ranges),
  };
}

const bytesOf = (text: RipgrepText): Buffer => ('text' in text ? Buffer.from(text.text) : Buffer.from(text.bytes, 'base64'));

/** What it says of a pattern that it cannot read; files that it cannot read are left out in silence. */
function troubleIn(said: string): string | undefined {
  const at = said.search(/regex parse error|error parsing glob|the literal|unrecognized/i);
  return at === -1 ? undefined : said.slice(at).trim().slice(0, 500);
}

/** One that tells of millions of places in a line of a few MB is left out: it would take all memory. */
async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Buffer> {
  const reader = stream.getReader();
  let rest: Buffer[] = [];
  let bytes = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const part = Buffer.from(next.value);
    let from = 0;
    for (let at = part.indexOf(10); at !== -1; at = part.indexOf(10, from)) {
      if (bytes + at - from <= limits.fileSearchToldBytesMax) yield bytes === 0 ? part.subarray(from, at) : Buffer.concat([...rest, part.subarray(from, at)]);
      rest = [];
      bytes = 0;
      from = at + 1;
    }
    bytes += part.byteLength - from;
    if (bytes > limits.fileSearchToldBytesMax) rest = [];
    else if (from < part.byteLength) rest.push(part.subarray(from));
  }
}
