// Conversations over JSON: say something, decide what the agent asks, choose its mode, take a
// turn back. What is read comes from the log, live or not.

import { Elysia, t } from 'elysia';
import { apiAgent } from '../agent/agents.ts';
import type { Conversation } from '../agent/conversation.ts';
import { alreadyDecided, apiPermission, apiQuestion } from '../agent/requests.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Session } from '../sessions/session.ts';
import {
  AgentsSchema,
  AnswerBody,
  ConfigBody,
  ConfigSchema,
  DecisionBody,
  EditBody,
  PermissionSchema,
  PermissionsSchema,
  Prompt,
  PromptBody,
  QuestionSchema,
  QuestionsSchema,
  QueueSchema,
  SaidSchema,
} from './agent-schema.ts';
import { callerClient } from './client.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';
import { SessionSchema } from './session-schema.ts';

const detail = (summary: string, description?: string) => ({
  tags: ['conversations'],
  summary,
  ...(description === undefined ? {} : { description }),
});

const COPY = ' (copy)';

export function agentRoutes(parts: Parts) {
  return new Elysia().use(promptRoutes(parts)).use(requestRoutes(parts)).use(choiceRoutes(parts));
}

/** The session, which is a conversation. @throws AppError not_found, conflict */
export function conversationSession({ sessions }: Parts, id: string): Session {
  const session = sessions.get(id);
  if (session.kind !== 'claude') throw new AppError('conflict', 'This session is no conversation with an agent.');
  return session;
}

/** The live conversation. @throws AppError not_found, conflict */
export function liveConversation(parts: Parts, id: string): Conversation {
  conversationSession(parts, id);
  parts.sessions.program(id);
  const conversation = parts.conversations.kind.conversation(id);
  if (conversation === undefined) throw new AppError('conflict', 'The session has ended: resume it first.', { conflict: { sessions: [id] } });
  return conversation;
}

function promptRoutes(parts: Parts) {
  const { sessions, workspaces, conversations } = parts;
  return new Elysia()
    .post(
      '/api/sessions/:id/prompt',
      ({ params, body, request, status }) => {
        const conversation = liveConversation(parts, params.id);
        const workspace = workspaces.get(sessions.get(params.id).workspaceId);
        const prompt = conversations.kind.promptOf(params.id, workspace, body, callerClient(parts, request));
        return status(202, { prompt, state: conversation.prompt(prompt) });
      },
      {
        body: PromptBody,
        response: { 202: SaidSchema },
        detail: detail(
          'Say something to the agent',
          'While it works the prompt is queued. `images` are ids of attachments, `resources` are paths inside the workspace.',
        ),
      },
    )
    .post(
      '/api/sessions/:id/cancel',
      ({ params, request }) => ({ cancelled: liveConversation(parts, params.id).turns.cancel(callerClient(parts, request)) }),
      {
        response: t.Object({ cancelled: t.Boolean() }),
        detail: detail('Cancel the turn', 'What waits in the queue stays there. `false` where the agent rests already.'),
      },
    )
    .get('/api/sessions/:id/prompts', async ({ params }) => ({ prompts: (await transcriptOf(parts, params.id)).queue }), {
      response: QueueSchema,
      detail: detail('Prompts that wait'),
    })
    .patch(
      '/api/sessions/:id/prompts/:prompt',
      ({ params, body, request }) => liveConversation(parts, params.id).turns.queue.edit(params.prompt, body.text, callerClient(parts, request)),
      { body: EditBody, response: Prompt, detail: detail('Change a prompt that waits', '409 once it has gone to the agent.') },
    )
    .delete(
      '/api/sessions/:id/prompts/:prompt',
      ({ params, request, set }) => {
        liveConversation(parts, params.id).turns.queue.remove(params.prompt, callerClient(parts, request));
        set.status = 204;
      },
      { detail: detail('Take a prompt back that waits') },
    )
    .post(
      '/api/sessions/:id/prompts/:prompt/send',
      ({ params, set }) => {
        liveConversation(parts, params.id).turns.sendQueued(params.prompt);
        set.status = 204;
      },
      { detail: detail('Let a prompt go that waits', '409 while the agent works.') },
    );
}

