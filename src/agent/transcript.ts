// The conversation as people read it: a pure projection of its events to a list of items. An
// item keeps its place and its id for ever; what changes it later says so by `changed`, the
// sequence of the last event that touched it, so that a page can ask for what is new.

import type { JsonObject } from '../json.ts';
import type { LogEvent } from '../sessions/event.ts';
import { type ConfigOption, optionsIn } from './config.ts';
import { parted } from './long-text.ts';
import { noteOf, type Tone } from './notes.ts';
import { type Prompt, promptOf } from './prompts.ts';
import { objectIn, objectsIn, textIn } from './read.ts';
import { type AgentRequest, decisionOf, requestOf } from './requests.ts';

interface Placed {
  /** Of the event that made it: its id on pages. */
  sequence: number;
  /** Of the last event that changed it. */
  changed: number;
  /** ms; of the event that made it. */
  at: number;
}

export type ItemBody =
  | { is: 'prompt'; prompt: Prompt }
  | { is: 'message' | 'thought'; text: string; message: string | undefined; pictures: string[] }
  | { is: 'tool'; id: string; call: JsonObject; requests: AgentRequest[]; over: boolean }
  | { is: 'plan'; entries: JsonObject[] }
  | { is: 'request'; request: AgentRequest }
  | { is: 'note'; tone: Tone; text: string; code: string | undefined };

export type Item = Placed & ItemBody;
type ItemOf<Is extends ItemBody['is']> = Placed & Extract<ItemBody, { is: Is }>;

export class Transcript {
  readonly items: Item[] = [];
  /** What waits to be said, in order. */
  queue: Prompt[] = [];
  usage: JsonObject = {};
  config: ConfigOption[] = [];
  /** Sequence of the last event that was taken. */
  head = 0;
  /** Of the last event that changed the queue, the usage or what is set. */
  aroundChanged = 0;
  /** ms; when the agent's present process began. */
  begun = 0;
  /** What the agent said that it can do; undefined until it has begun once. */
  can: Readonly<JsonObject> | undefined;
  /** The last turn's end that somebody should see, and up to where somebody saw. */
  stopped = 0;
  seen = 0;
  readonly #tools = new Map<string, ItemOf<'tool'>>();
  readonly #requests = new Map<string, { request: AgentRequest; item: Item }>();
  #plan: ItemOf<'plan'> | undefined;
  /** Tools that the turn began and has not ended. */
  readonly #busy = new Set<ItemOf<'tool'>>();
  #turn: string | undefined;
  readonly #given = new Set<string>();

  /** Events come in order, each once. */
  apply(event: LogEvent): void {
    this.head = event.sequence;
    if (event.data instanceof Uint8Array) return;
    const { data } = event;
    switch (event.type) {
      case 'prompt':
        this.#prompt(event, data);
        break;
      case 'queued':
      case 'unqueued':
        this.#queued(event, data);
        break;
      case 'message':
      case 'thought':
        this.#text(event, event.type, data);
        break;
      case 'tool':
        this.#tool(event, data);
        break;
      case 'plan':
        this.#planned(event, objectsIn(data.entries));
        break;
      case 'permission':
      case 'question':
        this.#asked(event, data);
        break;
      case 'decision':
      case 'answer':
        this.#decided(event, data);
        break;
      case 'usage':
        this.usage = { ...this.usage, ...data };
        this.aroundChanged = event.sequence;
        break;
      case 'agent':
        this.begun = event.timestamp;
        this.can = objectIn(data.can);
        this.aroundChanged = event.sequence;
        this.#note(event, data);
        break;
      case 'seen':
        this.seen = event.sequence;
        break;
      case 'stop':
        this.#stop(event, data);
        break;
      case 'status':
        if (data.status === 'stopped' || data.status === 'error') this.#over(event);
        this.#note(event, data);
        break;
      case 'config':
        this.#note(event, data);
        this.config = optionsIn(data.options);
        this.aroundChanged = event.sequence;
        break;
      default:
        this.#note(event, data);
    }
  }

  /** Permissions and questions, oldest first. */
  requests(): AgentRequest[] {
    return [...this.#requests.values()].map(({ request }) => request);
  }

  /** Id of the prompt that is being answered. */
  get turn(): string | undefined {
    return this.#turn;
  }

  /** Whether the prompt was given already. */
  knows(prompt: string): boolean {
    return this.#given.has(prompt);
  }

  /** Items that changed after the sequence, in their order. */
  changedAfter(sequence: number): Item[] {
    return this.items.filter(({ changed }) => changed > sequence);
  }

  #prompt(event: LogEvent, data: JsonObject): void {
    const prompt = promptOf(data);
    if (prompt === undefined) return;
    this.#given.add(prompt.id);
    if (this.queue.some(({ id }) => id === prompt.id)) this.aroundChanged = event.sequence;
    this.queue = this.queue.filter(({ id }) => id !== prompt.id);
    this.#plan = undefined;
    if (data.retold !== true) this.#turn = prompt.id;
    this.seen = event.sequence;
    this.#place(event, { is: 'prompt', prompt });
  }

