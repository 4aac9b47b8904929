// What the command line does with sessions, over a running server and without one.

import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished, FROM_SOURCE } from '../support/program.ts';
import { Survivor } from '../support/survivor.ts';

setDefaultTimeout(60_000);

let survivor: Survivor;
beforeEach(() => {
  survivor = new Survivor();
});
afterEach(() => survivor.dispose());

const dispatch = (args: string[], cwd = survivor.folder, more: Record<string, string> = {}) =>
  finished(FROM_SOURCE, args, { DISPATCH_DATA: survivor.dataFolder, HOME: survivor.folder, ...more }, cwd);

test('new starts a terminal in the present folder, ls shows it, stop ends it', async () => {
  await survivor.start();
  expect((await dispatch(['ls'])).output).toContain('There is no session');
  const made = await dispatch(['new', '--', 'sh', '-c', 'pwd; exec cat'], join(survivor.folder, 'root'));
  const [id = '', address] = made.output.split('\n');
  expect(address).toBe(`${survivor.url}/sessions/${id}`);
  await survivor.prints(id, `${join(survivor.folder, 'root')}\r\n`);
  const again = await dispatch(['new', '--', 'cat'], join(survivor.folder, 'root'));
  expect(again.exitCode).toBe(0);
  const listed = (await dispatch(['ls'])).output.trim().split('\n');
  expect(listed.sort()[0]).toMatch(new RegExp(`^${id}  terminal  active  sh$`));
  expect(listed).toHaveLength(2);
  expect(await dispatch(['stop', id])).toEqual({ exitCode: 0, output: '1 program was ended.\n' });
  expect((await survivor.api(`/api/sessions/${id}`)).status).toBe('stopped');
  expect((await dispatch(['stop', 'none'])).output).toContain('no such session');
  expect((await dispatch(['new'], '/')).output).toMatch(/^dispatch: /);
});

test('stop --all ends what lives on without a server, and the next server knows how it ended', async () => {
  await survivor.start();
  const id = await survivor.terminal(['sh', '-c', 'trap "exit 5" HUP; echo ready; while :; do sleep 0.1; done']);
  await survivor.prints(id, 'ready');
  await survivor.kill();
  const said = join(survivor.dataFolder, 'server.json');
  // Its process id is another program's by now.
  writeFileSync(said, readFileSync(said, 'utf8').replace(/"pid":\d+/, `"pid":${process.pid}`));
  expect((await dispatch(['stop'])).output).toContain('--all');
  expect(await dispatch(['stop', '--all'])).toEqual({ exitCode: 0, output: '1 program was ended.\n' });
  expect(await dispatch(['stop', '--all'])).toEqual({ exitCode: 0, output: '0 programs were ended.\n' });
  await survivor.start();
  expect(await survivor.ended(id)).toMatchObject({ status: 'stopped', exitCode: 5 });
});

test('service writes a unit under which the holder outlives a restart, and never over one that is not ours', async () => {
  const config = join(survivor.folder, 'config');
  const more = { XDG_CONFIG_HOME: config, PORT: '4040', DISPATCH_ROOTS: survivor.folder };
  const { exitCode, output } = await dispatch(['service'], survivor.folder, more);
  expect(exitCode).toBe(0);
  expect(output).toContain('systemctl --user enable --now dispatch');
  const file = join(config, 'systemd', 'user', 'dispatch.service');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const unit = readFileSync(file, 'utf8');
  expect(unit).toContain('\nKillMode=process\n');
  expect(unit).toContain('\nOOMPolicy=continue\n');
  expect(unit).toContain('\nEnvironment="PATH=');
  expect(unit).toContain(`\nExecStart=${FROM_SOURCE.map((word) => `"${word}"`).join(' ')}\n`);
  expect(unit).toContain(`\nEnvironment="DISPATCH_DATA=${survivor.dataFolder}"\n`);
  expect(unit).toContain('\nEnvironment="PORT=4040"\n');
  expect((await dispatch(['service'], survivor.folder, more)).exitCode).toBe(0);
  writeFileSync(file, '[Unit]\n');
  expect((await dispatch(['service'], survivor.folder, more)).output).toContain('not ours');
  expect(readFileSync(file, 'utf8')).toBe('[Unit]\n');
});
