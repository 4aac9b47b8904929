// What an agent asks of a person: permissions and questions. Each is a fact in the log before
// anyone sees it, and so is its end; the first decision wins, whoever makes it. A request waits
// without time-out, and is known by the agent's process and its JSON-RPC id, so that it can be
// answered by another server than the one that it came to.

import { AppError, invalid } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import type { RequestId } from './peer.ts';
import { lineIn, objectIn, objectsIn, present, textIn } from './read.ts';

export interface PermissionOption {
  optionId: string;
  name: string;
  kind: string;
}

/** How a request ended: `selected` an option, `answered` a question; the others are nobody's choice. */
export type Outcome = 'selected' | 'answered' | 'cancelled' | 'interrupted';

export interface Decision {
  outcome: Outcome;
  optionId: string | null;
  /** Device id, `api` for programs; `agent` or `server` where nobody decided. */
  by: string;
  /** ISO 8601 UTC. */
  at: string;
  /** What was chosen, in words. */
  name: string | null;
}

export interface AgentRequest {
  id: string;
  type: 'permission' | 'question';
  /** ms. */
  requested: number;
  process: string;
  request: RequestId;
  /** What it is about: the tool call, or the question's message. */
  title: string;
  toolCall: JsonObject;
  options: PermissionOption[];
  /** Of a question: mode, message, schema, url. */
  question: JsonObject;
  /** What a question was answered with. */
  content: JsonObject;
  decision: Decision | null;
}

/** As the API shows a permission. */
export interface ApiPermission {
  id: string;
  requested: string;
  toolCall: JsonObject;
  options: PermissionOption[];
  decision: Decision | null;
}

export interface ApiQuestion {
  id: string;
  requested: string;
  question: JsonObject;
  decision: Decision | null;
}

export interface RequestsParts {
  append: (events: NewEvent[]) => void;
  /** The answer goes to the agent, after it is in the log. */
  respond: (request: AgentRequest, result: JsonObject) => void;
  /** What waits changed. */
  changed: () => void;
}

export class Requests {
  readonly #parts: RequestsParts;
  readonly #all = new Map<string, AgentRequest>();

  constructor(parts: RequestsParts) {
    this.#parts = parts;
  }

  /** Oldest first. */
  list(): AgentRequest[] {
    return [...this.#all.values()];
  }

  pending(): AgentRequest[] {
    return this.list().filter(({ decision }) => decision === null);
  }

  /** What the log tells, event by event. */
  recall(type: string, data: JsonObject, timestamp: number): void {
    const request = requestOf(type, data, timestamp);
    if (request !== undefined) this.#keep(request);
    const decided = decisionOf(type, data, timestamp);
    const asked = decided === undefined ? undefined : this.#all.get(decided.id);
    if (asked === undefined || decided === undefined || asked.decision !== null) return;
    asked.decision = decided.decision;
    asked.content = objectIn(data.content) ?? {};
  }

  /** The agent asks. @throws AppError invalid where it asks what nobody could answer */
  ask(type: AgentRequest['type'], process: string, request: RequestId, asked: JsonObject): void {
    // Put again after a server's end: it is the same request.
    if (this.#find(process, request) !== undefined) return;
    if (this.pending().length >= limits.agentRequestsMax) throw new AppError('conflict', 'Too many requests wait already.');
    const id = Bun.randomUUIDv7();
    const data: JsonObject = { [type]: id, process, request, ...asked };
    const now = Date.now();
    const made = requestOf(type, data, now);
    if (made === undefined) throw invalid('options', 'A request offers at least one option.');
    this.#parts.append([{ channel: 'stdout', type, data, timestamp: now }]);
    this.#keep(made);
    this.#parts.changed();
  }

  /** @throws AppError not_found, invalid (optionId), conflict with the decision that stands */
  decide(id: string, optionId: string, by: string): AgentRequest {
    const request = this.#open(id, 'permission');
    const option = request.options.find((one) => one.optionId === optionId);
    if (option === undefined) throw invalid('optionId', `Must be one of ${request.options.map((one) => one.optionId).join(', ')}.`);
    const { name, kind } = option;
    this.#end(request, { outcome: 'selected', optionId, by, at: new Date().toISOString(), name }, { kind });
    this.#parts.respond(request, { outcome: { outcome: 'selected', optionId } });
    return request;
  }

  /** @throws AppError not_found, conflict */
  answer(id: string, action: 'accept' | 'decline', content: JsonObject, by: string): AgentRequest {
    const request = this.#open(id, 'question');
    const name = action === 'accept' ? lineIn(Object.values(content).flat().filter((value) => value !== '').join(', ')) ?? '' : 'Declined';
    const decision: Decision = { outcome: 'answered', optionId: action, by, at: new Date().toISOString(), name };
    this.#end(request, decision, { content });
    this.#parts.respond(request, answerOf(decision, content));
    return request;
  }

  /** The turn was cancelled: the protocol wants each request of it answered so. */
  cancelAll(by: string): void {
    for (const request of this.pending()) {
      this.#end(request, { outcome: 'cancelled', optionId: null, by, at: new Date().toISOString(), name: null }, {});
      this.#parts.respond(request, request.type === 'permission' ? { outcome: { outcome: 'cancelled' } } : { action: 'cancel' });
    }
  }

  /** The agent takes its request back. */
  withdraw(process: string, request: RequestId): void {
    const found = this.#find(process, request);
    if (found === undefined || found.decision !== null) return;
    this.#end(found, { outcome: 'cancelled', optionId: null, by: 'agent', at: new Date().toISOString(), name: null }, {});
    this.#parts.respond(found, found.type === 'permission' ? { outcome: { outcome: 'cancelled' } } : { action: 'cancel' });
  }

  /** Answers that were logged and may not have reached the agent: decided at or after `since` (ms). */
  answerAgain(process: string, since: number): void {
    for (const request of this.list()) {
      const { decision, type } = request;
      if (request.process !== process || decision === null || Date.parse(decision.at) < since) continue;
      if (decision.outcome === 'selected') this.#parts.respond(request, { outcome: { outcome: 'selected', optionId: decision.optionId } });
      else if (decision.outcome === 'answered') this.#parts.respond(request, answerOf(decision, request.content));
      else if (decision.outcome === 'cancelled') this.#parts.respond(request, type === 'permission' ? { outcome: { outcome: 'cancelled' } } : { action: 'cancel' });
    }
  }

  /** The agent that asked is gone: nobody can answer it any more. */
  interrupt(): number {
    const open = this.pending();
    for (const request of open) {
      this.#end(request, { outcome: 'interrupted', optionId: null, by: 'server', at: new Date().toISOString(), name: null }, {});
    }
    return open.length;
  }

  #open(id: string, type: AgentRequest['type']): AgentRequest {
    const request = this.#all.get(id);
    if (request === undefined || request.type !== type) throw new AppError('not_found', `There is no such ${type}.`);
    if (request.decision !== null) throw alreadyDecided(request.decision);
    return request;
  }

  #end(request: AgentRequest, decision: Decision, more: JsonObject): void {
    const { id, type } = request;
    const { at, ...told } = decision;
    this.#parts.append([
      { channel: 'system', type: type === 'permission' ? 'decision' : 'answer', data: { [type]: id, ...told, ...more }, timestamp: Date.parse(at) },
    ]);
    request.decision = decision;
    this.#parts.changed();
  }

  #find(process: string, request: RequestId): AgentRequest | undefined {
    return this.list().find((one) => one.process === process && one.request === request);
  }

  #keep(request: AgentRequest): void {
    this.#all.set(request.id, request);
  }
}

