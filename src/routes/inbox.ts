// All that waits on a person, over all workspaces: what agents ask, turns that finished unseen,
// terminals that called.

import { Elysia } from 'elysia';
import type { AgentRequest } from '../agent/requests.ts';
import { apiPermission, apiQuestion } from '../agent/requests.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Session } from '../sessions/session.ts';
import type { InboxEntry } from '../views/inbox.tsx';
import { InboxSchema } from './agent-schema.ts';
import { callerClient } from './client.ts';
import type { Parts } from './parts.ts';

export interface InboxItem {
  session: Session;
  why: 'permission' | 'question' | 'finished' | 'interrupted' | 'failed' | 'bell' | 'ended';
  /** ISO 8601 UTC. */
  since: string;
  detail: string | null;
  request: AgentRequest | undefined;
}

export function inboxRoutes(parts: Parts) {
  return new Elysia()
    .get('/api/inbox', () => ({ items: inboxItems(parts).map(apiItem) }), {
      response: InboxSchema,
      detail: { tags: ['inbox'], summary: 'What waits on you', description: 'Oldest first. Changes are told by `inbox` of /api/events.' },
    })
    .post(
      '/api/sessions/:id/seen',
      ({ params, request, set }) => {
        parts.sessions.get(params.id);
        parts.conversations.inbox.seen(params.id, callerClient(parts, request));
        set.status = 204;
      },
      { detail: { tags: ['inbox'], summary: 'Say that you have seen how the session stands' } },
    );
}

/** Oldest first; where there are too many, what somebody waits for an answer to is not what is left out. */
export function inboxItems({ sessions, conversations }: Parts): InboxItem[] {
  const asked = conversations.kind.conversations().flatMap(([id, { requests }]) =>
    requests.pending().map((request) => ({ id, why: request.type, at: request.requested, detail: request.title, request })),
  );
  const asking = new Set(asked.map(({ id }) => id));
  const marked = conversations.inbox
    .marks()
    .filter(({ sessionId }) => !asking.has(sessionId))
    .map(({ sessionId, why, since, detail }) => ({ id: sessionId, why, at: since, detail, request: undefined }));
  return [...asked.sort(byTime), ...marked]
    .slice(0, limits.inboxItemsMax)
    .sort(byTime)
    .flatMap(({ id, why, at, detail, request }) => {
      const session = unlessGone(() => sessions.get(id));
      return session === undefined ? [] : [{ session, why, since: new Date(at).toISOString(), detail, request }];
    });
}

/** The same, each with its workspace, as pages show them. */
export function inboxEntries(parts: Parts): InboxEntry[] {
  return inboxItems(parts).map((item) => ({ ...item, workspace: parts.workspaces.get(item.session.workspaceId) }));
}

function byTime(one: { at: number }, other: { at: number }): number {
  return one.at - other.at;
}

function apiItem({ session, why, since, detail, request }: InboxItem) {
  const { id, workspaceId, kind, name } = session;
  return {
    sessionId: id,
    workspaceId,
    kind,
    why,
    since,
    name,
    detail,
    ...(request?.type === 'permission' ? { permission: apiPermission(request) } : {}),
    ...(request?.type === 'question' ? { question: apiQuestion(request) } : {}),
  };
}

function unlessGone(get: () => Session): Session | undefined {
  try {
    return get();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
