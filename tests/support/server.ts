// A real server in this process, on a free port, with a data folder and a root of its own.

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../src/config.ts';
import { HolderClient } from '../../src/pty/holder/client.ts';
import type { Parts } from '../../src/routes/parts.ts';
import { processOf, sessionMembers, signal } from '../../src/pty/processes.ts';
import type { Session } from '../../src/sessions/session.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import type { Workspace } from '../../src/workspaces/workspace.ts';
import { emptyHome } from './home.ts';
import { until } from './until.ts';

export const TEST_KEY = 'a-key-for-the-tests-only';

export interface ApiAnswer {
  status: number;
  headers: Headers;
  /** JSON as it came; a text where it is none. */
  body: any; // Tests look into answers whose shape is what they test.
}

export interface TestServer {
  url: string;
  key: string;
  /** The only folder that workspaces may lie in. */
  root: string;
  dataFolder: string;
  running: RunningServer;
  parts: Parts;
  /** A request with the key, JSON in and out. */
  api(path: string, init?: { method?: string; body?: unknown; headers?: Record<string, string> }): Promise<ApiAnswer>;
  /** A new folder under the root as a workspace. */
  workspace(name?: string, metadata?: object): Promise<Workspace>;
  terminal(workspaceId: string, meta?: object): Promise<Session>;
  /** Ends the server; its folders go too, but where `keep`. */
  stop(keep?: boolean): Promise<void>;
}

export interface TestServerOptions {
  /** Folders of a server that ran before. */
  folders?: { root: string; dataFolder: string };
  /** Null: none is chosen, so one is made. */
  key?: string | null;
  environment?: Record<string, string>;
  config?: Partial<Config>;
  /** Whether programs outlive the server: without, tests are quicker, unless all are to have it. `keep` at the stop leaves the holder, too. */
  holder?: boolean;
}

export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'dispatch-test-')));
}

/** What is told of terminals holds for both ways to keep them: the same tests again. */
const ALL_HELD = process.env.DISPATCH_TEST_HOLDER === '1';

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const top = options.folders === undefined ? temporaryFolder() : undefined;
  const { root, dataFolder } = options.folders ?? { root: join(top ?? '', 'root'), dataFolder: join(top ?? '', 'data') };
  mkdirSync(root, { recursive: true });
  const environment = {
    ...process.env,
    HOME: emptyHome(),
    SHELL: '/bin/bash',
    PORT: '0',
    HOST: '127.0.0.1',
    DISPATCH_DATA: dataFolder,
    DISPATCH_ROOTS: root,
    DISPATCH_LOG: 'error',
    ...(options.key === null ? {} : { DISPATCH_KEY: options.key ?? TEST_KEY }),
    ...options.environment,
  };
  const running = await startServer({ ...readConfig([], environment), holder: options.holder ?? ALL_HELD, ...options.config }, environment);
  const { url, parts } = running;
  const key = options.key ?? running.madeKey ?? TEST_KEY;
  const api: TestServer['api'] = async (path, { method = 'GET', body, headers = {} } = {}) => {
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) };
  };
  const created = async (path: string, body: object) => {
    const answer = await api(path, { method: 'POST', body });
    if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  let count = 0;
  return {
    url,
    key,
    root,
    dataFolder,
    running,
    parts,
    api,
    workspace: (name = `work-${(count += 1)}`, metadata = {}) => created('/api/workspaces', { path: join(root, name), create: true, metadata }),
    terminal: (workspaceId, meta = {}) => created('/api/sessions', { workspaceId, kind: 'terminal', meta }),
    async stop(keep = false) {
      await running.stop();
      if (!keep) await endHolder(dataFolder);
      if (!keep && top !== undefined) rmSync(top, { recursive: true, force: true });
    },
  };
}

/** Ends the holder of a data folder, where there is one, with all that it has. */
export async function endHolder(dataFolder: string): Promise<void> {
  const client = new HolderClient({ dataFolder }); // In place of a server that is gone.
  const held = await client.find();
  if (held === undefined) return;
  const { pid = 0 } = client;
  for (const session of held) if (session.exit === null) for (const member of sessionMembers(session.pid)) signal(member.pid, 'SIGKILL');
  client.dispose();
  signal(pid, 'SIGTERM');
  await until('the end of the holder', () => processOf(pid) === undefined);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
