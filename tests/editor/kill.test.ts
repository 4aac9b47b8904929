// A server that is killed at any moment of typing and saving: what it acknowledged is there when
// it is back, unsaved, on any device; and the file is one of those that were saved.

import { expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dice, seedOf } from '../support/dice.ts';
import { EditingDevice } from '../support/documents.ts';
import { FROM_SOURCE, type RunningProgram, startProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/server.ts';

setDefaultTimeout(60_000);

const KILLS = 3;
const PATH = 'killed.txt';
/** Long enough that a few hundred of them make texts be kept in between. */
const word = (count: number): string => `<${count}>${'x'.repeat(1500)}\n`;

test('unsaved text outlives a server that is killed, wherever it was', async () => {
  const dice = new Dice(seedOf('KILL_SEED'));
  const folder = temporaryFolder();
  const root = join(folder, 'root', 'work');
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, PATH), '');
  const environment = { DISPATCH_DATA: join(folder, 'data'), DISPATCH_ROOTS: join(folder, 'root'), DISPATCH_KEY: 'a-key-for-this-test-only', DISPATCH_NO_HOLDER: '1' };
  let program: RunningProgram | undefined = await startProgram(FROM_SOURCE, environment);
  try {
    const { id: workspaceId } = await program.api('/api/workspaces', { method: 'POST', body: { path: root } });
    const { id } = await program.api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'fileEditor' } });
    const saved = new Set(['']);
    let acknowledged = 0;
    let count = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const running: RunningProgram = program ?? (await startProgram(FROM_SOURCE, environment));
      program = running;
      const ask = async (path: string, body?: object) => {
        const answer = await running.api(`/api/sessions/${id}/${path}`, body === undefined ? {} : { method: 'POST', body });
        return { status: answer?.error === undefined ? 200 : 409, headers: new Headers(), body: answer };
      };
      expect(await running.api(`/api/sessions/${id}`)).toMatchObject({ status: 'active' });
      const device = new EditingDevice(ask, PATH);
      await device.open(`page-${kill}`);
      for (let index = 1; index <= acknowledged; index += 1) expect(device.text.split(`<${index}>`).length).toBe(2);
      // The file is as some save left it: whole.
      expect(saved).toContain(readFileSync(join(root, PATH), 'utf8'));
      const document = (await ask('documents')).body.documents[0];
      expect(document.conflict).toBeNull();
      count = [...device.text.matchAll(/<(\d+)>/g)].reduce((most, [, number]) => Math.max(most, Number(number)), 0);
      const refused: unknown[] = [];
      const killed = Bun.sleep(dice.between(100, 500)).then(() => running.end('SIGKILL'));
      try {
        for (;;) {
          count += 1;
          device.type({ changes: { from: device.state.doc.length, insert: word(count) } });
          await device.push();
          acknowledged = count;
          if (!dice.chance(0.1)) continue;
          saved.add(device.text);
          const { status, body } = await ask('save', { path: PATH });
          if (status !== 200) refused.push(body);
        }
      } catch (error) {
        // The server is gone in the middle of a request: what it was doing is not promised.
        if (error instanceof Error && error.message.startsWith('It answered')) refused.push(error.message);
      }
      await killed;
      expect(refused).toEqual([]);
      program = undefined;
    }
    expect(acknowledged).toBeGreaterThan(50);
  } finally {
    await program?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
