// What waits on a person because something came to an end or called: turns that finished,
// terminals that rang, commands that ended while nobody was attached. What is open is told by
// the logs, so a restart loses nothing that it should keep; what asks is with its program.

import type { Changes } from '../changes.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { LogEvent } from './event.ts';
import type { SessionLog } from './log.ts';
import { isLive, type Session } from './session.ts';

export type Why = 'finished' | 'interrupted' | 'failed' | 'bell' | 'ended';

export interface Mark {
  sessionId: string;
  why: Why;
  /** ms. */
  since: number;
}

export interface InboxParts {
  /** Sessions that the inbox is about, live ones and others. */
  sessions: () => {
    list(filter: { kind?: 'claude'; status?: 'active'; limit: number; offset: number }): { sessions: Session[]; pagination: { hasMore: boolean } };
    get(id: string): Session;
    log(id: string): SessionLog;
    read(id: string, range: { after: number; upTo: number; limit: number }): { events: LogEvent[] };
  };
  changes: Changes;
}

/** What of a log's end tells whether its last turn was seen. */
const TAIL_EVENTS = 100;
const SEEN = new Set(['seen', 'prompt', 'cancel', 'attach', 'input']);

export class Inbox {
  readonly #parts: InboxParts;
  readonly #marks = new Map<string, Mark>();
  readonly #followed = new Map<string, () => void>();
  /** Sessions that somebody else waits for: an agent's terminals. */
  readonly #others = new Set<string>();
  readonly #unlisten: () => void;

  constructor(parts: InboxParts) {
    this.#parts = parts;
    this.#unlisten = parts.changes.listen((name, id) => {
      if (name === 'sessions') this.#look(id);
      if (name === 'workspaces') for (const known of [...this.#followed.keys(), ...this.#marks.keys()]) this.#look(known);
    });
  }

  /** Oldest first. */
  marks(): Mark[] {
    return [...this.#marks.values()].sort((one, other) => one.since - other.since).slice(0, limits.inboxItemsMax);
  }

  has(sessionId: string): boolean {
    return this.#marks.has(sessionId);
  }

  /** Somebody looks at the session: what it had to tell is told. */
  seen(sessionId: string, client: string): void {
    const mark = this.#marks.get(sessionId);
    if (mark === undefined) return;
    this.#parts.sessions().log(sessionId).append([{ channel: 'system', type: 'seen', data: { client } }]);
    this.#clear(sessionId);
  }

  /** Its end is nobody's news. */
  ignore(sessionId: string): void {
    this.#others.add(sessionId);
    this.#clear(sessionId);
  }

  /** Reads from the logs what was open when the last server ended; others get their turn in between. */
  async recall(): Promise<void> {
    const sessions = this.#parts.sessions();
    for (let offset = 0; ; offset += limits.listLimitMax) {
      const page = sessions.list({ kind: 'claude', limit: limits.listLimitMax, offset });
      for (const session of page.sessions) {
        this.#recallOne(session);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!page.pagination.hasMore) return;
    }
  }

  dispose(): void {
    this.#unlisten();
    for (const unfollow of this.#followed.values()) unfollow();
    this.#followed.clear();
  }

  #recallOne({ id, currentSequence }: Session): void {
    if (this.#marks.has(id)) return;
    const sessions = this.#parts.sessions();
    const after = Math.max(0, currentSequence - TAIL_EVENTS);
    let open: LogEvent | undefined;
    let turn = false;
    for (const event of sessions.read(id, { after, upTo: currentSequence, limit: TAIL_EVENTS }).events) {
      if (event.data instanceof Uint8Array) continue;
      if (SEEN.has(event.type)) open = undefined;
      if (event.type === 'prompt') turn = true;
      const why = whyOf(event, event.data, turn);
      if (event.type === 'stop') turn = false;
      if (why !== undefined) open = event;
    }
    if (open === undefined || open.data instanceof Uint8Array) return;
    const why = whyOf(open, open.data, true);
    if (why !== undefined) this.#mark(id, why, open.timestamp);
  }

  /** Follows a session while it lives, and forgets it when it is deleted. */
  #look(id: string): void {
    const sessions = this.#parts.sessions();
    const session = found(() => sessions.get(id));
    if (session === undefined) {
      this.#others.delete(id);
      this.#unfollow(id);
      this.#clear(id);
    } else if (isLive(session.status) && !this.#followed.has(id)) {
      let turn = session.activity.state === 'working' || session.activity.state === 'needs_you';
      const unlisten = sessions.log(id).listen({
        event: (event) => {
          if (event.data instanceof Uint8Array) return;
          if (event.type === 'prompt') turn = true;
          this.#follow(id, event, event.data, turn);
          if (event.type === 'stop') turn = false;
        },
        closed: () => this.#unfollow(id),
      });
      this.#followed.set(id, unlisten);
    } else if (!isLive(session.status)) {
      this.#unfollow(id);
    }
  }

  #follow(id: string, event: LogEvent, data: JsonObject, turn: boolean): void {
    if (SEEN.has(event.type)) return this.#clear(id);
    const why = whyOf(event, data, turn) ?? this.#calls(id, event, data);
    if (why !== undefined) this.#mark(id, why, event.timestamp);
  }

  /** A terminal calls only where nobody is attached to hear it. */
  #calls(id: string, { type }: LogEvent, data: JsonObject): Why | undefined {
    const session = found(() => this.#parts.sessions().get(id));
    if (session?.kind !== 'terminal' || session.clients.length > 0) return undefined;
    if (type === 'bell') return 'bell';
    if (type === 'command' && data.phase === 'done') return 'ended';
    return type === 'status' && data.status === 'stopped' && Array.isArray(session.meta.command) ? 'ended' : undefined;
  }

  #mark(id: string, why: Why, since: number): void {
    if (this.#marks.get(id)?.why === why || this.#others.has(id)) return;
    this.#marks.set(id, { sessionId: id, why, since });
    this.#parts.changes.announce('inbox', id);
  }

  #clear(id: string): void {
    if (this.#marks.delete(id)) this.#parts.changes.announce('inbox', id);
  }

  #unfollow(id: string): void {
    this.#followed.get(id)?.();
    this.#followed.delete(id);
  }
}

/** What an event of a conversation leaves for a person to see; `turn` where one was open. */
function whyOf({ type }: LogEvent, data: JsonObject, turn: boolean): Why | undefined {
  if (type === 'status' && turn && (data.status === 'stopped' || data.status === 'error')) return 'interrupted';
  if (type === 'status' && data.status === 'error') return 'failed';
  if (type !== 'stop' || data.reason === 'cancelled') return undefined;
  if (data.reason === 'interrupted') return 'interrupted';
  return data.reason === 'error' ? 'failed' : 'finished';
}

function found(get: () => Session): Session | undefined {
  try {
    return get();
  } catch {
    // Deleted.
    return undefined;
  }
}
