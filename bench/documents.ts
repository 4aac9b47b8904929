// Documents: how long it takes until a file of 1 MB with 50,000 edits is open again after a
// restart, and one key in it, over HTTP and in the editor itself, all logged.
//
//   bun bench/documents.ts [edits, default 50000]

import { ChangeSet } from '@codemirror/state';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dice } from '../tests/support/dice.ts';
import { startTestServer } from '../tests/support/server.ts';
import { median, percentile, print, printMachine } from './figures.ts';

const EDITS = Number(process.argv[2] ?? 50_000);
const LINE = 'const value = compute(input, options); // one of many lines\n';
const CHARACTERS = 1_000_000;
const KEYS = 500;
const OPENS = 5;

const dice = new Dice('documents');
let length = 0;
const key = (): { clientID: string; changes: unknown }[] => {
  const at = dice.below(length);
  const changes = ChangeSet.of({ from: at, insert: 'x' }, length).toJSON();
  length += 1;
  return [{ clientID: 'bench', changes }];
};

printMachine();
const first = await startTestServer();
const folders = { root: first.root, dataFolder: first.dataFolder };
const { id: workspaceId, path: folder } = await first.workspace('bench');
const text = LINE.repeat(Math.ceil(CHARACTERS / LINE.length));
length = text.length;
writeFileSync(join(folder, 'large.ts'), text);
const { body } = await first.api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'fileEditor', meta: { path: 'large.ts' } } });
const id: string = body.id;
const editor = first.parts.editors.kind.editor(id);
if (editor === undefined) throw new Error('No editor');

const direct: number[] = [];
for (let version = 0; version < EDITS; version += 1) {
  const updates = key();
  const begun = performance.now();
  editor.push('large.ts', { version, updates }, 'bench');
  direct.push(performance.now() - begun);
  if (version % 500 === 0) await Bun.sleep(0);
}
print(`a key, logged, of ${EDITS}`, `p50 ${median(direct).toFixed(3)} ms, p99 ${percentile(direct, 0.99).toFixed(3)} ms, most ${Math.max(...direct).toFixed(1)} ms`);

const overHttp: number[] = [];
for (let count = 0; count < KEYS; count += 1) {
  const begun = performance.now();
  const answer = await first.api(`/api/sessions/${id}/changes`, { method: 'POST', body: { path: 'large.ts', version: EDITS + count, updates: key() } });
  overHttp.push(performance.now() - begun);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}
print('a key over HTTP, p50 / p99', `${median(overHttp).toFixed(2)} / ${percentile(overHttp, 0.99).toFixed(2)} ms`);

let server = first;
const opens: number[] = [];
for (let count = 0; count < OPENS; count += 1) {
  await server.stop(true);
  server = await startTestServer({ folders });
  const begun = performance.now();
  const opened = server.parts.editors.past.load(id, 'large.ts');
  opens.push(performance.now() - begun);
  if (opened?.state.version !== EDITS + KEYS) throw new Error(`It came back at ${opened?.state.version}`);
}
print('open after a restart', `median ${median(opens).toFixed(1)} ms, most ${Math.max(...opens).toFixed(1)} ms`);
const begun = performance.now();
const page = await server.api(`/api/sessions/${id}/open`, { method: 'POST', body: { path: 'large.ts' } });
print('open over HTTP', `${(performance.now() - begun).toFixed(1)} ms, ${page.body.text.length} characters`);
const past: number[] = [];
for (let count = 0; count < 20; count += 1) {
  const at = performance.now();
  server.parts.editors.past.textAt(id, 'large.ts', { version: dice.below(EDITS) });
  past.push(performance.now() - at);
}
print('text at any version', `median ${median(past).toFixed(1)} ms, most ${Math.max(...past).toFixed(1)} ms`);
await server.stop();
await first.stop();
