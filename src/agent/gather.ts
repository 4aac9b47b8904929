// Gathers what an agent streams, so that a word at a time does not become an event at a time:
// at most ten moments a second are logged, each in one commit. Order is kept where it shows:
// text goes to one event only until something new takes its place in the conversation.

import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import { present } from './read.ts';
import type { Reading } from './update.ts';

interface Pending {
  key: string;
  type: string;
  data: JsonObject;
}

export class Gather {
  readonly #append: (events: NewEvent[]) => void;
  #pending: Pending[] = [];
  /** Pending by key, while what comes may still go into it. */
  readonly #open = new Map<string, Pending>();
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** performance.now(): a clock that is set back must hold nothing. */
  #last = -limits.agentGatherMs;

  /** `append` logs a moment's events in one commit. */
  constructor(append: (events: NewEvent[]) => void) {
    this.#append = append;
  }

  add(reading: Extract<Reading, { what: 'text' | 'tool' | 'state' | 'event' }>): void {
    switch (reading.what) {
      case 'text':
        this.#text(reading.type, reading.text, reading.message);
        break;
      case 'tool':
        this.#merge(`tool ${reading.id}`, 'tool', reading.data, reading.first);
        break;
      case 'state':
        this.#merge(reading.type, reading.type, reading.data, false);
        break;
      case 'event':
        this.#put('', reading.type, reading.data);
        break;
    }
    if (this.#bytes > limits.agentGatherBytesMax) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), Math.max(0, this.#last + limits.agentGatherMs - performance.now()));
  }

  /** Logs what is pending, now: what is logged next comes after it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    this.#last = performance.now();
    const events = this.#pending.map(({ type, data }): NewEvent => ({ channel: 'stdout', type, data }));
    this.#pending = [];
    this.#open.clear();
    this.#bytes = 0;
    this.#append(events);
  }

  #text(type: string, text: string, message: string | undefined): void {
    const key = `${type} ${message ?? ''}`;
    const open = this.#open.get(key);
    if (open === undefined || String(open.data.text).length + text.length > limits.outputEventBytesMax) {
      for (const piece of pieces(text)) this.#put(key, type, present({ text: piece, message }));
      return;
    }
    open.data.text = `${String(open.data.text)}${text}`;
    this.#bytes += text.length;
  }

  /** Later fields win. What is `first` takes a place in the conversation, so text before and after it stays apart. */
  #merge(key: string, type: string, data: JsonObject, first: boolean): void {
    const open = this.#open.get(key);
    if (open !== undefined && !first) {
      Object.assign(open.data, data);
      this.#bytes += JSON.stringify(data).length;
      return;
    }
    const pending = { key, type, data: { ...data } };
    if (first) for (const [other] of this.#open) if (!other.startsWith('tool ')) this.#open.delete(other);
    this.#push(pending);
  }

  #put(key: string, type: string, data: JsonObject): void {
    // Text of another stream, or something else, comes between: what was open is closed.
    for (const [other, { type: kind }] of this.#open) if (kind === 'message' || kind === 'thought') this.#open.delete(other);
    this.#push({ key, type, data });
  }

  #push(pending: Pending): void {
    this.#pending.push(pending);
    if (pending.key !== '') this.#open.set(pending.key, pending);
    this.#bytes += JSON.stringify(pending.data).length;
  }
}

/** Never cut within a character. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + limits.outputEventBytesMax);
    if (end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))) end -= 1;
    found.push(text.slice(at, end));
    at = end;
  }
  return found;
}
