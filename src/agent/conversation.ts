// One conversation with an agent, live: the program behind a session of kind claude. Whatever
// happens is an event first; what is kept here is what the events say, or the process itself.

import { AppError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import type { Exit, Host, Program } from '../sessions/kind.ts';
import type { ActivityState, ClientInfo } from '../sessions/session.ts';
import { Choices } from './choices.ts';
import { optionsIn } from './config.ts';
import { Gather } from './gather.ts';
import { AgentLink, type Capabilities } from './link.ts';
import { AgentRefusal, REFUSED, type RequestId } from './peer.ts';
import type { AgentPipe } from './pipe.ts';
import type { Prompt } from './prompts.ts';
import { lineIn, objectIn, present, textIn } from './read.ts';
import { eachEvent, OpenTurn } from './recall.ts';
import { optionsKept, Requests } from './requests.ts';
import { Turns } from './turns.ts';
import { type KeepImage, readUpdate, toolCall } from './update.ts';

/** What the agent may ask of its client. */
export interface ClientServices {
  /** @returns undefined where the method is not known. @throws AppError */
  serve(method: string, params: JsonObject): Promise<JsonObject | undefined>;
}

export interface ConversationParts {
  host: Host;
  pipe: AgentPipe;
  /** Of this program. */
  version: string;
  /** The agent's name, for people. */
  label: string;
  /** What it should be set to when it begins, by option or category. */
  wanted: Record<string, JsonValue>;
  /** The agent's own id of the conversation to go on with, or to begin from a copy of. */
  resume: string | undefined;
  fork: string | undefined;
  /** What to do when it says that nobody is signed in. */
  signIn: string;
  services: ClientServices;
  /** A prompt as the agent takes it. */
  blocks: (prompt: Prompt, can: Capabilities) => Promise<JsonObject[]>;
  keepImage: KeepImage;
  /** Ends whatever belongs to the process. */
  end: (pid: number) => Promise<void>;
  /** Something was logged. */
  told: () => void;
  /** What waits on a person changed. */
  inboxChanged: () => void;
}

export class Conversation implements Program {
  readonly exited: Promise<Exit>;
  readonly requests: Requests;
  readonly turns: Turns;
  readonly choices: Choices;
  readonly #parts: ConversationParts;
  readonly #link: AgentLink;
  readonly #gather: Gather;
  /** Which of the agent's processes this is. */
  readonly #process = Bun.randomUUIDv7();
  readonly #begun = Date.now();
  #can: Capabilities | undefined;
  #agentSessionId = '';
  #commands: readonly JsonObject[] = [];
  /** Why it is ended, where that is not by its own will or a person's. */
  #failure: string | undefined;
  #stopping: Promise<void> | undefined;
  #stderrBytes = 0;
  /** A load tells the history again: dropped where the log has it. */
  #loading: 'drop' | 'keep' | undefined;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    const append = (events: NewEvent[]): void => this.#append(events);
    this.#gather = new Gather((events) => this.#log(events));
    this.requests = new Requests({
      append,
      respond: ({ request }, result) => this.#link.respond(request, result),
      changed: () => {
        parts.host.changed();
        parts.inboxChanged();
      },
    });
    this.turns = new Turns({
      append,
      changed: () => parts.host.changed(),
      run: (prompt) => this.#turn(prompt),
      cancel: (by) => {
        this.#link.cancel(this.#agentSessionId);
        this.requests.cancelAll(by);
      },
      failed: (error) => this.#error(isAuth(error) ? 'unauthorized' : 'unavailable', this.#words(error)),
      warn: (message) => this.#error('unavailable', message),
    });
    this.choices = new Choices({
      append,
      remember: (meta) => parts.host.remember(meta),
      changed: () => parts.host.changed(),
      set: (option, value) => this.#link.choose(this.#agentSessionId, option, value),
    });
    this.#link = new AgentLink({
      pipe: parts.pipe,
      update: (update) => this.#update(update),
      request: (id, method, params) => void this.#request(id, method, params),
      withdrawn: (id) => this.requests.withdraw(this.#process, id),
      stderr: (bytes) => this.#stderr(bytes),
      broken: (reason) => this.#fail(reason),
    });
    this.exited = this.#run();
  }

  /** Of the agent's process. */
  get pid(): number {
    return this.#parts.pipe.pid;
  }

  /** Slash commands, as the agent lists them. */
  get commands(): readonly JsonObject[] {
    return this.#commands;
  }

  get capabilities(): Capabilities | undefined {
    return this.#can;
  }

  /** Goes to the agent, or waits while it works. @throws AppError conflict */
  prompt(prompt: Prompt): 'sent' | 'queued' {
    this.#parts.host.touch('person');
    return this.turns.say(prompt);
  }

  /** @throws AppError invalid, conflict */
  async choose(chosen: JsonObject, client: string): Promise<void> {
    if (!this.turns.ready) throw new AppError('conflict', 'The agent is starting: try again in a moment.');
    await this.choices.choose(chosen, client);
  }

  input(bytes: Uint8Array, client: string): void {
    this.prompt({ id: Bun.randomUUIDv7(), text: Buffer.from(bytes).toString('utf8'), images: [], resources: [], client });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  activity(): { state: ActivityState; since: number; detail: string | null } {
    const [first] = this.requests.pending();
    if (first !== undefined) return { state: 'needs_you', since: first.requested, detail: first.title === '' ? null : first.title };
    if (!this.turns.ready) return { state: 'starting', since: this.#begun, detail: `${this.#parts.label} is starting` };
    const { current, idleSince } = this.turns;
    if (current !== undefined) return { state: 'working', since: current.since, detail: current.detail };
    return { state: 'idle', since: idleSince, detail: null };
  }

  clients(): ClientInfo[] {
    return [];
  }

  release(): void {}

  async #run(): Promise<Exit> {
    const { pipe, host, label } = this.#parts;
    const opened = this.#open().catch((error: unknown) => this.#fail(this.#words(error)));
    const exit = await pipe.exited;
    this.#link.dispose(`${label} ended.`);
    await opened;
    this.requests.interrupt();
    this.turns.close(this.#stopping === undefined || this.#failure !== undefined ? 'interrupted' : 'cancelled');
    this.#gather.flush();
    pipe.release();
    host.touch('program');
    const byItself = this.#stopping === undefined ? `${label} ended by itself. Resume the session to go on.` : null;
    const reason = this.#failure ?? exit.lost ?? byItself;
    return { exitCode: exit.exitCode, exitSignal: exit.exitSignal, reason, ...(this.#failure === undefined ? {} : { failed: true }) };
  }

  async #open(): Promise<void> {
    const { host, resume, fork, version, wanted } = this.#parts;
    const left = await this.#recall();
    this.#can = await this.#link.greet(version);
    const { agentSessionId, config, how, lost } = await this.#link.begin(this.#can, {
      cwd: host.workspace.path,
      resume,
      fork,
      loading: (now) => {
        this.#gather.flush();
        this.#loading = now ? (left.spoken ? 'drop' : 'keep') : undefined;
      },
    });
    this.#agentSessionId = agentSessionId;
    host.remember({ agentSessionId });
    const { name, version: agentVersion } = this.#can;
    const data = { process: this.#process, name, version: agentVersion, agentSessionId, how, lost: lost ?? undefined };
    this.#append([{ channel: 'system', type: 'agent', data: present(data) }]);
    this.choices.told(config);
    await this.choices.apply(wanted);
    this.turns.open(!left.interrupted);
    host.changed();
  }

  /** What the log says; and says itself of what an earlier process left open. */
  async #recall(): Promise<{ spoken: boolean; interrupted: boolean }> {
    const turn = new OpenTurn();
    let spoken = false;
    await eachEvent(this.#parts.host.log, (event) => {
      turn.recall(event);
      const { type, data, timestamp } = event;
      if (data instanceof Uint8Array) return;
      spoken ||= type === 'message' || type === 'prompt';
      this.requests.recall(type, data, timestamp);
      this.turns.queue.recall(type, data);
    });
    this.requests.interrupt();
    if (turn.prompt !== null) this.#append([{ channel: 'system', type: 'stop', data: { prompt: turn.prompt, reason: 'interrupted' } }]);
    return { spoken, interrupted: turn.prompt !== null };
  }

  async #turn(prompt: Prompt): Promise<string> {
    const can = this.#can;
    if (can === undefined) throw new AppError('conflict', 'The agent has not started.');
    const blocks = await this.#parts.blocks(prompt, can);
    const reason = await this.#link.prompt(this.#agentSessionId, prompt.id, blocks);
    this.#parts.host.touch('program');
    return reason;
  }

  #update(update: JsonObject): void {
    for (const reading of readUpdate(update, this.#parts.keepImage)) {
      switch (reading.what) {
        case 'config':
          this.choices.told(optionsIn(reading.options));
          break;
        case 'mode':
          this.choices.toldMode(reading.mode);
          break;
        case 'commands':
          this.#commands = reading.commands;
          this.#parts.told();
          break;
        case 'title':
          this.#parts.host.suggestName(lineIn(reading.title, limits.sessionNameLengthMax) ?? '');
          break;
        case 'said':
          if (this.#loading === 'keep') this.#retold(reading.text);
          break;
        default:
          if (this.#loading === 'drop') break;
          if (reading.what === 'tool') this.turns.doing(textIn(reading.data.title) ?? this.turns.current?.detail ?? '');
          else if (reading.what === 'text') this.turns.doing(reading.type === 'message' ? 'writing' : 'thinking');
          this.#gather.add(reading);
      }
    }
  }

  /** Of a conversation that this log does not have: what a person said elsewhere. */
  #retold(text: string): void {
    const data = { prompt: Bun.randomUUIDv7(), text, client: 'api', retold: true };
    this.#append([{ channel: 'stdin', type: 'prompt', data }]);
  }

  async #request(id: RequestId, method: string, params: JsonObject): Promise<void> {
    try {
      if (method === 'session/request_permission') return this.#permission(id, params);
      if (method === 'elicitation/create') return this.#question(id, params);
      const result = await this.#parts.services.serve(method, params);
      if (result === undefined) this.#link.refuse(id, REFUSED.methodNotFound, `Dispatch does not know ${method.slice(0, 100)}.`);
      else this.#link.respond(id, result);
    } catch (error) {
      if (error instanceof AppError) this.#link.refuse(id, error.code === 'not_found' ? REFUSED.notFound : REFUSED.invalidParams, error.message);
      else this.#fail(`Its request ${method.slice(0, 100)} could not be served: something went wrong on our side.`);
    }
  }

  #permission(id: RequestId, params: JsonObject): void {
    const asked = toolCall(objectIn(params.toolCall) ?? {}, this.#parts.keepImage);
    this.requests.ask('permission', this.#process, id, { toolCall: asked, options: optionsKept(params.options) });
  }

  #question(id: RequestId, params: JsonObject): void {
    const form = present({
      mode: lineIn(params.mode, 20),
      message: lineIn(params.message, limits.agentReasonLengthMax),
      properties: isJsonObject(params.requestedSchema) ? objectIn(params.requestedSchema.properties) : undefined,
      required: isJsonObject(params.requestedSchema) ? params.requestedSchema.required : undefined,
      url: textIn(params.url)?.slice(0, limits.pathBytesMax),
      toolCallId: lineIn(params.toolCallId),
    });
    this.requests.ask('question', this.#process, id, { form });
  }

  #stderr(bytes: Uint8Array): void {
    const room = limits.agentStderrBytesMax - this.#stderrBytes;
    if (room <= 0) return;
    this.#stderrBytes += bytes.byteLength;
    this.#parts.host.log.append([{ channel: 'stderr', type: 'output', data: Buffer.from(bytes.subarray(0, room)) }]);
  }

  /** Ends this session, and nothing else. */
  #fail(why: string): void {
    if (this.#stopping !== undefined || this.#failure !== undefined) return;
    this.#failure = why === this.#parts.signIn ? why : `${this.#parts.label} could not go on. ${why}`;
    this.#error(why === this.#parts.signIn ? 'unauthorized' : 'unavailable', this.#failure);
    void this.stop();
  }

  #words(error: unknown): string {
    if (isAuth(error)) return this.#parts.signIn;
    return error instanceof Error ? error.message : String(error);
  }

  #error(code: string, message: string): void {
    this.#append([{ channel: 'system', type: 'error', data: { code, message } }]);
  }

  /** After all that was gathered before. */
  #append(events: NewEvent[]): void {
    this.#gather.flush();
    this.#log(events);
  }

  /** Says with it how far the agent's output is in the log, so that no other server takes it twice. */
  #log(events: NewEvent[]): void {
    const { host, pipe, told } = this.#parts;
    const { offset } = this.#link;
    const last = events.at(-1);
    if (last !== undefined && !(last.data instanceof Uint8Array)) last.data = { ...last.data, offset };
    host.log.append(events);
    if (!host.log.unavailable) pipe.acknowledge(offset);
    told();
  }

  async #end(): Promise<void> {
    const { pipe, end } = this.#parts;
    if (this.turns.current !== undefined) this.#link.cancel(this.#agentSessionId);
    pipe.endInput();
    await Promise.race([pipe.exited, Bun.sleep(limits.agentEndMs)]);
    await end(pipe.pid);
  }
}

const isAuth = (error: unknown): boolean => error instanceof AgentRefusal && error.code === REFUSED.authRequired;
