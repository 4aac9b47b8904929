// `dispatch ls` and `dispatch new`: sessions over the running server.

import { realpathSync } from 'node:fs';
import { ask, type Environment, noMore, running } from './ask.ts';

export async function list(environment: Environment, args: readonly string[]): Promise<string[]> {
  noMore(args);
  const { sessions } = await ask(environment, 'GET', '/api/sessions?limit=1000');
  if (!Array.isArray(sessions) || sessions.length === 0) return ['There is no session: `dispatch new` starts one.'];
  const rows = sessions.map(({ id, kind, status, name, statusReason }) => [id, kind, status, statusReason === null ? name : `${name}  (${statusReason})`]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows.map((row) => row.map((cell, column) => String(cell).padEnd(widths[column] ?? 0)).join('  ').trimEnd());
}

/** In the workspace of the present folder, which is made where there is none. */
export async function create(environment: Environment, command: readonly string[]): Promise<string[]> {
  const { id } = await workspaceOf(environment, realpathSync(process.cwd()));
  const meta = command.length === 0 ? {} : { command: [...command] };
  const session = await ask(environment, 'POST', '/api/sessions', { workspaceId: id, kind: 'terminal', meta });
  const failed = session.status === 'error' ? [String(session.statusReason)] : [];
  return [String(session.id), `${running(environment).url}/sessions/${String(session.id)}`, ...failed];
}

async function workspaceOf(environment: Environment, path: string): Promise<Record<string, unknown>> {
  for (let offset = 0, more = true; more; offset += 1000) {
    const { workspaces, pagination } = await ask(environment, 'GET', `/api/workspaces?limit=1000&offset=${offset}`);
    const found = Array.isArray(workspaces) ? workspaces.find((workspace) => workspace.path === path) : undefined;
    if (found !== undefined) return found;
    more = typeof pagination === 'object' && pagination !== null && 'hasMore' in pagination && pagination.hasMore === true;
  }
  return ask(environment, 'POST', '/api/workspaces', { path });
}
