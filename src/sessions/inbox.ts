// What waits on a person because something came to an end or called: turns that finished,
// terminals that rang, commands that ended while nobody looked. What is open is told by
// the logs (a terminal's own events do not say who heard them, so its call is one more), and a
// restart loses nothing that it should keep; what asks is with its program.

import type { Changes } from '../changes.ts';
import { limits } from '../limits.ts';
import { type Call, Calls, SEEN, terminalCall } from './calls.ts';
import type { LogEvent } from './event.ts';
import type { SessionLog } from './log.ts';
import { type ClientInfo, isLive, type Session } from './session.ts';

export interface Mark extends Call {
  sessionId: string;
  /** ms. */
  since: number;
}

export interface InboxParts {
  /** Sessions that the inbox is about, live ones and others. */
  sessions: () => {
    list(filter: { kind?: 'claude' | 'terminal'; status?: 'active'; limit: number; offset: number }): { sessions: Session[]; pagination: { hasMore: boolean } };
    get(id: string): Session;
    log(id: string): SessionLog;
    read(id: string, range: { after: number; upTo: number; limit: number }): { events: LogEvent[] };
  };
  changes: Changes;
}

/** What of a log's end tells whether its last turn was seen. */
const TAIL_EVENTS = 100;
/** Of a terminal. */
const CALLS = new Set(['bell', 'command', 'status']);
const SEEN_BY = new Set<string>(SEEN);
const isLooking = ({ away }: ClientInfo): boolean => away !== true;
/** A page that is hidden attaches by itself, after a restart: nobody has seen anything. */
const isSeeing = ({ type, data }: LogEvent): boolean => SEEN_BY.has(type) && (data instanceof Uint8Array || data.away !== true);

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
    for (const kind of ['claude', 'terminal'] as const) {
      for (let offset = 0; ; offset += limits.listLimitMax) {
        const page = sessions.list({ kind, limit: limits.listLimitMax, offset });
        for (const session of page.sessions) {
          if (kind === 'claude') this.#recallTurn(session);
          else this.#recallCall(session);
          this.#look(session.id);
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (!page.pagination.hasMore) break;
      }
    }
  }

  dispose(): void {
    this.#unlisten();
    for (const unfollow of this.#followed.values()) unfollow();
    this.#followed.clear();
  }

  #recallTurn({ id, currentSequence }: Session): void {
    if (this.#marks.has(id)) return;
    const after = Math.max(0, currentSequence - TAIL_EVENTS);
    const calls = new Calls(false);
    let open: Mark | undefined;
    for (const event of this.#parts.sessions().read(id, { after, upTo: currentSequence, limit: TAIL_EVENTS }).events) {
      if (isSeeing(event)) open = undefined;
      const call = calls.take(event);
      if (call !== undefined) open = { ...call, sessionId: id, since: event.timestamp };
    }
    if (open !== undefined) this.#mark(open);
  }

  #recallCall({ id }: Session): void {
    const log = this.#parts.sessions().log(id);
    const call = log.latest('call');
    if (this.#marks.has(id) || call === undefined || call.data instanceof Uint8Array) return;
    const last = SEEN.map((type) => log.latest(type));
    if (last.some((event) => event !== undefined && event.sequence > call.sequence && isSeeing(event))) return;
    const { why, detail } = call.data;
    if (why !== 'bell' && why !== 'ended') return;
    this.#mark({ sessionId: id, why, detail: typeof detail === 'string' ? detail : null, since: call.timestamp });
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
      const { kind, activity } = session;
      const calls = new Calls(kind === 'claude' && (activity.state === 'working' || activity.state === 'needs_you'));
      const unlisten = sessions.log(id).listen({
        event: (event) => {
          const call = kind === 'terminal' ? this.#calls(id, event) : calls.take(event);
          if (isSeeing(event)) this.#clear(id);
          else if (call !== undefined) this.#follow(kind, { ...call, sessionId: id, since: event.timestamp });
        },
        closed: () => this.#unfollow(id),
      });
      this.#followed.set(id, unlisten);
    } else if (!isLive(session.status)) {
      this.#unfollow(id);
    } else if (session.kind === 'terminal' && this.#marks.has(id)) {
      const looking = session.clients.find(isLooking);
      if (looking !== undefined) this.seen(id, looking.client);
    }
  }

  #follow(kind: Session['kind'], mark: Mark): void {
    const { sessionId: id, why, detail, since } = mark;
    if (!this.#mark(mark) || kind !== 'terminal') return;
    this.#parts.sessions().log(id).append([{ channel: 'system', type: 'call', data: { why, detail }, timestamp: since }]);
  }

  /** A terminal calls only where nobody looks. */
  #calls(id: string, event: LogEvent): Call | undefined {
    if (!CALLS.has(event.type)) return undefined;
    const session = found(() => this.#parts.sessions().get(id));
    return session === undefined || session.clients.some(isLooking) ? undefined : terminalCall(event, Array.isArray(session.meta.command));
  }

  /** @returns whether that is news */
  #mark(mark: Mark): boolean {
    const { sessionId: id, why } = mark;
    if (this.#marks.get(id)?.why === why || this.#others.has(id)) return false;
    this.#marks.set(id, mark);
    this.#parts.changes.announce('inbox', id);
    return true;
  }

  #clear(id: string): void {
    if (this.#marks.delete(id)) this.#parts.changes.announce('inbox', id);
  }

  #unfollow(id: string): void {
    this.#followed.get(id)?.();
    this.#followed.delete(id);
  }
}

function found(get: () => Session): Session | undefined {
  try {
    return get();
  } catch {
    // Deleted.
    return undefined;
  }
}
