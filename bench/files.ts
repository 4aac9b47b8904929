// Files: a folder of 50,000 as a list and as a page, files by name among them, and a search in
// 1 GB of text beside ripgrep alone (or `grep -r`, where there is no ripgrep) on the same files.
// FILES_BENCH_MB makes the text smaller.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSearch } from '../src/file-search-process.ts';
import { FileSearch } from '../src/files/search.ts';
import { median, percentile, print, printMachine, withServer } from './figures.ts';

const ENTRIES = 50_000;
const ROUNDS = 5;
const MEGABYTES = Number(process.env.FILES_BENCH_MB ?? 1024);
const FILE_KILOBYTES = 256;
const NEEDLE = 'the needle in it';

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function rounds(work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await timed(work));
  return times;
}

/** Lines as code has them; one file in forty has what is looked for. */
function writeText(folder: string): void {
  const words = ['const', 'value', 'return', 'function', 'await', 'number', '=>', '{', '}', 'if (index < length)', 'string', "'text'", '// why it is so'];
  let seed = 1;
  const line = (): string => Array.from({ length: 8 }, () => words[(seed = (seed * 1103515245 + 12345) % 2147483648) % words.length]).join(' ');
  const block = Array.from({ length: 4000 }, line).join('\n');
  const text = block.repeat(Math.ceil((FILE_KILOBYTES * 1024) / block.length)).slice(0, FILE_KILOBYTES * 1024);
  const files = (MEGABYTES * 1024) / FILE_KILOBYTES;
  for (let file = 0; file < files; file += 1) {
    const inner = join(folder, `part-${file % 64}`);
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, `file-${file}.ts`), file % 40 === 0 ? `${text}\n${NEEDLE}\n` : text);
  }
}

printMachine();
await withServer(async (server) => {
  const headers = { authorization: `Bearer ${server.key}` };
  const get = async (path: string): Promise<string> => {
    const answer = await fetch(server.url + path, { headers });
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}`);
    return answer.text();
  };

  const many = await server.workspace('many');
  for (let index = 0; index < ENTRIES; index += 1) writeFileSync(join(many.path, `file-${index}.txt`), '');
  const tree = `/api/workspaces/${many.id}/tree`;
  print(`tree of ${ENTRIES}, first page of 500, cold`, `${(await timed(() => get(tree))).toFixed(0)} ms`);
  await Bun.sleep(200); // Only a folder that rests has its order kept.
  await get(tree);
  print('  again', `${median(await rounds(() => get(tree))).toFixed(1)} ms`);
  print('  its last page', `${median(await rounds(() => get(`${tree}?offset=${ENTRIES - 500}`))).toFixed(1)} ms`);
  print('  the page of the browser', `${median(await rounds(() => get(`/workspaces/${many.id}/files/`))).toFixed(0)} ms`);
  const find = `/api/workspaces/${many.id}/find?q=file4999`;
  print(`by name among ${ENTRIES}, cold`, `${(await timed(() => get(find))).toFixed(0)} ms`);
  print('  the next letters', `${median(await rounds(() => get(find))).toFixed(0)} ms`);

  const large = await server.workspace('large');
  writeText(large.path);
  const program = Bun.which('rg');
  const alone = program === null ? ['grep', '-rnF', '--', NEEDLE, '.'] : [program, '--no-config', '--hidden', '-nF', '--', NEEDLE, './'];
  const run = async (): Promise<void> => void (await Bun.spawn(alone, { cwd: large.path, stdout: 'ignore' }).exited);
  const search = (): Promise<string> => get(`/api/workspaces/${large.id}/search?case=true&q=${encodeURIComponent(NEEDLE)}`);
  const own = new FileSearch({ spawn: startSearch, environment: { PATH: '' } });
  const ground = { path: large.path, dataFolder: server.dataFolder };
  const terms = { text: NEEDLE, regex: false, exactCase: true, globs: [] };
  const ours = async (): Promise<void> => {
    for await (const event of own.search(ground, { terms, ignored: () => Promise.resolve([]), signal: new AbortController().signal })) if (event.type === 'error') throw new Error(event.message);
  };
  await run(); // The files are in memory from here on.
  const times = { alone: [] as number[], through: [] as number[], own: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.alone.push(await timed(run));
    times.through.push(await timed(search));
    times.own.push(await timed(ours));
  }
  const name = program === null ? 'grep -r' : 'ripgrep';
  const seconds = (values: number[]): string => `${(median(values) / 1000).toFixed(2)} s (worst ${(percentile(values, 1) / 1000).toFixed(2)})`;
  print(`search in ${MEGABYTES} MB: ${name} alone`, seconds(times.alone));
  print('  through the API', `${seconds(times.through)}, ratio ${(median(times.through) / median(times.alone)).toFixed(2)}`);
  print('  by our own thread', `${seconds(times.own)}, ratio ${(median(times.own) / median(times.alone)).toFixed(2)}`);
});
