// What the log tells of a conversation so far, for a program that takes it up again.

import type { LogEvent } from '../sessions/event.ts';
import type { SessionLog } from '../sessions/log.ts';
import { promptOf } from './prompts.ts';

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

/** Follows the turns: which prompt has no end yet. */
export class OpenTurn {
  #prompt: string | null = null;

  get prompt(): string | null {
    return this.#prompt;
  }

  recall({ type, data }: LogEvent): void {
    if (data instanceof Uint8Array) return;
    if (type === 'prompt') this.#prompt = promptOf(data)?.id ?? null;
    else if (type === 'stop') this.#prompt = null;
  }
}
