// What the log tells of a conversation so far, for a program that takes it up again: after the
// end of its agent, or with an agent that another server left alive.

import type { JsonObject } from '../json.ts';
import type { LogEvent } from '../sessions/event.ts';
import type { SessionLog } from '../sessions/log.ts';
import { type ConfigOption, optionsIn } from './config.ts';
import type { Capabilities } from './link.ts';
import type { RequestId } from './peer.ts';
import { promptOf } from './prompts.ts';
import { objectIn, objectsIn, textIn } from './read.ts';

const PAGE_EVENTS = 1000;
const PAGE_BYTES = 4 * 1024 * 1024;

/** Every event, in order; others get their turn between pages. */
export async function eachEvent(log: SessionLog, take: (event: LogEvent) => void): Promise<void> {
  for (let after = 0; after < log.head; ) {
    const page = log.read(after, PAGE_EVENTS, PAGE_BYTES);
    const last = page.at(-1);
    if (last === undefined) return;
    for (const event of page) take(event);
    after = last.sequence;
    if (after < log.head) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A request of an agent that is answered when something ends. */
export interface Awaited {
  request: RequestId;
  params: JsonObject;
}

export class Past {
  /** The prompt that has no end yet, and since when (ms). */
  turn: { prompt: string; since: number } | undefined;
  /** Whether anything was said. */
  spoken = false;
  config: ConfigOption[] = [];
  commands: JsonObject[] = [];
  /** Of the agent's last process; undefined where it had not begun when the log ends. */
  process: string | undefined;
  agentSessionId = '';
  capabilities: Capabilities | undefined;
  /** ms; of the last event. */
  until = 0;
  /** Terminals of the agent and how much of their output it wants. */
  readonly terminals = new Map<string, number>();
  readonly awaited = new Map<RequestId, Awaited>();

  take({ type, data, timestamp }: LogEvent): void {
    this.until = timestamp;
    if (data instanceof Uint8Array) return;
    switch (type) {
      case 'status':
        if (data.status === 'starting') this.#started();
        break;
      case 'agent':
        this.process = textIn(data.process);
        this.agentSessionId = textIn(data.agentSessionId) ?? '';
        this.capabilities = capabilitiesIn(data);
        break;
      case 'prompt':
        this.spoken = true;
        this.turn = data.retold === true ? this.turn : turnOf(data, timestamp);
        break;
      case 'message':
        this.spoken = true;
        break;
      case 'stop':
        this.turn = undefined;
        break;
      case 'config':
        this.config = optionsIn(data.options);
        break;
      case 'commands':
        this.commands = objectsIn(data.commands);
        break;
      case 'terminal':
        this.terminals.set(textIn(data.terminal) ?? '', Number(data.bytesMax ?? 0));
        break;
      case 'awaits':
        if (isId(data.request)) this.awaited.set(data.request, { request: data.request, params: objectIn(data.params) ?? {} });
        break;
      case 'awaited':
        if (isId(data.request)) this.awaited.delete(data.request);
        break;
    }
  }

  /** Another process begins: what was of the last one is gone. */
  #started(): void {
    this.process = undefined;
    this.capabilities = undefined;
    this.terminals.clear();
    this.awaited.clear();
  }
}

const isId = (value: unknown): value is RequestId => typeof value === 'string' || typeof value === 'number';

const turnOf = (data: JsonObject, since: number): Past['turn'] => {
  const prompt = promptOf(data);
  return prompt === undefined ? undefined : { prompt: prompt.id, since };
};

function capabilitiesIn({ name, version, can }: JsonObject): Capabilities {
  const able = objectIn(can) ?? {};
  return {
    load: able.load === true,
    resume: able.resume === true,
    fork: able.fork === true,
    image: able.image === true,
    name: textIn(name) ?? '',
    version: textIn(version) ?? '',
  };
}
