// Search over generated output as varied as a working day's: how far the index falls behind a
// flood, how long a query takes, how large the index is beside the text. The argument is the
// output in MB; without one it ends within three minutes, with `1000` it is the full measure.

import { Database } from 'bun:sqlite';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Dice } from '../tests/support/dice.ts';
import type { TestServer } from '../tests/support/server.ts';
import { median, percentile, print, printMachine, withServer } from './figures.ts';

const MEGABYTES = Number(process.argv[2] ?? 128);
const SESSIONS = 8;
const EVENT_BYTES = 16 * 1024;
const FLOOD_MS = 5_000;
const MB = 1_000_000;

const roll = new Dice('search');
/** Words of real programs: what they share of letters is what an index has to tell apart. */
const WORDS = [...new Set(vocabulary())].sort((one, other) => Bun.hash(one) < Bun.hash(other) ? -1 : 1);
/** Few words often, many seldom, as in any language. */
const word = (): string => often(WORDS);
const hex = (digits: number): string => Array.from({ length: digits }, () => roll.below(16).toString(16)).join('');
const words = (count: number): string => Array.from({ length: count }, word).join(' ');
/** What comes again and again, as the files and messages of a project do. */
const PATHS = Array.from({ length: 5000 }, () => `src/${word()}/${word()}_${word()}.${roll.pick(['ts', 'cc', 'rs', 'go', 'json'])}`);
const SENTENCES = Array.from({ length: 3000 }, () => words(4 + roll.below(6)));

printMachine();
print('output', `${MEGABYTES} MB in ${SESSIONS} sessions`);
await withServer(async (server) => {
  const { id: workspaceId } = await server.workspace();
  await indexed(server, await filled(server, workspaceId));
  size(server);
  await queries(server);
  await flood(server, workspaceId);
});

async function filled(server: TestServer, workspaceId: string): Promise<{ bytes: number }> {
  const ids: string[] = [];
  for (let count = 0; count < SESSIONS; count += 1) ids.push((await server.terminal(workspaceId, { command: ['cat'], cols: 120, rows: 40 })).id);
  const begun = performance.now();
  let bytes = 0;
  for (let turn = 0; bytes < MEGABYTES * MB; turn += 1) {
    const data = Buffer.from(output(turn, EVENT_BYTES));
    server.parts.sessions.log(ids[turn % SESSIONS] ?? '').append([{ channel: 'stdout', type: 'output', data }]);
    bytes += data.byteLength;
    if (turn % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  print('recorded', `${(bytes / 1000 / (performance.now() - begun)).toFixed(1)} MB/s`);
  return { bytes };
}

function often(list: readonly string[]): string {
  return list[Math.floor(list.length ** (roll.below(10_000) / 10_000)) - 1] ?? '';
}

function vocabulary(): string[] {
  const library = dirname(Bun.resolveSync('typescript/package.json', import.meta.dir));
  const text = ['lib.dom.d.ts', 'typescript.js'].map((file) => readFileSync(join(library, 'lib', file), 'utf8')).join('\n');
  return text.match(/[A-Za-z_]{3,24}/g) ?? [];
}

function output(turn: number, most: number): string {
  let text = '';
  while (text.length < most) text += `${line(turn)}\r\n`;
  return text;
}

function line(turn: number): string {
  switch (roll.below(10)) {
    case 0:
      return `\x1b[32m[${turn % 900}/900]\x1b[0m Building CXX object ${often(PATHS)}.o`;
    case 1:
      return `2026-11-${10 + roll.below(20)}T${10 + roll.below(14)}:${10 + roll.below(50)}:${10 + roll.below(50)}Z INFO ${often(SENTENCES)} took ${roll.below(5000)}ms`;
    case 2:
      return `{"level":"${roll.pick(['info', 'warn', 'error'])}","request":"${hex(8)}","path":"/api/${often(PATHS)}","status":${roll.pick(['200', '201', '404', '500'])}}`;
    case 3:
      return `    at ${often(WORDS)} (/home/me/project/node_modules/${often(PATHS)}:${roll.below(2000)}:${roll.below(80)})`;
    case 4:
      return `\x1b[33mwarning\x1b[0m: unused variable \`${often(WORDS)}\` in ${often(PATHS)}:${roll.below(900)}`;
    case 5:
      return `${hex(7)} ${often(SENTENCES)}`;
    case 6:
      return `-rw-r--r--  1 me  staff  ${roll.below(100_000)} Nov ${10 + roll.below(20)} 12:00 ${often(PATHS)}`;
    case 7:
      return `  ✓ ${often(SENTENCES)} (${roll.below(900)} ms)`;
    case 8:
      return `\x1b[36m${often(PATHS)}\x1b[0m: ${often(SENTENCES)}`;
    default:
      return words(6 + roll.below(8));
  }
}

async function indexed(server: TestServer, { bytes }: { bytes: number }): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const { indexed: state } = (await server.api('/api/search?q=nothing-like-it')).body;
    if (state.complete) break;
    await Bun.sleep(250);
  }
  const ms = performance.now() - begun;
  print('index complete after the last event', `${(ms / 1000).toFixed(1)} s, ${(bytes / 1000 / ms).toFixed(1)} MB/s`);
}

