// A server with something of everything, and the addresses of all its pages: for what must hold
// on each of them.

import { type ConversationServer, startConversationServer } from './conversation.ts';
import { Repository } from './repository.ts';
import { until } from './until.ts';

export interface Place {
  name: string;
  path: string;
  /** In the page once it is what it will be. */
  ready: string;
  /** For one who is not signed in. */
  stranger?: true;
  /** Brings the terminal's or the editor's island. */
  island?: true;
}

export interface Furnished extends ConversationServer {
  places: Place[];
  terminalId: string;
}

const LIVE = '#connection[data-state=live]';

export async function startFurnished(): Promise<Furnished> {
  const server = await startConversationServer();
  const { workspaceId: talk } = server;
  const { id: workspace, path: folder } = await server.workspace('house', { description: 'Where it all is', color: '#2f8f7b', settings: { terminal: { fontSize: 15 } } });
  const repository = new Repository(folder);
  repository.write('src/main.ts', 'export const answer = 41;\n\n/** Says it. */\nexport function say(): string {\n  return `It is ${answer}.`;\n}\n');
  repository.write('README.md', '# House\n\nA *small* one.\n');
  repository.commit('Begin');
  repository.write('src/main.ts', 'export const answer = 42;\n\n/** Says it. */\nexport function say(): string {\n  return `It is ${answer}.`;\n}\n');
  repository.write('notes.txt', 'one\ntwo\n');
  const terminal = await server.terminal(workspace, { command: ['bash', '-c', "printf '\\e[32mgreen\\e[0m and plain\\n'; exec cat"] });
  const ended = await server.terminal(workspace, { command: ['bash', '-c', 'echo gone; exit 3'] });
  const conversation = await server.conversation();
  await server.say(conversation, 'say hello');
  await server.rests(conversation);
  await server.say(conversation, 'permit paper.txt');
  await server.permission(conversation);
  const { body: files } = await server.api('/api/sessions', { method: 'POST', body: { workspaceId: workspace, kind: 'fileEditor' } });
  await server.api(`/api/sessions/${files.id}/open`, { method: 'POST', body: { path: 'src/main.ts' } });
  await until('the first output to be found', async () => (await server.api('/api/search?q=green')).body.results?.length > 0);
  const sessions = (id: string, rest = '') => `/sessions/${id}${rest}`;
  const workspaces = (rest = '') => `/workspaces/${workspace}${rest}`;
  const at = (name: string, path: string, ready = LIVE, more: Partial<Place> = {}): Place => ({ name, path, ready, ...more });
  return Object.assign(server, {
    terminalId: terminal.id,
    places: [
      at('home', '/'),
      at('workspaces', '/workspaces'),
      at('workspace', workspaces()),
      at('workspace of a conversation', `/workspaces/${talk}`),
      at('workbench', workspaces('/workbench'), LIVE, { island: true }),
      at('files', workspaces('/files')),
      at('a folder', workspaces('/files/src')),
      at('a file', workspaces('/files/src/main.ts?part=actions')),
      at('search in files', workspaces('/search-files?q=answer')),
      at('trash', workspaces('/trash')),
      at('changes', workspaces('/changes')),
      at('log', workspaces('/changes/log')),
      at('branches', workspaces('/changes/branches')),
      at('terminal', sessions(terminal.id), 'dispatch-terminal[data-state=live]', { island: true }),
      at('ended terminal', sessions(ended.id), 'dispatch-terminal[data-state=ended]', { island: true }),
      at('commands', sessions(terminal.id, '/commands')),
      at('replay', sessions(terminal.id, '/replay'), 'dispatch-replay[data-ready]', { island: true }),
      at('conversation', sessions(conversation)),
      at('editor', sessions(files.id, '?path=src/main.ts'), '#editor .cm-content', { island: true }),
      at('search', '/search?q=green'),
      at('inbox', '/inbox'),
      at('settings', '/settings'),
      at('folders', '/folders'),
      at('reference', '/reference'),
      at('nothing there', '/workspaces/none', 'main'),
      at('offline', '/offline', 'main'),
      at('sign-in', '/login', 'form', { stranger: true }),
    ],
  });
}
