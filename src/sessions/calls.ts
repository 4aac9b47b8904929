// What of a session's events calls a person: the end of a turn, a failure, a bell, the end of a
// command; with a line that says what of it is worth knowing before one looks.

import type { JsonObject, JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import type { LogEvent } from './event.ts';

export type Why = 'finished' | 'interrupted' | 'failed' | 'bell' | 'ended';

export interface Call {
  why: Why;
  /** One line for a person; null where there is nothing to say. */
  detail: string | null;
}

/** Whoever does one of these has seen how the session stood. */
export const SEEN = ['seen', 'prompt', 'cancel', 'attach', 'input'] as const;

/** Follows the events of one session, in order. */
export class Calls {
  #turn: boolean;
  #error: string | null = null;
  #message: JsonValue | undefined;
  #said = '';

  /** @param turn whether one is open already */
  constructor(turn: boolean) {
    this.#turn = turn;
  }

  /** What the event calls for, of a conversation; terminals call by `terminalCall`. */
  take({ type, data }: LogEvent): Call | undefined {
    if (data instanceof Uint8Array) return undefined;
    if (type === 'prompt') this.#begun();
    else if (type === 'message') this.#spoken(data);
    else if (type === 'tool') this.#message = undefined;
    else if (type === 'error') this.#error = lineOf(data.message);
    const why = whyOf(type, data, this.#turn);
    if (type === 'stop' || type === 'status') this.#turn = false;
    if (why === undefined) return undefined;
    const ended = type === 'status' ? lineOf(data.reason) : null;
    return { why, detail: why === 'finished' ? lineOf(this.#said) : (ended ?? this.#error) };
  }

  #begun(): void {
    this.#turn = true;
    this.#error = null;
    this.#message = undefined;
    this.#said = '';
  }

  /** Of what it said last, the beginning: what comes after a tool stands for itself. */
  #spoken({ message = null, text }: JsonObject): void {
    if (this.#message !== message) this.#said = '';
    this.#message = message;
    if (typeof text === 'string' && this.#said.length < limits.agentTitleLengthMax) this.#said += text;
  }
}

/** What an event of a terminal calls for, where nobody looks at it. @param once whether it runs one command */
export function terminalCall({ type, data }: LogEvent, once: boolean): Call | undefined {
  if (data instanceof Uint8Array) return undefined;
  if (type === 'bell') return { why: 'bell', detail: null };
  if (type === 'command' && data.phase === 'done') {
    return { why: 'ended', detail: [lineOf(data.line), exitWords(data.exit)].filter((part) => part !== null).join(' · ') || null };
  }
  // A hangup is how a person, or the server, stops a terminal: they know.
  if (type !== 'status' || data.status !== 'stopped' || !once || data.signal === 'SIGHUP') return undefined;
  return { why: 'ended', detail: exitWords(data.exitCode) ?? lineOf(data.signal) ?? lineOf(data.reason) };
}

function whyOf(type: string, data: JsonObject, turn: boolean): Why | undefined {
  if (type === 'status' && turn && (data.status === 'stopped' || data.status === 'error')) return 'interrupted';
  if (type === 'status' && data.status === 'error') return 'failed';
  if (type !== 'stop' || data.reason === 'cancelled') return undefined;
  if (data.reason === 'interrupted') return 'interrupted';
  return data.reason === 'error' ? 'failed' : 'finished';
}

const exitWords = (code: JsonValue | undefined): string | null => (typeof code === 'number' ? `exit ${code}` : null);

/** The first line with words in it, bounded. */
function lineOf(value: JsonValue | undefined): string | null {
  if (typeof value !== 'string') return null;
  const line = value.split('\n').find((one) => /[\p{L}\p{N}]/u.test(one))?.replace(/\p{Cc}+/gu, ' ').trim() ?? '';
  return line === '' ? null : line.length <= DETAIL_LENGTH ? line : `${line.slice(0, DETAIL_LENGTH - 1).toWellFormed()}…`;
}

const DETAIL_LENGTH = 200;
