// The connection with one agent's process: greeting, conversation begun or taken up again,
// turns, and its end. It keeps no state of the conversation but what the protocol needs.

import type { JsonObject, JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import { type ConfigOption, readConfig } from './config.ts';
import { AgentGone, AgentRefusal, Peer, REFUSED, type RequestId } from './peer.ts';
import type { AgentPipe } from './pipe.ts';
import { lineIn, objectIn, textIn } from './read.ts';

export interface LinkOptions {
  pipe: AgentPipe;
  /** Of what the agent printed, what is in the log already. */
  offset: number;
  update: (update: JsonObject) => void;
  request: (id: RequestId, method: string, params: JsonObject) => void;
  /** The agent takes a request of its own back. */
  withdrawn: (id: RequestId) => void;
  stderr: (bytes: Uint8Array) => void;
  /** After bytes were taken. */
  taken: () => void;
  /** @param error where something of ours went wrong */
  broken: (reason: string, error?: unknown) => void;
}

export interface Capabilities {
  load: boolean;
  resume: boolean;
  fork: boolean;
  image: boolean;
  /** Of the agent itself, as it says. */
  name: string;
  version: string;
}

export interface Begun {
  agentSessionId: string;
  config: ConfigOption[];
  how: 'new' | 'resumed' | 'loaded' | 'forked';
  /** Why the conversation could not be taken up, where it could not. */
  lost: string | null;
}

export interface BeginOptions {
  cwd: string;
  /** The agent's own id of the conversation to go on with. */
  resume: string | undefined;
  /** Or of the one to begin from a copy of. */
  fork: string | undefined;
  /** Called before a load, whose history follows as updates, and after it. */
  loading: (now: boolean) => void;
}

export class AgentLink {
  readonly #pipe: AgentPipe;
  readonly #options: LinkOptions;
  readonly #peer: Peer;
  #offset: number;

  constructor(options: LinkOptions) {
    const { pipe } = options;
    this.#pipe = pipe;
    this.#offset = options.offset;
    this.#peer = new Peer({
      write: (line) => this.#write(line),
      request: options.request,
      notification: (method, params) => {
        if (method === 'session/update') options.update(objectIn(params.update) ?? {});
        else if (method === '$/cancel_request' && isId(params.requestId)) options.withdrawn(params.requestId);
      },
      reached: (offset) => {
        this.#offset = offset;
      },
      broken: options.broken,
    });
    this.#options = options;
  }

  /** What the agent says begins to come; to be called once. */
  listen(): void {
    const { pipe, broken } = this.#options;
    pipe.listen({
      output: (bytes, offset, stream) => {
        try {
          this.#take(bytes, offset, stream);
        } catch (error) {
          // What one agent says must hurt no other: its session ends.
          broken('What it said could not be taken: something went wrong on our side.', error);
        }
      },
      gap: (_, bytes) => broken(`${bytes} bytes of what it said are lost.`),
    });
  }

  /** Up to where what the agent printed was taken, the message that is being taken included. */
  get offset(): number {
    return this.#offset;
  }

  /** @throws AgentRefusal, AgentGone */
  async greet(version: string): Promise<Capabilities> {
    const result = await this.#ask('initialize', {
      protocolVersion: 1,
      clientInfo: { name: 'dispatch', title: 'Dispatch', version },
      clientCapabilities: {
        fs: { readTextFile: true, writeTextFile: true },
        terminal: true,
        elicitation: { form: {}, url: {} },
        session: { configOptions: { boolean: {} }, notices: {} },
      },
    });
    if (result.protocolVersion !== 1) throw new AgentGone('It speaks another version of the Agent Client Protocol than 1.');
    const can = objectIn(result.agentCapabilities) ?? {};
    const sessions = objectIn(can.sessionCapabilities) ?? {};
    const info = objectIn(result.agentInfo) ?? {};
    return {
      load: can.loadSession === true,
      resume: objectIn(sessions.resume) !== undefined,
      fork: objectIn(sessions.fork) !== undefined,
      image: objectIn(can.promptCapabilities)?.image === true,
      name: lineIn(info.title) ?? lineIn(info.name) ?? '',
      version: lineIn(info.version, 40) ?? '',
    };
  }

  /** Takes the conversation up where the agent can, else begins one. @throws AgentRefusal, AgentGone */
  async begin(can: Capabilities, { cwd, resume, fork, loading }: BeginOptions): Promise<Begun> {
    let lost: string | null = null;
    if (resume !== undefined) {
      const taken = await this.#takeUp(can, cwd, resume, loading);
      if (typeof taken !== 'string') return taken;
      lost = taken;
    } else if (fork !== undefined) {
      const copy = await this.#copy(can, cwd, fork);
      if (typeof copy !== 'string') return copy;
      lost = copy;
    }
    const result = await this.#ask('session/new', { cwd, mcpServers: [] });
    return { agentSessionId: sessionIn(result), config: readConfig(result), how: 'new', lost };
  }

  /** The end of a turn that another server began. */
  async turnOf(promptId: string): Promise<string> {
    return stopReason(await this.#peer.expect(`prompt-${promptId}`));
  }

  /** Resolves when the turn is over. @returns why. @throws AgentRefusal, AgentGone */
  async prompt(sessionId: string, promptId: string, prompt: JsonObject[]): Promise<string> {
    return stopReason(await this.#peer.request('session/prompt', { sessionId, prompt }, { id: `prompt-${promptId}` }));
  }

  cancel(sessionId: string): void {
    this.#peer.notify('session/cancel', { sessionId });
  }

  /** @returns all options afterwards, where the agent says. @throws AgentRefusal, AgentGone */
  async choose(sessionId: string, option: ConfigOption, value: string | boolean): Promise<ConfigOption[] | undefined> {
    if (option.legacyMode) {
      await this.#ask('session/set_mode', { sessionId, modeId: value });
      return undefined;
    }
    const typed: JsonObject = typeof value === 'boolean' ? { type: 'boolean', value } : { value };
    const result = await this.#ask('session/set_config_option', { sessionId, configId: option.id, ...typed });
    return Array.isArray(result.configOptions) ? readConfig(result) : undefined;
  }

  respond(id: RequestId, result: JsonObject): void {
    this.#peer.respond(id, result);
  }

  refuse(id: RequestId, code: number, message: string): void {
    this.#peer.refuse(id, code, message);
  }

  dispose(reason: string): void {
    this.#peer.dispose(reason);
  }

  /** @returns why it could not */
  async #takeUp(can: Capabilities, cwd: string, sessionId: string, loading: (now: boolean) => void): Promise<Begun | string> {
    let why = 'The agent keeps no conversations.';
    const params = { sessionId, cwd, mcpServers: [] };
    for (const [able, method, how] of [[can.resume, 'session/resume', 'resumed'], [can.load, 'session/load', 'loaded']] as const) {
      if (!able) continue;
      if (how === 'loaded') loading(true);
      try {
        const result = await this.#ask(method, params);
        return { agentSessionId: sessionId, config: readConfig(result), how, lost: null };
      } catch (error) {
        // Signing in, and an agent that is gone, are no matter of this conversation.
        if (!(error instanceof AgentRefusal) || error.code === REFUSED.authRequired) throw error;
        why = error.message;
      } finally {
        if (how === 'loaded') loading(false);
      }
    }
    return why;
  }

  /** @returns why it could not */
  async #copy(can: Capabilities, cwd: string, sessionId: string): Promise<Begun | string> {
    if (!can.fork) return 'The agent cannot copy a conversation.';
    try {
      const result = await this.#ask('session/fork', { sessionId, cwd, mcpServers: [] });
      return { agentSessionId: sessionIn(result), config: readConfig(result), how: 'forked', lost: null };
    } catch (error) {
      if (!(error instanceof AgentRefusal) || error.code === REFUSED.authRequired) throw error;
      return error.message;
    }
  }

  async #ask(method: string, params: JsonObject): Promise<JsonObject> {
    return objectIn(await this.#peer.request(method, params, { withinMs: limits.agentAnswerMs })) ?? {};
  }

  /** How far all that was printed is taken: never into a message that has not come whole. */
  #take(bytes: Uint8Array, offset: number, stream: 1 | 2): void {
    if (stream === 1) this.#peer.receive(bytes, offset);
    else this.#options.stderr(bytes);
    if (!this.#peer.partial) this.#offset = offset + bytes.byteLength;
    this.#options.taken();
  }

  #write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#pipe.pendingBytes + bytes.byteLength <= limits.agentUnreadBytesMax) return this.#pipe.write(bytes);
    const reason = 'It does not read what it is sent.';
    this.dispose(reason);
    this.#options.broken(reason);
  }
}

const stopReason = (result: JsonValue): string => lineIn(objectIn(result)?.stopReason, 40) ?? 'end_turn';

const isId = (value: JsonValue | undefined): value is RequestId => typeof value === 'string' || typeof value === 'number';

function sessionIn(result: JsonObject): string {
  const id = textIn(result.sessionId);
  if (id === undefined || id === '' || id.length > limits.agentTitleLengthMax) throw new AgentGone('It began no conversation.');
  return id;
}
