// JSON-RPC 2.0 with an agent, one message a line. Ids are ours to know: a request of the agent
// can be answered hours later, and by another server than the one that it came to. What is no
// message is counted, and too much of it ends the conversation, never the server.

import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import { Lines } from './lines.ts';

export type RequestId = string | number;

/** What the agent answered in place of a result. */
export class AgentRefusal extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data: JsonValue | undefined,
  ) {
    super(message);
    this.name = 'AgentRefusal';
  }
}

/** The agent cannot answer any more, or did not in time. */
export class AgentGone extends Error {}

export const REFUSED = { methodNotFound: -32601, invalidParams: -32602, internal: -32603, authRequired: -32000, notFound: -32002 } as const;

export interface PeerOptions {
  /** A line that goes to the agent, newline included. */
  write: (line: string) => void;
  /** To be answered by `respond` or `refuse`, whenever. */
  request: (id: RequestId, method: string, params: JsonObject) => void;
  notification: (method: string, params: JsonObject) => void;
  /** The message that ends here is taken now. */
  reached: (offset: number) => void;
  /** What comes can no longer be understood, and why. Called once. */
  broken: (reason: string) => void;
}

interface Waiting {
  resolve: (result: JsonValue) => void;
  reject: (error: Error) => void;
}

export class Peer {
  readonly #options: PeerOptions;
  readonly #lines: Lines;
  readonly #waiting = new Map<RequestId, Waiting>();
  #count = 0;
  #noise = 0;
  #over: Error | undefined;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#lines = new Lines(limits.agentLineBytesMax, (line, end) => {
      if (this.#over !== undefined) return;
      options.reached(end);
      this.#line(line);
    });
  }

  /** Whether a message has begun to come. */
  get partial(): boolean {
    return this.#lines.partial;
  }

  /** @param offset of the first byte in all that the agent printed */
  receive(bytes: Uint8Array, offset: number): void {
    if (this.#over !== undefined || this.#lines.push(bytes, offset)) return;
    this.#break(`It sent a message of more than ${limits.agentLineBytesMax / 1024 / 1024} MiB.`);
  }

  /** @throws AgentRefusal, AgentGone */
  async request(method: string, params: JsonObject, { id = this.#nextId(), withinMs }: { id?: RequestId; withinMs?: number } = {}): Promise<JsonValue> {
    const answer = this.expect(id);
    this.#send({ id, method, params });
    if (withinMs === undefined) return answer;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new AgentGone(`It did not answer to ${method} within ${withinMs / 1000} seconds.`));
      }, withinMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The answer to a request that was sent already. */
  expect(id: RequestId): Promise<JsonValue> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    const { promise, resolve, reject } = Promise.withResolvers<JsonValue>();
    this.#waiting.set(id, { resolve, reject });
    return promise;
  }

  notify(method: string, params: JsonObject): void {
    this.#send({ method, params });
  }

  respond(id: RequestId, result: JsonObject): void {
    this.#send({ id, result });
  }

  refuse(id: RequestId, code: number, message: string): void {
    this.#send({ id, error: { code, message } });
  }

  /** Whoever waits for an answer hears why none comes. */
  dispose(reason: string): void {
    this.#over ??= new AgentGone(reason);
    for (const { reject } of this.#waiting.values()) reject(this.#over);
    this.#waiting.clear();
  }

  #nextId(): RequestId {
    this.#count += 1;
    return `dispatch-${this.#count}`;
  }

  #send(message: JsonObject): void {
    if (this.#over === undefined) this.#options.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  #line(line: Buffer): void {
    let message: JsonValue;
    try {
      const text = line.toString('utf8').trim();
      if (text === '') return;
      message = JSON.parse(text) as JsonValue;
    } catch {
      return this.#garbage(line);
    }
    if (!isJsonObject(message)) return this.#garbage(line);
    const { id, method } = message;
    const params = isJsonObject(message.params) ? message.params : {};
    if (typeof method === 'string') {
      if (typeof id === 'string' || typeof id === 'number') this.#options.request(id, method, params);
      else this.#options.notification(method, params);
    } else if (typeof id === 'string' || typeof id === 'number') {
      this.#answer(id, message);
    } else {
      this.#garbage(line);
    }
  }

  #answer(id: RequestId, { result, error }: JsonObject): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (isJsonObject(error)) {
      const code = typeof error.code === 'number' ? error.code : REFUSED.internal;
      waiting?.reject(new AgentRefusal(code, reasonIn(error), error.data));
    } else {
      waiting?.resolve(result ?? null);
    }
  }

  #garbage(line: Buffer): void {
    this.#noise += 1;
    if (this.#noise <= limits.agentNoiseLinesMax) return;
    const sample = line.toString('utf8', 0, 80).replace(/[^\p{L}\p{N}\p{P}\p{S}\p{Zs}]/gu, '·');
    this.#break(`What it prints is no message of the Agent Client Protocol: “${sample}”.`);
  }

  #break(reason: string): void {
    if (this.#over !== undefined) return;
    this.dispose(reason);
    this.#options.broken(reason);
  }
}

/** “Internal error” says nothing: then what stands behind it does. */
function reasonIn({ code, message, data }: JsonObject): string {
  const words = typeof message === 'string' ? message : '';
  const details = typeof data === 'string' ? data : isJsonObject(data) && typeof data.details === 'string' ? data.details : '';
  const isEmpty = words === '' || (code === REFUSED.internal && /^internal error\.?$/i.test(words));
  return ((isEmpty ? details : '') || words || 'It gave no reason.').slice(0, limits.agentReasonLengthMax);
}
