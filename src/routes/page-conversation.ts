// The page of a conversation: its parts for the script, and every form on it.

import { Elysia, t } from 'elysia';
import type { Agent } from '../agent/agents.ts';
import type { Conversation } from '../agent/conversation.ts';
import { revoke } from '../agent/rules.ts';
import { AppError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import { isLive } from '../sessions/session.ts';
import { conversationEarlier, conversationNews, conversationPage, conversationTile } from '../views/conversation.tsx';
import { conversationSession, decidedAlready, forked, liveConversation } from './agents.ts';
import { callerClient } from './client.ts';
import { conversationView } from './conversation-view.ts';
import { html } from './html.ts';
import { goTo, HIDDEN, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const closed = { additionalProperties: false } as const;
const Sequence = t.Optional(t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }));
const Many = t.Optional(t.Union([t.String(), t.Array(t.String())]));
/** `prompt` is an id that a page gives, so that a prompt whose answer was lost is not said twice. */
const PromptForm = t.Object({ text: t.String(), prompt: t.Optional(t.String({ pattern: '^[0-9a-f-]{36}$' })), images: Many, resources: Many }, closed);
const TextForm = t.Object({ text: t.String() }, closed);
const DecisionForm = t.Object({ optionId: t.String() }, closed);
const AnyForm = t.Optional(t.Record(t.String(), t.Union([t.String(), t.Array(t.String())])));
const RuleForm = t.Object({ rule: t.String() }, closed);
const AgentForm = t.Optional(t.Object({ agent: t.Optional(t.String()), text: t.Optional(t.String()) }, closed));

export function conversationPageRoutes(parts: Parts) {
  return new Elysia().use(shown(parts)).use(said(parts)).use(decided(parts)).use(set(parts)).use(begun(parts));
}

/** The page itself, for the route that all kinds of session share. */
export async function conversationAnswer(parts: Parts, request: Request, id: string, before?: number): Promise<Response> {
  return html(conversationPage(await conversationView(parts, request, id, { before })));
}

/** The same for a tile beside others. */
export async function conversationTileAnswer(parts: Parts, request: Request, id: string): Promise<Response> {
  return html(conversationTile(await conversationView(parts, request, id, { tile: true })));
}

function shown(parts: Parts) {
  return new Elysia().get(
    '/sessions/:id/transcript',
    async ({ params, query, request }) => {
      const view = await conversationView(parts, request, params.id, query);
      return html(query.after === undefined ? conversationEarlier(view) : conversationNews(view));
    },
    { query: queryOf({ after: Sequence, before: Sequence, tile: t.Optional(t.Boolean()) }), ...HIDDEN },
  );
}

/** Done: a page without script goes back to the conversation, one with it hears by news. */
function done(request: Request, id: string): Response {
  return wantsPart(request) ? new Response(null, { status: 204 }) : goTo(request, `/sessions/${id}#dock`);
}

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

function said(parts: Parts) {
  const queueOf = (id: string) => liveConversation(parts, id).turns;
  return new Elysia()
    .post(
      '/sessions/:id/prompt',
      async ({ params, body, request }) => {
        const { id } = params;
        const given = { id: body.prompt, text: body.text.replaceAll('\r\n', '\n'), images: listOf(body.images), resources: listOf(body.resources) };
        try {
          const { workspaceId } = conversationSession(parts, id);
          const prompt = parts.conversations.kind.promptOf(id, parts.workspaces.get(workspaceId), given, callerClient(parts, request));
          const transcript = await parts.conversations.transcripts.get(id);
          if (!transcript.knows(prompt.id)) (await resumed(parts, id)).prompt(prompt);
        } catch (error) {
          if (wantsPart(request) || !(error instanceof AppError) || error.code === 'not_found') throw error;
          const view = await conversationView(parts, request, id, {}, { typed: body.text, problem: error.message });
          return html(conversationPage(view), error.status);
        }
        return done(request, id);
      },
      { body: PromptForm, ...HIDDEN },
    )
    .post(
      '/sessions/:id/cancel',
      ({ params, request }) => {
        liveConversation(parts, params.id).turns.cancel(callerClient(parts, request));
        return done(request, params.id);
      },
      HIDDEN,
    )
    .post(
      '/sessions/:id/prompts/:prompt/edit',
      ({ params, body, request }) => {
        queueOf(params.id).queue.edit(params.prompt, body.text.replaceAll('\r\n', '\n'), callerClient(parts, request));
        return done(request, params.id);
      },
      { body: TextForm, ...HIDDEN },
    )
    .post(
      '/sessions/:id/prompts/:prompt/remove',
      ({ params, request }) => {
        queueOf(params.id).queue.remove(params.prompt, callerClient(parts, request));
        return done(request, params.id);
      },
      HIDDEN,
    )
    .post(
      '/sessions/:id/prompts/:prompt/send',
      ({ params, request }) => {
        queueOf(params.id).sendQueued(params.prompt);
        return done(request, params.id);
      },
      HIDDEN,
    );
}

