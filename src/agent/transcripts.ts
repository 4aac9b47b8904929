// Holds the transcripts of conversations ready while somebody looks: each is read from its log
// once, then follows it. The one that was asked for longest ago makes room.

import { limits } from '../limits.ts';
import type { SessionLog } from '../sessions/log.ts';
import { Transcript } from './transcript.ts';

const PAGE_EVENTS = 500;
const PAGE_BYTES = 1024 * 1024;

interface Held {
  transcript: Transcript;
  ready: Promise<void>;
  dispose(): void;
}

export class Transcripts {
  readonly #log: (id: string) => SessionLog;
  readonly #held = new Map<string, Held>();

  /** @param log of a session. @throws AppError not_found */
  constructor(log: (id: string) => SessionLog) {
    this.#log = log;
  }

  /** As of now: it goes on changing with the log. @throws AppError not_found */
  async get(id: string): Promise<Transcript> {
    const held = this.#held.get(id) ?? this.#open(id);
    // The latest asked for is the last in the map.
    this.#held.delete(id);
    this.#held.set(id, held);
    await held.ready;
    return held.transcript;
  }

  dispose(): void {
    for (const id of [...this.#held.keys()]) this.#drop(id);
  }

  #open(id: string): Held {
    const log = this.#log(id);
    const transcript = new Transcript();
    let live = false;
    let disposed = false;
    // Listening starts before anything is read; what comes until all is read, is read too.
    const unlisten = log.listen({
      event: (event) => {
        if (live && event.sequence > transcript.head) transcript.apply(event);
      },
      closed: () => this.#drop(id),
    });
    const read = async (): Promise<void> => {
      while (!disposed) {
        const page = log.read(transcript.head, PAGE_EVENTS, PAGE_BYTES);
        for (const event of page) transcript.apply(event);
        if (page.length === 0 || transcript.head >= log.head) break;
        await new Promise((resolve) => setImmediate(resolve));
      }
      live = true;
    };
    const dispose = (): void => {
      disposed = true;
      unlisten();
    };
    const ready = read().catch((error: unknown) => {
      this.#drop(id);
      throw error;
    });
    const held = { transcript, ready, dispose };
    if (this.#held.size >= limits.transcriptsHeldMax) {
      const [oldest] = this.#held.keys();
      if (oldest !== undefined) this.#drop(oldest);
    }
    this.#held.set(id, held);
    return held;
  }

  #drop(id: string): void {
    this.#held.get(id)?.dispose();
    this.#held.delete(id);
  }
}
