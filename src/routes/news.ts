// What changed, by name and id, for pages and programs that then ask again. At most four a
// second per name: what comes in between is gathered into the next.

import { Elysia } from 'elysia';
import { CHANGE_NAMES, type ChangeName } from '../changes.ts';
import { limits } from '../limits.ts';
import { whenRevoked } from './client.ts';
import type { Parts } from './parts.ts';
import { type SseWriter, sseResponse } from './sse.ts';

const INTERVAL_MS = 1000 / limits.newsPerSecondMax;

export function newsRoutes(parts: Parts) {
  return new Elysia().get(
    '/api/events',
    ({ request, server }) => {
      const ends: (() => void)[] = [];
      return sseResponse(request, server, {
        start(writer) {
          const news = new News(writer);
          ends.push(
            parts.changes.listen((name, id) => news.tell(name, id)),
            parts.workspaces.watch(),
            whenRevoked(parts, request, () => writer.close()),
            () => news.dispose(),
          );
        },
        end() {
          for (const end of ends) end();
        },
      });
    },
    {
      detail: {
        tags: ['news'],
        summary: 'What changed, as server-sent events',
        description: `Events named ${CHANGE_NAMES.join(', ')}, data \`{ "id", "ids" }\`: ids of what changed, never content. At most ${limits.newsPerSecondMax} a second per name.`,
      },
    },
  );
}

class News {
  readonly #writer: SseWriter;
  readonly #waiting = new Map<ChangeName, Set<string>>();
  readonly #timers = new Map<ChangeName, ReturnType<typeof setTimeout>>();

  constructor(writer: SseWriter) {
    this.#writer = writer;
  }

  tell(name: ChangeName, id: string): void {
    const waiting = this.#waiting.get(name) ?? new Set();
    waiting.add(id);
    this.#waiting.set(name, waiting);
    if (!this.#timers.has(name)) this.#send(name);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #send(name: ChangeName): void {
    const ids = [...(this.#waiting.get(name) ?? [])];
    this.#waiting.delete(name);
    if (ids.length === 0) {
      this.#timers.delete(name);
      return;
    }
    this.#writer.send({ event: name, data: { id: ids.at(-1), ids } });
    this.#timers.set(name, setTimeout(() => this.#send(name), INTERVAL_MS));
  }
}