/** Who says something to an agent that has ended, wants it back. @throws AppError why it does not come */
async function resumed(parts: Parts, id: string): Promise<Conversation> {
  const ended = !isLive(conversationSession(parts, id).status);
  const session = ended ? await parts.sessions.resume(id) : parts.sessions.get(id);
  if (session.status === 'error') throw new AppError('conflict', session.statusReason ?? 'The agent could not be started.');
  return liveConversation(parts, id);
}

type Fields = Record<string, string | string[]>;

function decided(parts: Parts) {
  return new Elysia()
    .post(
      '/sessions/:id/permissions/:permission',
      async ({ params, body, request }) => {
        await decidedAlready(parts, params.id, params.permission);
        liveConversation(parts, params.id).requests.decide(params.permission, body.optionId, callerClient(parts, request));
        return answered(request, params.id);
      },
      { body: DecisionForm, ...HIDDEN },
    )
    .post(
      '/sessions/:id/questions/:question',
      async ({ params, body, request }) => {
        await decidedAlready(parts, params.id, params.question);
        const fields: Fields = body ?? {};
        const { requests } = liveConversation(parts, params.id);
        const question = requests.list().find(({ id }) => id === params.question)?.question ?? {};
        const action = fields.action === 'accept' ? 'accept' : 'decline';
        requests.answer(params.question, action, contentOf(fields, question), callerClient(parts, request));
        return answered(request, params.id);
      },
      { body: AnyForm, ...HIDDEN },
    );
}

/** The inbox has these forms too: there one goes on with the next. */
function answered(request: Request, id: string): Response {
  const referer = request.headers.get('referer') ?? '';
  if (!wantsPart(request) && URL.canParse(referer) && new URL(referer).pathname === '/inbox') return goTo(request, '/inbox');
  return done(request, id);
}

/** The fields of a form as the question's schema has them. */
function contentOf(body: Fields, question: JsonObject): JsonObject {
  const properties = isJsonObject(question.properties) ? question.properties : {};
  const content: JsonObject = {};
  for (const [name, schema] of Object.entries(properties)) {
    const given = body[`field.${name}`];
    const type = isJsonObject(schema) ? schema.type : 'string';
    if (type === 'boolean') content[name] = given === 'true';
    else if (type === 'array') content[name] = listOf(given);
    else if (given !== undefined && given !== '') content[name] = type === 'number' || type === 'integer' ? Number(given) : String(given);
  }
  return content;
}

