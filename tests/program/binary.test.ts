// The compiled binary, alone in an empty folder: pages, assets and a terminal work from it.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { chmodSync, chownSync, cpSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compiledBinary, finished, type RunningProgram, startProgram } from '../support/program.ts';
import { endHolder, temporaryFolder } from '../support/server.ts';
import { ShownTerminal } from '../support/shown-terminal.ts';
import { until } from '../support/until.ts';

let folder: string;
let built: string;
let program: RunningProgram;
beforeAll(async () => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'root'));
  built = await compiledBinary();
  const binary = join(folder, 'empty', 'dispatch');
  cpSync(built, binary);
  const environment = { DISPATCH_DATA: join(folder, 'data'), DISPATCH_ROOTS: join(folder, 'root'), DISPATCH_KEY: 'a-key-for-the-binary' };
  program = await startProgram([binary], environment, join(folder, 'empty'));
}, 120_000);
afterAll(async () => {
  await program.end('SIGTERM');
  await endHolder(join(folder, 'data'));
  rmSync(folder, { recursive: true, force: true });
});

test('serves pages with all that they load', async () => {
  const page = await (await fetch(`${program.url}/login`)).text();
  const assets = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, address]) => address ?? '');
  expect(assets.length).toBeGreaterThan(0);
  for (const address of assets) expect(`${address} ${(await fetch(program.url + address)).status}`).toBe(`${address} 200`);
  const xterm = await fetch(`${program.url}${assets[0]?.replace(/[^/]+$/, '')}vendor/xterm.mjs`);
  expect(xterm.headers.get('content-type')).toContain('javascript');
});

test('runs a terminal and keeps its history', async () => {
  const { id: workspaceId } = await program.api('/api/workspaces', { method: 'POST', body: { path: join(folder, 'root') } });
  const command = ['sh', '-c', 'echo from-$((40+2))'];
  const { id } = await program.api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'terminal', meta: { command } } });
  const ended = await until('the end', async () => {
    const session = await program.api(`/api/sessions/${id}`);
    return session.status === 'stopped' ? session : undefined;
  });
  expect(ended.exitCode).toBe(0);
  expect(JSON.stringify(await program.api(`/api/sessions/${id}/history`))).toContain('from-42');
});

test('attaches a terminal of the command line, for which it brings its own emulator', async () => {
  const { id: workspaceId } = await program.api('/api/workspaces', { method: 'POST', body: { path: join(folder, 'root', 'attached'), create: true } });
  const command = ['sh', '-c', 'echo from-$((40+2)); read go'];
  const { id } = await program.api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'terminal', meta: { command } } });
  const binary = [join(folder, 'empty', 'dispatch')];
  const terminal = new ShownTerminal(['attach', id], { DISPATCH_DATA: join(folder, 'data'), HOME: folder }, { cols: 80, rows: 24 }, binary);
  try {
    await terminal.sees('from-42');
    terminal.type('\r');
    expect((await terminal.ended()).text).toContain('[ended: sh, exit code 0]');
  } finally {
    terminal.dispose();
  }
});

test('has what its shells and its threads need: commands are told of, and the past can be seen', async () => {
  const workspaces = await program.api('/api/workspaces');
  const [{ id: workspaceId }] = workspaces.workspaces;
  const { id } = await program.api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'terminal', meta: { command: ['bash'] } } });
  await program.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text: 'echo from the past\r' } });
  const { outputFrom, line } = await until('the command', async () => (await program.api(`/api/sessions/${id}/commands`)).commands.find(({ ended }: { ended: string | null }) => ended !== null));
  expect(line).toBe('echo from the past');
  const screen = await fetch(`${program.url}/api/sessions/${id}/screen?sequence=${outputFrom}`, { headers: { authorization: 'Bearer a-key-for-the-binary' } });
  expect([screen.status, await screen.text()]).toEqual([200, expect.stringContaining('echo from the past')]);
});

test('answers --version without a server', async () => {
  expect((await finished([join(folder, 'empty', 'dispatch')], ['--version'], {}, folder)).output).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('hides its memory and environment from other programs of its user', async () => {
  // A process that no other may look into belongs to root in /proc, whoever runs it.
  const nobody = 65534;
  const isRoot = process.getuid?.() === 0;
  const home = join(folder, 'nobody');
  mkdirSync(home);
  for (const open of [dirname(built), folder, join(folder, 'empty')]) chmodSync(open, 0o755);
  if (isRoot) chownSync(home, nobody, nobody);
  const asUser = isRoot ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : [];
  const environment = { HOME: home, DISPATCH_DATA: join(home, 'data'), DISPATCH_ROOTS: home, DISPATCH_KEY: 'a-key-for-the-binary', DISPATCH_NO_HOLDER: '1' };
  const hidden = await startProgram([...asUser, join(folder, 'empty', 'dispatch')], environment, home);
  expect(statSync(`/proc/${hidden.process.pid}/environ`).uid).toBe(0);
  await hidden.end('SIGTERM');
});