const answerOf = ({ optionId }: Decision, content: JsonObject): JsonObject =>
  optionId === 'accept' ? { action: 'accept', content } : { action: optionId ?? 'decline' };

/** @param who the device's name, or `a program` */
export function alreadyDecided(decision: Decision, who = ''): AppError {
  const by = who === '' ? '' : ` by ${who}`;
  const words: Record<Outcome, string> = {
    selected: `It was decided already${by}: ${decision.name ?? decision.optionId ?? ''}.`,
    answered: `It was answered already${by}.`,
    cancelled: 'The turn that asked for it was cancelled.',
    interrupted: 'The agent that asked for it is gone: resume the session, and it asks again if it still needs it.',
  };
  return new AppError('conflict', words[decision.outcome], { conflict: { decision } });
}

export const apiPermission = ({ id, requested, toolCall, options, decision }: AgentRequest): ApiPermission => ({
  id,
  requested: new Date(requested).toISOString(),
  toolCall,
  options,
  decision,
});

export const apiQuestion = ({ id, requested, question, decision }: AgentRequest): ApiQuestion => ({
  id,
  requested: new Date(requested).toISOString(),
  question,
  decision,
});

/** The request that an event tells of. */
export function requestOf(type: string, data: JsonObject, timestamp: number): AgentRequest | undefined {
  if (type !== 'permission' && type !== 'question') return undefined;
  const id = textIn(data[type]);
  const { request } = data;
  const options = optionsIn(data.options);
  if (id === undefined || (typeof request !== 'string' && typeof request !== 'number')) return undefined;
  if (type === 'permission' && options.length === 0) return undefined;
  const toolCall = objectIn(data.toolCall) ?? {};
  const question = objectIn(data.form) ?? {};
  const title = type === 'permission' ? lineIn(toolCall.title) : lineIn(question.message);
  return { id, type, requested: timestamp, process: textIn(data.process) ?? '', request, title: title ?? '', toolCall, options, question, content: {}, decision: null };
}

/** The end of a request that an event tells of, and of which. */
export function decisionOf(type: string, data: JsonObject, timestamp: number): { id: string; decision: Decision } | undefined {
  if (type !== 'decision' && type !== 'answer') return undefined;
  const id = textIn(data[type === 'decision' ? 'permission' : 'question']);
  if (id === undefined) return undefined;
  const outcome = (['selected', 'answered', 'cancelled', 'interrupted'] as const).find((one) => one === data.outcome) ?? 'cancelled';
  return {
    id,
    decision: {
      outcome,
      optionId: textIn(data.optionId) ?? null,
      by: textIn(data.by) ?? 'api',
      at: new Date(timestamp).toISOString(),
      name: textIn(data.name) ?? null,
    },
  };
}

function optionsIn(value: JsonValue | undefined): PermissionOption[] {
  return objectsIn(value)
    .slice(0, limits.agentOptionsMax)
    .flatMap((option) => {
      const optionId = textIn(option.optionId);
      if (optionId === undefined || optionId === '' || optionId.length > limits.agentTitleLengthMax) return [];
      return [{ optionId, name: lineIn(option.name) ?? optionId, kind: lineIn(option.kind, 40) ?? '' }];
    });
}

/** What of a request's parameters is kept. */
export function optionsKept(value: JsonValue | undefined): JsonObject[] {
  return optionsIn(value).map(({ optionId, name, kind }) => present({ optionId, name, kind }));
}
