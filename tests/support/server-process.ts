// The server as a process of its own, with the small agent in its settings: to be killed.

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FROM_SOURCE, type RunningProgram, startProgram } from './program.ts';
import { TEST_KEY } from './server.ts';

const FIXTURE = resolve(import.meta.dir, '../fixtures/agent.ts');

export interface ServerProcess extends RunningProgram {
  /** A conversation in a workspace of its own, which is made where it is missing. */
  conversation(): Promise<{ id: string; workspaceId: string }>;
}

/** Data folder and root are in `folder`. */
export async function startServerProcess(folder: string): Promise<ServerProcess> {
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  const program = await startProgram(FROM_SOURCE, {
    DISPATCH_DATA: join(folder, 'data'),
    DISPATCH_ROOTS: root,
    DISPATCH_KEY: TEST_KEY,
    HOST: '127.0.0.1',
  });
  const { api } = program;
  const agents = { fixture: { label: 'Fixture', command: [process.execPath, FIXTURE], env: {} } };
  await api('/api/settings/agents', { method: 'PATCH', body: { agents } });
  return Object.assign(program, {
    async conversation() {
      const { id: workspaceId } = await api('/api/workspaces', { method: 'POST', body: { path: join(root, 'work'), create: true } });
      const { id } = await api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'claude', meta: { agent: 'fixture' } } });
      return { id, workspaceId };
    },
  });
}
