// A server with the small agent of tests/fixtures in its settings, and conversations with it.

import { resolve } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Session } from '../../src/sessions/session.ts';
import { signedIn } from './browser.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './server.ts';
import { until } from './until.ts';

const FIXTURE = resolve(import.meta.dir, '../fixtures/agent.ts');

export interface ConversationServer extends TestServer {
  workspaceId: string;
  /** A conversation with the small agent, which rests; `flags` as in tests/fixtures/agent.ts. */
  conversation(flags?: string[], meta?: object): Promise<string>;
  /** Starts one without waiting for what becomes of it. */
  begin(flags?: string[], meta?: object): Promise<Session>;
  say(id: string, text: string, more?: object): Promise<any>;
  /** Data of the events of these types, in order. */
  events(id: string, ...types: string[]): Promise<any[]>;
  /** All that the agent said. */
  said(id: string): Promise<string>;
  rests(id: string): Promise<Session>;
  session(id: string): Promise<Session>;
  permission(id: string): Promise<any>;
}

export async function startConversationServer(options: TestServerOptions = {}): Promise<ConversationServer> {
  const server = await startTestServer(options);
  const { api } = server;
  const { id: workspaceId } = options.folders === undefined ? await server.workspace('talk') : (await api('/api/workspaces')).body.workspaces[0];
  const agentsSet = new Set<string>();
  const agentOf = async (flags: string[]): Promise<string> => {
    const id = ['fixture', ...flags.map((flag) => flag.slice(2))].join('-');
    if (!agentsSet.has(id)) {
      const { agents } = (await api('/api/settings/agents')).body;
      const agent = { label: 'Fixture', command: [process.execPath, FIXTURE, ...flags], env: {} };
      await api('/api/settings/agents', { method: 'PATCH', body: { agents: { ...agents, [id]: agent } } });
      agentsSet.add(id);
    }
    return id;
  };
  const history = async (id: string): Promise<any[]> => {
    const events: any[] = [];
    for (let after = 0; ; ) {
      const { body } = await api(`/api/sessions/${id}/history?limit=1000&after=${after}`);
      events.push(...body.events);
      if (!body.hasMore) return events;
      after = body.nextSequence;
    }
  };
  const session = async (id: string): Promise<Session> => (await api(`/api/sessions/${id}`)).body;
  const begin = async (flags: string[] = [], meta = {}): Promise<Session> => {
    const agent = await agentOf(flags);
    const answer = await api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'claude', meta: { agent, ...meta } } });
    if (answer.status !== 201) throw new Error(`It answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const rests = (id: string): Promise<Session> =>
    until('the agent to rest', async () => {
      const now = await session(id);
      return now.activity.state === 'idle' ? now : undefined;
    });
  return Object.assign(server, {
    workspaceId,
    session,
    begin,
    rests,
    async conversation(flags: string[] = [], meta = {}) {
      const { id } = await begin(flags, meta);
      await rests(id);
      return id;
    },
    say: async (id: string, text: string, more = {}) => (await api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text, ...more } })).body,
    events: async (id: string, ...types: string[]) => (await history(id)).filter(({ type }) => types.includes(type)).map(({ data }) => data),
    said: async (id: string) => (await history(id)).filter(({ type }) => type === 'message').map(({ data }) => data.text).join(''),
    permission: (id: string) =>
      until('a permission to be asked for', async () => (await api(`/api/sessions/${id}/permissions`)).body.permissions.find((one: any) => one.decision === null)),
  });
}

/** The page of a conversation in a context of its own, which hears the news; what a browser complains of goes to `troubles`. */
export async function openConversation(browser: Browser, server: TestServer, id: string, troubles: string[], options: BrowserContextOptions = {}): Promise<Page> {
  const page = await signedIn(browser, server, options);
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  await page.goto(`${server.url}/sessions/${id}`);
  await page.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
  return page;
}
