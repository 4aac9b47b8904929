// What comes from the agent as a request: a person's matter is kept until somebody decides,
// the rest is served. What waits for the end of something is in the log, so that another server
// can answer it.

import { AppError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import { REFUSED, type RequestId } from './peer.ts';
import { lineIn, objectIn, present, textIn } from './read.ts';
import type { Awaited } from './recall.ts';
import { optionsKept, type Requests } from './requests.ts';
import { type KeepImage, toolCall } from './update.ts';

/** What the agent may ask of its client. */
export interface ClientServing {
  /** @returns undefined where the method is not known. @throws AppError */
  serve(method: string, params: JsonObject): Promise<JsonObject | undefined>;
  /** Of another server's time: terminals and how much of their output is wanted. */
  recall(terminals: ReadonlyMap<string, number>): void;
}

export interface AskedParts {
  requests: Requests;
  serving: ClientServing;
  keepImage: KeepImage;
  /** Which of the agent's processes asks. */
  process: () => string;
  append: (events: NewEvent[]) => void;
  respond: (id: RequestId, result: JsonObject) => void;
  refuse: (id: RequestId, code: number, message: string) => void;
  /** Something of ours went wrong. */
  failed: (method: string, error: unknown) => void;
}

/** Answered at the end of a program, which may outlive this server. */
const WAITS = 'terminal/wait_for_exit';

export class Asked {
  readonly #parts: AskedParts;

  constructor(parts: AskedParts) {
    this.#parts = parts;
  }

  async take(id: RequestId, method: string, params: JsonObject): Promise<void> {
    const { requests, serving, append, respond, refuse, failed } = this.#parts;
    try {
      if (method === 'session/request_permission') return this.#permission(requests, id, params);
      if (method === 'elicitation/create') return this.#question(requests, id, params);
      const waits = method === WAITS;
      if (waits) append([{ channel: 'system', type: 'awaits', data: { request: id, params: { terminalId: params.terminalId ?? null } } }]);
      const result = await serving.serve(method, params);
      if (waits) append([{ channel: 'system', type: 'awaited', data: { request: id } }]);
      if (result === undefined) refuse(id, REFUSED.methodNotFound, `Dispatch does not know ${method.slice(0, 100)}.`);
      else respond(id, result);
    } catch (error) {
      if (error instanceof AppError) refuse(id, error.code === 'not_found' ? REFUSED.notFound : REFUSED.invalidParams, error.message);
      else failed(method, error);
    }
  }

  /** What another server was waiting for. */
  takeAgain({ request, params }: Awaited): void {
    void this.take(request, WAITS, params);
  }

  #permission(requests: Requests, id: RequestId, params: JsonObject): void {
    const asked = toolCall(objectIn(params.toolCall) ?? {}, this.#parts.keepImage);
    requests.ask('permission', this.#parts.process(), id, { toolCall: asked, options: optionsKept(params.options) });
  }

  #question(requests: Requests, id: RequestId, params: JsonObject): void {
    const schema = isJsonObject(params.requestedSchema) ? params.requestedSchema : {};
    const form = present({
      mode: lineIn(params.mode, 20),
      message: lineIn(params.message, limits.agentReasonLengthMax),
      properties: objectIn(schema.properties),
      required: schema.required,
      url: textIn(params.url)?.slice(0, limits.pathBytesMax),
      toolCallId: lineIn(params.toolCallId),
    });
    requests.ask('question', this.#parts.process(), id, { form });
  }
}
