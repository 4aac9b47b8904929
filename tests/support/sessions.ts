// Sessions over the real parts (a database in a temporary folder, terminals with real PTYs),
// without a server: for what the core does by itself.

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Changes } from '../../src/changes.ts';
import { Events } from '../../src/db/events.ts';
import { type OpenDatabase, openDatabase } from '../../src/db/open.ts';
import { Packing } from '../../src/db/packing.ts';
import { Packs } from '../../src/db/packs.ts';
import { Pruning } from '../../src/db/pruning.ts';
import { workspaces as workspaceTable } from '../../src/db/schema.ts';
import { SessionRows } from '../../src/db/sessions.ts';
import type { JsonObject } from '../../src/json.ts';
import type { RecordInput } from '../../src/pty/input.ts';
import { TerminalKind } from '../../src/pty/kind.ts';
import type { Terminal } from '../../src/pty/terminal.ts';
import type { LogEvent } from '../../src/sessions/event.ts';
import type { Session } from '../../src/sessions/session.ts';
import { Sessions } from '../../src/sessions/sessions.ts';
import type { Workspace } from '../../src/workspaces/workspace.ts';
import { emptyHome } from './home.ts';
import { until } from './until.ts';

export interface SessionParts {
  folder: string;
  dataFolder: string;
  database: OpenDatabase;
  events: Events;
  packing: Packing;
  pruning: Pruning;
  rows: SessionRows;
  changes: Changes;
  terminals: TerminalKind;
  sessions: Sessions;
  workspace: Workspace;
  /** What the setting terminal.recordInput says now. */
  recordInput: RecordInput;
  /** A terminal that runs `script` in sh. */
  sh(script: string, meta?: JsonObject): Promise<Session>;
  terminal(id: string): Terminal;
  log(id: string): LogEvent[];
  /** All that a session printed, as latin1 so that nothing is lost. */
  output(id: string): string;
  printed(id: string, text: string): Promise<void>;
  stop(keep?: boolean): Promise<void>;
}

const WORKSPACE = '0198c000-0000-7000-8000-000000000001';

/** Nobody looks, and no program's question is answered. */
const NO_SCREENS = { follow() {}, signal() {}, keep() {}, ended() {}, drop() {} };

export function openSessions(top = realpathSync(mkdtempSync(join(tmpdir(), 'dispatch-test-'))), environment: Record<string, string> = {}): SessionParts {
  const folder = join(top, 'work');
  const dataFolder = join(top, 'data');
  mkdirSync(folder, { recursive: true });
  const database = openDatabase(dataFolder);
  const workspace: Workspace = {
    id: WORKSPACE,
    name: 'work',
    path: folder,
    status: 'active',
    statusReason: null,
    metadata: {},
    created: new Date().toISOString(),
    lastAccessed: new Date().toISOString(),
    sessionCounts: { total: 0, starting: 0, active: 0, stopped: 0, error: 0 },
  };
  const row = { id: WORKSPACE, name: 'work', path: folder, status: 'active' as const, metadata: {}, created: 0, lastAccessed: 0 };
  database.db.insert(workspaceTable).values(row).onConflictDoNothing().run();
  const changes = new Changes();
  const packs = new Packs(database.db);
  const events = new Events(database, packs);
  const rows = new SessionRows(database.db);
  const terminals = new TerminalKind({
    insideWorkspace: (inside, candidate) => join(inside, candidate),
    recordInput: () => parts.recordInput,
    defaultShell: () => '/bin/bash',
    environment: { ...process.env, HOME: emptyHome(), SHELL: '/bin/bash', ...environment },
    screens: () => NO_SCREENS,
    derivedThrough: () => 0,
  });
  const sessions = new Sessions({ rows, events, kinds: [terminals], workspaces: { get: () => workspace, touch: () => {} }, changes });
  const parts: SessionParts = {
    folder,
    dataFolder,
    database,
    events,
    packing: new Packing(database, packs),
    pruning: new Pruning(database.db, packs),
    rows,
    changes,
    terminals,
    sessions,
    workspace,
    recordInput: 'redact',
    sh: (script, meta = {}) =>
      sessions.create({ workspaceId: WORKSPACE, kind: 'terminal', meta: { command: ['sh', '-c', script], ...meta } }),
    terminal(id) {
      const terminal = terminals.terminal(id);
      if (terminal === undefined) throw new Error('The terminal is not live.');
      return terminal;
    },
    log: (id) => events.read(id, { after: 0, upTo: Number.MAX_SAFE_INTEGER, limit: 1_000_000, bytesMax: Number.MAX_SAFE_INTEGER }).events,
    output: (id) => outputOf(parts.log(id)).toString('latin1'),
    async printed(id, text) {
      await until(() => `${JSON.stringify(text)} in ${JSON.stringify(parts.output(id).slice(-500))}`, () => parts.output(id).includes(text));
    },
    async stop(keep = false) {
      await sessions.shutdown();
      database.dispose();
      if (!keep) rmSync(top, { recursive: true, force: true });
    },
  };
  return parts;
}

/** Bytes of the program's output, joined. */
export function outputOf(log: readonly LogEvent[]): Buffer {
  return Buffer.concat(log.flatMap((event) => (event.type === 'output' && event.data instanceof Uint8Array ? [event.data] : [])));
}

export async function ended(parts: SessionParts, id: string): Promise<Session> {
  await until('the session to end', () => parts.sessions.get(id).status === 'stopped');
  return parts.sessions.get(id);
}