function set(parts: Parts) {
  return new Elysia()
    .post(
      '/sessions/:id/config',
      async ({ params, body, request }) => {
        const fields: Fields = body ?? {};
        const conversation = liveConversation(parts, params.id);
        const chosen: Record<string, JsonValue> = {};
        for (const option of conversation.choices.options) {
          const given = fields[option.id];
          // A form without script sends all of them; a check box that is off sends nothing.
          const value = option.type === 'boolean' ? given === 'true' : typeof given === 'string' ? given : option.value;
          const meant = option.type === 'select' || !wantsPart(request) || given !== undefined;
          if (meant && value !== option.value) chosen[option.id] = value;
        }
        await conversation.choose(chosen, callerClient(parts, request));
        return done(request, params.id);
      },
      { body: AnyForm, ...HIDDEN },
    )
    .post(
      '/sessions/:id/rules/revoke',
      async ({ params, body, request }) => {
        const { workspaceId } = conversationSession(parts, params.id);
        revoke(parts.conversations.policyOf(parts.workspaces.get(workspaceId)), body.rule);
        await restart(parts, params.id);
        return done(request, params.id);
      },
      { body: RuleForm, ...HIDDEN },
    )
    .post(
      '/sessions/:id/rules/forget',
      async ({ params, request }) => {
        await restart(parts, params.id);
        return done(request, params.id);
      },
      HIDDEN,
    )
    .post(
      '/sessions/:id/fork',
      async ({ params, request }) => {
        const { id } = await forked(parts, params.id);
        return goTo(request, `/sessions/${id}`);
      },
      HIDDEN,
    );
}

/** The agent ends and takes the conversation up again: what it was allowed for good is gone. */
async function restart(parts: Parts, id: string): Promise<void> {
  if (!isLive(conversationSession(parts, id).status)) return;
  if (parts.sessions.get(id).activity.state !== 'idle') {
    throw new AppError('conflict', 'The agent is busy: cancel its turn or wait for its end, then try again.');
  }
  await parts.sessions.stop(id);
  await parts.sessions.resume(id);
}

function begun(parts: Parts) {
  return new Elysia()
    .post(
      '/workspaces/:id/conversations',
      async ({ params, body, request }) => {
        const { id: workspaceId } = parts.workspaces.get(params.id);
        const meta = body?.agent === undefined ? {} : { agent: body.agent };
        const { id } = await parts.sessions.create({ workspaceId, kind: 'claude', meta });
        const text = body?.text?.replaceAll('\r\n', '\n') ?? '';
        const conversation = parts.conversations.kind.conversation(id);
        if (text.trim() !== '' && conversation !== undefined) {
          conversation.prompt(parts.conversations.kind.promptOf(id, parts.workspaces.get(workspaceId), { text }, callerClient(parts, request)));
        }
        return goTo(request, `/sessions/${id}`);
      },
      { body: AgentForm, ...HIDDEN },
    )
    .post(
      '/workspaces/:id/agents/:agent/sign-in',
      async ({ params, request }) => {
        const { signIn, label } = agentOf(parts, params.id, params.agent);
        if (signIn === null) throw new AppError('not_found', 'There is no command that would sign in.');
        return goTo(request, await terminalFor(parts, params.id, `Sign in to ${label}`, signIn));
      },
      HIDDEN,
    )
    .post(
      '/workspaces/:id/agents/:agent/install',
      async ({ params, request }) => {
        const { install, label } = agentOf(parts, params.id, params.agent);
        if (install === null) throw new AppError('not_found', 'There is nothing to install.');
        const shell = parts.terminals.shell(parts.workspaces.get(params.id));
        return goTo(request, await terminalFor(parts, params.id, `Install ${label}`, [shell, '-lc', install]));
      },
      HIDDEN,
    );
}

/** @throws AppError not_found */
function agentOf(parts: Parts, workspaceId: string, id: string): Agent {
  const { metadata } = parts.workspaces.get(workspaceId);
  const agent = parts.conversations.agents(metadata).find((one) => one.id === id);
  if (agent === undefined) throw new AppError('not_found', 'There is no such agent.');
  return agent;
}

/** @returns the address of a terminal that runs the command */
async function terminalFor({ sessions }: Parts, workspaceId: string, name: string, command: string[]): Promise<string> {
  const given = { workspaceId, kind: 'terminal' as const, name: name.slice(0, limits.sessionNameLengthMax), meta: { command } };
  return `/sessions/${(await sessions.create(given)).id}`;
}
