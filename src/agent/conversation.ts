// One conversation with an agent, live: the program behind a session of kind claude. Whatever
// happens is an event first; what is kept here is what the events say, or the process itself.

import { AppError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import { within } from '../within.ts';
import type { NewEvent } from '../sessions/event.ts';
import type { Exit, Host, Program } from '../sessions/kind.ts';
import type { ActivityState, ClientInfo } from '../sessions/session.ts';
import { Asked, type ClientServing } from './asked.ts';
import { Choices } from './choices.ts';
import { optionsIn } from './config.ts';
import { Gather } from './gather.ts';
import { AgentLink, type Capabilities } from './link.ts';
import { AgentRefusal, REFUSED } from './peer.ts';
import type { AgentPipe } from './pipe.ts';
import type { Prompt } from './prompts.ts';
import { lineIn, present, textIn } from './read.ts';
import { eachEvent, Past } from './recall.ts';
import { Requests } from './requests.ts';
import { Turns } from './turns.ts';
import { type KeepImage, readUpdate } from './update.ts';

export interface ConversationParts {
  host: Host;
  pipe: AgentPipe;
  /** Whether another server left the process; and how much of what it printed is in the log. */
  adopted: boolean;
  offset: number;
  /** Of this program. */
  version: string;
  /** The agent's name, for people. */
  label: string;
  /** What it should be set to when it begins, by option or category. */
  wanted: Record<string, JsonValue>;
  /** The mode that it must be in, where nobody chose another; null where it has none that we know. */
  asks: string | null;
  /** The agent's own id of the conversation to go on with, or to begin from a copy of. */
  resume: string | undefined;
  fork: string | undefined;
  /** What to do when it says that nobody is signed in; and where something of it may be missing. */
  signIn: string;
  install: string;
  serving: ClientServing;
  /** A prompt as the agent takes it. */
  blocks: (prompt: Prompt, can: Capabilities) => Promise<JsonObject[]>;
  keepImage: KeepImage;
  /** Ends whatever belongs to the process. */
  end: (pid: number) => Promise<void>;
  /** Something of ours went wrong: for the operator. */
  unforeseen: (error: unknown) => void;
  /** Something was logged. */
  told: () => void;
  /** What waits on a person changed. */
  inboxChanged: () => void;
}

/** A server that died may have logged a decision and not told it: those of its last moments are told again. */
const ANSWERS_AGAIN_MS = 10_000;

export class Conversation implements Program {
  readonly exited: Promise<Exit>;
  readonly requests: Requests;
  readonly turns: Turns;
  readonly choices: Choices;
  readonly #parts: ConversationParts;
  readonly #link: AgentLink;
  readonly #gather: Gather;
  readonly #asked: Asked;
  /** Present where the agent's process lives on without this server. */
  readonly leave?: () => void;
  /** Which of the agent's processes this is. */
  #process = Bun.randomUUIDv7();
  readonly #begun = Date.now();
  #can: Capabilities | undefined;
  #agentSessionId = '';
  #commands: readonly JsonObject[] = [];
  /** Why it is ended, where that is not by its own will or a person's. */
  #failure: string | undefined;
  #stopping: Promise<void> | undefined;
  #stderrBytes = 0;
  /** Of the agent's output, what is committed. */
  #committed: number;
  /** Nothing is logged any more. */
  #left = false;
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
    this.#asked = new Asked({
      requests: this.requests,
      serving: parts.serving,
      keepImage: parts.keepImage,
      process: () => this.#process,
      append,
      respond: (id, result) => this.#link.respond(id, result),
      refuse: (id, code, message) => this.#link.refuse(id, code, message),
      failed: (method, error) => this.#fail(`Its request ${method.slice(0, 100)} could not be served: something went wrong on our side.`, error),
    });
    this.#committed = parts.offset;
    this.#link = new AgentLink({
      pipe: parts.pipe,
      offset: parts.offset,
      update: (update) => this.#update(update),
      request: (id, method, params) => void this.#asked.take(id, method, params),
      taken: () => this.#taken(),
      withdrawn: (id) => this.requests.withdraw(this.#process, id),
      stderr: (bytes) => this.#stderr(bytes),
      broken: (reason, error) => this.#fail(reason, error),
    });
    if (parts.pipe.leave !== undefined) this.leave = () => this.#leave();
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

  endStored(): void {
    this.#parts.pipe.release?.();
  }

  async #run(): Promise<Exit> {
    const { pipe, host, label } = this.#parts;
    const opened = this.#open().catch((error: unknown) => this.#fail(this.#startWords(error)));
    const exit = await pipe.exited;
    this.#link.dispose(`${label} ended.`);
    await opened;
    this.requests.interrupt();
    this.turns.close(this.#stopping === undefined || this.#failure !== undefined ? 'interrupted' : 'cancelled');
    this.#gather.flush();
    host.touch('program');
    const byItself = this.#stopping === undefined ? `${label} ended by itself. Resume the session to go on.` : null;
    const reason = this.#failure ?? exit.lost ?? byItself;
    const failed = this.#failure !== undefined || exit.lost !== null;
    return { exitCode: exit.exitCode, exitSignal: exit.exitSignal, reason, ...(failed ? { failed } : {}) };
  }

  /** With a process that was started for it, or with one that another server left. */
  async #open(): Promise<void> {
    const past = new Past();
    await eachEvent(this.#parts.host.log, (event) => {
      past.take(event);
      if (event.data instanceof Uint8Array) return;
      this.requests.recall(event.type, event.data, event.timestamp);
      this.turns.queue.recall(event.type, event.data);
    });
    if (this.#stopping !== undefined) return;
    const { process, capabilities } = past;
    if (this.#parts.adopted && process !== undefined && capabilities !== undefined) this.#goOn(past, process, capabilities);
    else await this.#begin(past);
    this.#parts.host.changed();
  }

  async #begin(past: Past): Promise<void> {
    const { host, resume, fork, version, wanted, asks } = this.#parts;
    // What an earlier process asked or did not finish, nobody can answer any more.
    this.requests.interrupt();
    if (past.turn !== undefined) this.#append([{ channel: 'system', type: 'stop', data: { prompt: past.turn.prompt, reason: 'interrupted' } }]);
    this.#link.listen();
    const can = await this.#link.greet(version);
    this.#can = can;
    const begun = await this.#link.begin(can, {
      cwd: host.workspace.path,
      resume,
      fork,
      loading: (now) => {
        this.#gather.flush();
        this.#loading = now ? (past.spoken ? 'drop' : 'keep') : undefined;
      },
    });
    const { agentSessionId, config, how, lost } = begun;
    this.#agentSessionId = agentSessionId;
    host.remember({ agentSessionId });
    const { name, version: agentVersion, ...able } = can;
    const data = { process: this.#process, name, version: agentVersion, agentSessionId, how, lost: lost ?? undefined, can: { ...able } };
    await this.choices.begin(config, wanted, asks);
    // Only now: an agent that another server finds begun is set as it should be.
    this.#append([{ channel: 'system', type: 'agent', data: present(data) }]);
    this.turns.open(past.turn === undefined);
  }

  /** Nothing was interrupted: what the agent said meanwhile comes now, what it asked waits still. */
  #goOn(past: Past, process: string, capabilities: Capabilities): void {
    this.#process = process;
    this.#can = capabilities;
    this.#agentSessionId = past.agentSessionId;
    this.#commands = past.commands;
    this.choices.recall(past.config);
    this.#parts.serving.recall(past.terminals);
    if (past.turn !== undefined) this.turns.adopt(past.turn.prompt, past.turn.since, this.#link.turnOf(past.turn.prompt));
    this.turns.open(true);
    this.requests.answerAgain(process, past.until - ANSWERS_AGAIN_MS);
    for (const awaited of past.awaited.values()) this.#asked.takeAgain(awaited);
    this.#parts.inboxChanged();
    this.#link.listen();
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
          this.#listed(reading.commands);
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

  #listed(commands: JsonObject[]): void {
    if (Bun.deepEquals(commands, this.#commands)) return;
    this.#commands = commands;
    this.#append([{ channel: 'system', type: 'commands', data: { commands } }]);
  }

  /** Of a conversation that this log does not have: what a person said elsewhere. */
  #retold(text: string): void {
    const data = { prompt: Bun.randomUUIDv7(), text, client: 'api', retold: true };
    this.#append([{ channel: 'stdin', type: 'prompt', data }]);
  }

  #stderr(bytes: Uint8Array): void {
    const room = limits.agentStderrBytesMax - this.#stderrBytes;
    if (room <= 0) return;
    this.#stderrBytes += bytes.byteLength;
    this.#append([{ channel: 'stderr', type: 'output', data: Buffer.from(bytes.subarray(0, room)) }]);
  }

  /** Ends this session, and nothing else. */
  #fail(why: string, error?: unknown): void {
    if (error !== undefined) this.#parts.unforeseen(error);
    if (this.#stopping !== undefined || this.#failure !== undefined) return;
    this.#failure = why === this.#parts.signIn ? why : `${this.#parts.label} could not go on. ${why}`;
    this.#error(why === this.#parts.signIn ? 'unauthorized' : 'unavailable', this.#failure);
    void this.stop();
  }

  #words(error: unknown): string {
    if (isAuth(error)) return this.#parts.signIn;
    return error instanceof Error ? error.message : String(error);
  }

  #startWords(error: unknown): string {
    const words = this.#words(error);
    return isAuth(error) || !(error instanceof AgentRefusal) ? words : [words, this.#parts.install].filter((part) => part !== '').join(' ');
  }

  #error(code: string, message: string): void {
    this.#append([{ channel: 'system', type: 'error', data: { code, message } }]);
  }

  /** After all that was gathered before. */
  #append(events: NewEvent[]): void {
    this.#gather.flush();
    this.#log(events);
  }

  /** Commits with it how far the agent's output is in the log, so that no other server takes it twice. */
  #log(events: NewEvent[]): void {
    if (this.#left) return;
    const { host, pipe, told } = this.#parts;
    const { offset } = this.#link;
    host.log.append(events, { holderOffset: offset, stored: () => pipe.acknowledge?.(offset) });
    this.#committed = offset;
    if (events.length > 0) told();
  }

  /** Much of what an agent says is worth no event: whoever keeps it for us may forget it too. */
  #taken(): void {
    if (this.#link.offset - this.#committed > limits.agentUncommittedBytesMax) this.#append([]);
  }

  #leave(): void {
    this.#gather.flush();
    this.#left = true;
    this.turns.leave();
    this.#parts.pipe.leave?.();
  }

  async #end(): Promise<void> {
    const { pipe, end } = this.#parts;
    if (this.turns.current !== undefined) this.#link.cancel(this.#agentSessionId);
    pipe.endInput();
    await within(pipe.exited, limits.agentEndMs);
    await end(pipe.pid);
  }
}

const isAuth = (error: unknown): boolean => error instanceof AgentRefusal && error.code === REFUSED.authRequired;