function size(server: TestServer): void {
  const path = join(server.dataFolder, 'search.db');
  const index = new Database(path, { readonly: true });
  const one = (sql: string): number => Number(Object.values(index.query<Record<string, number>, []>(sql).get() ?? {})[0]);
  const text = one('SELECT sum(bytes) FROM blocks');
  const packed = one('SELECT sum(length(packed)) FROM blocks');
  const words = one('SELECT sum(length(block)) FROM texts_data');
  const pieces = one('SELECT sum(length(pieces)) FROM blocks');
  const pages = one('PRAGMA page_count') * one('PRAGMA page_size') - one('PRAGMA freelist_count') * one('PRAGMA page_size');
  index.close();
  const part = (bytes: number): string => `${((bytes / text) * 100).toFixed(1)} %`;
  print('text', `${(text / MB).toFixed(1)} MB in ${(text / MB / Math.max(1, MEGABYTES)).toFixed(2)} of the output`);
  print('index and text kept, of the text', `${part(pages)} (words ${part(words)}, pieces ${part(pieces)}, text ${part(packed)}; file ${(statSync(path).size / MB).toFixed(0)} MB)`);
}

async function queries(server: TestServer): Promise<void> {
  const rare = (): string => WORDS[WORDS.length - 1 - roll.below(5000)] ?? 'rare';
  const common = (): string => WORDS[roll.below(50)] ?? 'common';
  const kinds: Record<string, () => string> = {
    'a common word': common,
    'a rare word': rare,
    'two words': () => `${common()} ${rare()}`,
    'a phrase': () => `"unused variable" ${rare()}`,
    'a path': () => `/${rare()}/lib/${common()}`,
    'a prefix': () => `${rare().slice(0, 5)}*`,
    'a number in hexadecimal': () => hex(7),
    'a number': () => String(10_000 + roll.below(90_000)),
    'what is not there': () => `${rare()}${rare()}x`,
  };
  // What no index knows: words that are everywhere, and beside each other hardly anywhere.
  const middling = (): string => WORDS[50 + roll.below(1000)] ?? 'middling';
  const apart = { 'common words side by side': () => `"${common()} ${middling()}"` };
  const all: number[] = [];
  for (const [name, make] of Object.entries({ ...kinds, ...apart })) {
    const times: number[] = [];
    let found = 0;
    let partial = 0;
    for (let round = 0; round < 25; round += 1) {
      const q = make();
      const begun = performance.now();
      const { body } = await server.api(`/api/search?q=${encodeURIComponent(q)}`);
      times.push(performance.now() - begun);
      found += body.results.length;
      if (body.next !== null && body.results.length === 0) partial += 1;
    }
    if (name in kinds) all.push(...times);
    print(`query: ${name}`, `p50 ${median(times).toFixed(1)} ms, p95 ${percentile(times, 0.95).toFixed(1)} ms, ${(found / 25).toFixed(1)} results${partial > 0 ? `, ${partial} to be continued` : ''}`);
  }
  print('query: all but the last', `p50 ${median(all).toFixed(1)} ms, p95 ${percentile(all, 0.95).toFixed(1)} ms`);
}

/** A program prints as fast as it can: how far behind the index is, and for how long after. */
async function flood(server: TestServer, workspaceId: string): Promise<void> {
  const file = join(server.root, 'flood');
  await Bun.write(file, output(1, 8 * MB));
  const { id } = await server.terminal(workspaceId, { command: ['sh', '-c', `while :; do cat '${file}'; done`] });
  const begun = performance.now();
  const answers: number[] = [];
  let behind = 0;
  while (performance.now() - begun < FLOOD_MS) {
    const asked = performance.now();
    const { body } = await server.api(`/api/search?q=${encodeURIComponent(roll.pick(WORDS))}`);
    answers.push(performance.now() - asked);
    behind = Math.max(behind, body.indexed.behindEvents);
    await Bun.sleep(100);
  }
  await server.api(`/api/sessions/${id}/stop`, { method: 'POST' });
  const { currentSequence } = (await server.api(`/api/sessions/${id}`)).body;
  const ended = performance.now();
  for (;;) {
    const { indexed: state } = (await server.api('/api/search?q=nothing-like-it')).body;
    if (state.complete) break;
    await Bun.sleep(100);
  }
  print(`a flood of ${FLOOD_MS / 1000} s: events, most behind`, `${currentSequence}, ${behind}`);
  print('a flood: index complete after its end', `${((performance.now() - ended) / 1000).toFixed(1)} s`);
  print('a flood: query meanwhile', `p50 ${median(answers).toFixed(1)} ms, p95 ${percentile(answers, 0.95).toFixed(1)} ms`);
}