  #queued(event: LogEvent, data: JsonObject): void {
    const prompt = promptOf(data);
    if (prompt === undefined) return;
    this.#given.add(prompt.id);
    const at = this.queue.findIndex(({ id }) => id === prompt.id);
    if (event.type === 'unqueued') this.queue = this.queue.filter(({ id }) => id !== prompt.id);
    else this.queue = at === -1 ? [...this.queue, prompt] : this.queue.with(at, prompt);
    this.aroundChanged = event.sequence;
  }

  #text(event: LogEvent, is: 'message' | 'thought', data: JsonObject): void {
    const text = textIn(data.text) ?? '';
    const message = textIn(data.message);
    const [content] = objectsIn([data.content ?? null]);
    const picture = textIn(content?.image);
    const last = this.items.at(-1);
    if (last?.is === is && last.message === message) {
      const [stays, rest] = parted(last.text + text, text.length) ?? [last.text + text];
      last.text = stays;
      if (picture !== undefined) last.pictures.push(picture);
      last.changed = event.sequence;
      if (rest !== undefined) this.#place(event, { is, text: rest, message, pictures: [] });
      return;
    }
    this.#place(event, { is, text: text === '' ? (textIn(content?.text) ?? '') : text, message, pictures: picture === undefined ? [] : [picture] });
  }

  #tool(event: LogEvent, data: JsonObject): void {
    const id = textIn(data.toolCallId) ?? '';
    const call = { ...data };
    const known = this.#tools.get(id);
    if (known === undefined) {
      const made = this.#place(event, { is: 'tool', id, call, requests: [], over: false });
      this.#tools.set(id, made);
      if (this.#turn !== undefined) this.#busy.add(made);
    } else {
      Object.assign(known.call, call);
      known.changed = event.sequence;
    }
  }

  #planned(event: LogEvent, entries: JsonObject[]): void {
    if (this.#plan === undefined) {
      this.#plan = this.#place(event, { is: 'plan', entries });
    } else {
      this.#plan.entries = entries;
      this.#plan.changed = event.sequence;
    }
  }

  /** A permission stands in the card of its tool; a question for itself. */
  #asked(event: LogEvent, data: JsonObject): void {
    const request = requestOf(event.type, data, event.timestamp);
    if (request === undefined) return;
    const tool = request.type === 'permission' ? this.#tools.get(textIn(request.toolCall.toolCallId) ?? '') : undefined;
    if (tool === undefined) {
      this.#requests.set(request.id, { request, item: this.#place(event, { is: 'request', request }) });
      return;
    }
    Object.assign(tool.call, request.toolCall);
    tool.requests.push(request);
    tool.changed = event.sequence;
    this.#requests.set(request.id, { request, item: tool });
  }

  #decided(event: LogEvent, data: JsonObject): void {
    const decided = decisionOf(event.type, data, event.timestamp);
    const known = decided === undefined ? undefined : this.#requests.get(decided.id);
    if (known === undefined || decided === undefined || known.request.decision !== null) return;
    known.request.decision = decided.decision;
    known.item.changed = event.sequence;
  }

  #stop(event: LogEvent, data: JsonObject): void {
    this.#turn = undefined;
    this.#plan = undefined;
    for (const tool of this.#busy) this.#endTool(event, tool);
    this.#busy.clear();
    this.stopped = data.reason === 'cancelled' ? this.stopped : event.sequence;
    // Whoever shows that the agent works must look again.
    this.aroundChanged = event.sequence;
    this.#note(event, data);
  }

  /** The agent is gone: what it asked and began has no end any more. */
  #over(event: LogEvent): void {
    const at = new Date(event.timestamp).toISOString();
    for (const { request, item } of this.#requests.values()) {
      if (request.decision !== null) continue;
      request.decision = { outcome: 'interrupted', optionId: null, by: 'server', at, name: null };
      item.changed = event.sequence;
    }
    if (this.#turn !== undefined) this.stopped = event.sequence;
    this.#turn = undefined;
    for (const tool of this.#busy) this.#endTool(event, tool);
    this.#busy.clear();
  }

  #endTool(event: LogEvent, tool: ItemOf<'tool'>): void {
    const { status } = tool.call;
    if (status === 'completed' || status === 'failed') return;
    tool.over = true;
    tool.changed = event.sequence;
  }

  #note(event: LogEvent, data: JsonObject): void {
    const note = noteOf(event.type, data, this.config);
    if (note !== undefined) this.#place(event, { is: 'note', code: undefined, ...note });
  }

  #place<Body extends ItemBody>({ sequence, timestamp }: LogEvent, body: Body): Placed & Body {
    const item = { sequence, changed: sequence, at: timestamp, ...body };
    this.items.push(item as Item);
    return item;
  }
}

/** All at once, for whoever has the events. */
export function project(events: Iterable<LogEvent>): Transcript {
  const transcript = new Transcript();
  for (const event of events) transcript.apply(event);
  return transcript;
}
