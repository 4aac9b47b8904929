// What of the input is recorded, with real programs on a real terminal; and what counts as
// typing at all.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { natureOf } from '../../src/pty/input.ts';
import { openSessions, type SessionParts } from '../support/sessions.ts';
import { until } from '../support/until.ts';

let parts: SessionParts;
beforeEach(() => {
  parts = openSessions(undefined, { PS1: 'prompt$ ' });
});
afterEach(() => parts.stop());

const inputs = (id: string) => parts.log(id).filter((event) => event.type === 'input').map((event) => event.data);

function type(id: string, text: string): unknown {
  parts.sessions.input(id, Buffer.from(text), 'device-1');
  return inputs(id).at(-1);
}

async function bash(...options: string[]): Promise<string> {
  const command = ['bash', '--norc', '--noprofile', '-i', ...options];
  const { id } = await parts.sessions.create({ workspaceId: parts.workspace.id, kind: 'terminal', meta: { command } });
  await prompts(id, 1);
  return id;
}

/** Waits for the count-th prompt, and until the line editor has the terminal. */
async function prompts(id: string, count: number): Promise<void> {
  await until(() => `prompt ${count} in ${parts.output(id)}`, () => parts.output(id).split('prompt$ ').length > count);
}

test('at the prompt of the shell the text is kept, with who typed it', async () => {
  const id = await bash();
  expect(type(id, 'echo hi\r')).toEqual({ client: 'device-1', bytes: 8, text: 'echo hi\r' });
});

test.each(['read -s secret', 'read -e -s secret', 'read -s -n 99 secret'])('what is typed into `%s` leaves only its length', async (command) => {
  const id = await bash();
  type(id, `printf 'wa''iting\\n'; ${command}\r`);
  await parts.printed(id, 'waiting\r\n');
  // The message comes before the terminal is set: what is typed must wait for that, as a person does.
  await until('echo to be off', () => inputs(id).length > 0 && lastKeepsNothing(id));
  expect(type(id, 'hunter2\r')).toEqual({ client: 'device-1', bytes: 8, redacted: true });
  await prompts(id, 2);
  expect(JSON.stringify(inputs(id))).not.toContain('hunter2');
  expect(type(id, 'true\r')).toMatchObject({ text: 'true\r' });
});

/** Types a key that changes nothing (a left arrow), and looks at what was kept of it. */
function lastKeepsNothing(id: string): boolean {
  const kept = type(id, '\u0001');
  return typeof kept === 'object' && kept !== null && 'redacted' in kept;
}

test('a program that echoes (cat) keeps the text; one in raw mode (an editor, ssh) does not', async () => {
  const cat = await parts.sh('echo ready; exec cat');
  await parts.printed(cat.id, 'ready');
  expect(type(cat.id, 'hello\n')).toMatchObject({ text: 'hello\n' });
  const raw = await parts.sh('stty raw -echo; echo ready; exec cat');
  await parts.printed(raw.id, 'ready');
  expect(type(raw.id, 'hello')).toEqual({ client: 'device-1', bytes: 5, redacted: true });
});

test('inside of a nested terminal nothing can be told, so only the length is kept', async () => {
  const id = await bash();
  type(id, `script -q -c "sh -c 'stty -echo; echo nes''ted; read line; echo got'" /dev/null\r`);
  await parts.printed(id, 'nested\r\n');
  expect(type(id, 'hunter2\r')).toEqual({ client: 'device-1', bytes: 8, redacted: true });
  await parts.printed(id, 'got');
});

test('a shell that masks by its own line editor (fish) is never trusted with text', async () => {
  const { id } = await parts.sessions.create({ workspaceId: parts.workspace.id, kind: 'terminal', meta: { command: ['fish', '--no-config'] } });
  await parts.printed(id, '\u001b[K\r'); // Its prompt is drawn.
  expect(type(id, 'read -s secret\r')).toMatchObject({ redacted: true });
});

test('the setting decides: `all` keeps even a secret, `none` keeps nothing', async () => {
  const { id } = await parts.sh('stty -echo; echo ready; exec cat');
  await parts.printed(id, 'ready');
  parts.recordInput = 'all';
  expect(type(id, 'hunter2\n')).toMatchObject({ text: 'hunter2\n' });
  const cat = await parts.sh('echo ready; exec cat');
  await parts.printed(cat.id, 'ready');
  parts.recordInput = 'none';
  expect(type(cat.id, 'hello\n')).toEqual({ client: 'device-1', bytes: 6, redacted: true });
});

test('bytes that are no UTF-8 are kept as base64', async () => {
  const { id } = await parts.sh('echo ready; exec cat');
  await parts.printed(id, 'ready');
  parts.sessions.input(id, Uint8Array.from([0xff, 0x0a]), 'api');
  expect(inputs(id).at(-1)).toEqual({ client: 'api', bytes: 2, base64: '/wo=' });
});

test.each([
  ['typed', 'a'],
  ['typed', '\u001b[A'],
  ['typed', '\u001b'],
  ['typed', '\u001b[1;2R'],
  ['typed', '\u001b[<0;1;1Mx'],
  ['typed', `\u001b[I${'x'.repeat(2000)}`],
  ['report', '\u001b[I'],
  ['report', '\u001b[O'],
  ['report', '\u001b[<35;10;20M'],
  ['report', '\u001b[<0;10;20M\u001b[<0;10;20m'],
  ['report', '\u001b[M !!'],
  ['reply', '\u001b[?62;22c'],
  ['reply', '\u001b[>0;276;0c'],
  ['reply', '\u001b[24;80R'],
  ['reply', '\u001b[0n'],
  ['reply', '\u001b[?2026;2$y'],
  ['reply', '\u001bP>|xterm.js(6.0)\u001b\\'],
  ['reply', '\u001b]11;rgb:0000/0000/0000\u0007'],
  ['reply', '\u001b[4;600;800t'],
] as const)('%s: %p', (nature, text) => {
  expect(natureOf(Buffer.from(text))).toBe(nature);
});