function requestRoutes(parts: Parts) {
  return new Elysia()
    .get(
      '/api/sessions/:id/permissions',
      async ({ params }) => {
        const requests = (await transcriptOf(parts, params.id)).requests();
        return { permissions: requests.filter(({ type }) => type === 'permission').map(apiPermission) };
      },
      { response: PermissionsSchema, detail: detail('Permissions that the agent asked for', 'Oldest first; `decision` is null while one waits.') },
    )
    .post(
      '/api/sessions/:id/permissions/:permission',
      async ({ params, body, request }) => {
        await decidedAlready(parts, params.id, params.permission);
        return apiPermission(liveConversation(parts, params.id).requests.decide(params.permission, body.optionId, callerClient(parts, request)));
      },
      {
        body: DecisionBody,
        response: PermissionSchema,
        detail: detail('Decide', 'The first decision wins: a later one is 409 with `conflict.decision`, the one that stands.'),
      },
    )
    .get(
      '/api/sessions/:id/questions',
      async ({ params }) => {
        const requests = (await transcriptOf(parts, params.id)).requests();
        return { questions: requests.filter(({ type }) => type === 'question').map(apiQuestion) };
      },
      { response: QuestionsSchema, detail: detail('Questions that the agent asked') },
    )
    .post(
      '/api/sessions/:id/questions/:question',
      async ({ params, body, request }) => {
        await decidedAlready(parts, params.id, params.question);
        const { requests } = liveConversation(parts, params.id);
        return apiQuestion(requests.answer(params.question, body.action, body.content ?? {}, callerClient(parts, request)));
      },
      { body: AnswerBody, response: QuestionSchema, detail: detail('Answer a question', '`content` by the names of the question’s properties.') },
    );
}

function choiceRoutes(parts: Parts) {
  const { conversations, workspaces, sessions } = parts;
  const configOf = async (id: string) => {
    const { config } = await transcriptOf(parts, id);
    const options = config.map(({ legacyMode: _, ...option }) => option);
    return { options, commands: [...(conversations.kind.conversation(id)?.commands ?? [])] };
  };
  return new Elysia()
    .get('/api/sessions/:id/config', ({ params }) => configOf(params.id), {
      response: ConfigSchema,
      detail: detail('What can be chosen, and the slash commands', 'As the agent lists them.'),
    })
    .patch(
      '/api/sessions/:id/config',
      async ({ params, body, request }) => {
        await liveConversation(parts, params.id).choose(body, callerClient(parts, request));
        return configOf(params.id);
      },
      {
        body: ConfigBody,
        response: ConfigSchema,
        detail: detail('Choose', 'A map of options to values: by id, or `mode` and `model` by what they are.'),
      },
    )
    .post(
      '/api/sessions/:id/fork',
      async ({ params, status, set }) => {
        const { id } = await forked(parts, params.id);
        set.headers.location = `/api/sessions/${id}`;
        return status(201, sessions.get(id));
      },
      { response: { 201: SessionSchema }, detail: detail('Begin another conversation from a copy of this one') },
    )
    .get(
      '/api/agents',
      ({ query }) => {
        const metadata = query.workspaceId === undefined ? {} : workspaces.get(query.workspaceId).metadata;
        return { agents: conversations.agents(metadata).map(apiAgent) };
      },
      {
        query: queryOf({ workspaceId: t.Optional(t.String()) }),
        response: AgentsSchema,
        detail: detail('Agents that there are', 'With what is missing, the line that installs it and the command that signs in.'),
      },
    );
}

/** Another conversation from a copy of this one, set as this one is. @throws AppError not_found, conflict */
export async function forked(parts: Parts, id: string): Promise<Session> {
  const { workspaceId, name, meta } = conversationSession(parts, id);
  const { can } = await parts.conversations.transcripts.get(id);
  if (typeof meta.agentSessionId !== 'string' || can === undefined) throw new AppError('conflict', 'There is nothing to copy yet.');
  if (can.fork !== true) throw new AppError('conflict', 'This agent cannot copy a conversation.');
  const { agentSessionId: forkFrom, forkFrom: _, ...kept } = meta;
  const copy = `${name.slice(0, limits.sessionNameLengthMax - COPY.length).toWellFormed()}${COPY}`;
  return parts.sessions.create({ workspaceId, kind: 'claude', name: copy, meta: { ...kept, forkFrom } });
}

function transcriptOf(parts: Parts, id: string) {
  conversationSession(parts, id);
  return parts.conversations.transcripts.get(id);
}

/** The decision that stands, and whose it is, comes before the reason that the session has ended. */
export async function decidedAlready(parts: Parts, id: string, request: string): Promise<void> {
  const known = (await transcriptOf(parts, id)).requests().find((one) => one.id === request);
  if (known === undefined) throw new AppError('not_found', 'There is no such request.');
  if (known.decision === null) return;
  const { by } = known.decision;
  const device = parts.auth.devices().find(({ id: one }) => one === by);
  throw alreadyDecided(known.decision, device?.name ?? (by === 'api' ? 'a program' : 'another device'));
}
