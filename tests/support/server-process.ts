// The server as a process of its own, with the small agent in its settings: to be killed.

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FROM_SOURCE, type RunningProgram, startProgram } from './program.ts';
import { endHolder, TEST_KEY } from './server.ts';

const FIXTURE = resolve(import.meta.dir, '../fixtures/agent.ts');

export interface ServerProcess extends RunningProgram {
  /** Signs a browser in: the address of a one-time link. */
  link(): Promise<string>;
  /** Ends it, and what it left in a holder. */
  stop(): Promise<void>;
  /** A conversation in a workspace of its own; with the small agent where no other is named. */
  conversation(meta?: object, metadata?: object): Promise<{ id: string; workspaceId: string }>;
}

/** Data folder and root are in `folder`. Without `holder` its programs end with it. */
export async function startServerProcess(folder: string, { holder = true } = {}): Promise<ServerProcess> {
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  const program = await startProgram(FROM_SOURCE, {
    DISPATCH_DATA: join(folder, 'data'),
    DISPATCH_ROOTS: root,
    DISPATCH_KEY: TEST_KEY,
    HOST: '127.0.0.1',
    ...(holder ? {} : { DISPATCH_NO_HOLDER: '1' }),
  });
  const { api } = program;
  const agents = { fixture: { label: 'Fixture', command: [process.execPath, FIXTURE], env: {} } };
  await api('/api/settings/agents', { method: 'PATCH', body: { agents } });
  return Object.assign(program, {
    link: async () => /https?:\S+\/login\/link\?token=\S+/.exec(program.output())?.[0] ?? '',
    async stop() {
      await program.end('SIGTERM');
      await endHolder(join(folder, 'data'));
    },
    async conversation(meta = { agent: 'fixture' }, metadata = {}) {
      const { id: workspaceId } = await api('/api/workspaces', { method: 'POST', body: { path: join(root, 'work'), create: true, metadata } });
      const { id } = await api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'claude', meta } });
      return { id, workspaceId };
    },
  });
}
