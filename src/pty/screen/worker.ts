// The screens of all sessions, in a thread of their own. Every session that lives or is asked
// about gets its turn, by slices of its log, so that a flood in one holds up no other; who is
// asked about comes first. Memory is bounded: a screen that rests is put away.

import { assert, stackOf } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { ScreenFollower, type ScreenReader } from './follower.ts';
import type { FromWorker, Question, ToWorker } from './protocol.ts';
import { DerivedRate } from './rate.ts';

interface Ask {
  id: number;
  head: number;
  question: Question;
  /** performance.now() at which the screen is given as it is. */
  deadline: number;
}

interface Session {
  follower: ScreenFollower;
  rate: DerivedRate;
  /** Its program ended, and not all that its output brought about has been told. */
  settling: boolean;
  asks: Ask[];
  usedAt: number;
  /** The log could not be read: not before then. */
  retryAt: number;
}

const RETRY_MS = 250;
const REST_CHECK_MS = 5_000;
const TELL_MS = 50;

export class ScreenServer {
  readonly #reader: ScreenReader;
  readonly #tell: (message: FromWorker) => void;
  readonly #sessions = new Map<string, Session>();
  /** Whose turn it is; a session that has more to do goes to the end. */
  readonly #turns = new Set<Session>();
  readonly #asked = new Set<Session>();
  readonly #moved = new Set<Session>();
  readonly #rest: ReturnType<typeof setInterval>;
  #next: ReturnType<typeof setImmediate> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #telling: ReturnType<typeof setTimeout> | undefined;
  /** A screen was made since memory was last looked at. */
  #hasLoaded = false;

  constructor(reader: ScreenReader, tell: (message: FromWorker) => void) {
    this.#reader = reader;
    this.#tell = tell;
    this.#rest = setInterval(() => this.#putAway(), REST_CHECK_MS);
    this.#rest.unref();
  }

  receive(message: ToWorker): void {
    switch (message.kind) {
      case 'follow': {
        const session = this.#session(message.runId, message.scrollback);
        const { follower } = session;
        session.settling = false;
        follower.live = true;
        follower.answersAfter = message.answersAfter;
        follower.derivedAfter = message.derivedAfter;
        return this.#reached(message.runId, message.head);
      }
      case 'heads':
        for (const [runId, head] of message.heads) this.#reached(runId, head);
        return;
      case 'keep':
        return this.#sessions.get(message.runId)?.follower.store();
      case 'ended':
        return this.#ended(message.runId, message.head);
      case 'deleted':
        return this.#forget(message.runId);
      case 'ask':
        return this.#ask(message);
    }
  }

  /** An estimate. */
  get memoryBytes(): number {
    return [...this.#sessions.values()].reduce((sum, { follower }) => sum + follower.memoryBytes, 0);
  }

  dispose(): void {
    clearInterval(this.#rest);
    clearImmediate(this.#next);
    clearTimeout(this.#retry);
    clearTimeout(this.#telling);
    for (const runId of [...this.#sessions.keys()]) this.#forget(runId);
  }

  #session(runId: string, scrollback: number): Session {
    const known = this.#sessions.get(runId);
    if (known !== undefined) return known;
    const rate = new DerivedRate();
    const follower = new ScreenFollower(runId, scrollback, this.#reader, {
      answer: (bytes, sequence) => this.#tell({ kind: 'answer', runId, sequence, bytes }),
      derive: (event, sequence) => rate.push(event, sequence, performance.now()),
      store: (snapshot) => this.#tell({ kind: 'stored', runId, snapshot }),
      storeKeyframe: (keyframe) => this.#tell({ kind: 'keyframe', runId, keyframe }),
    });
    const session: Session = { follower, rate, settling: false, asks: [], usedAt: performance.now(), retryAt: 0 };
    this.#sessions.set(runId, session);
    return session;
  }

  #reached(runId: string, head: number): void {
    const session = this.#sessions.get(runId);
    if (session === undefined) return;
    session.follower.head = Math.max(session.follower.head, head);
    this.#wake(session);
  }

  #ended(runId: string, head: number): void {
    const session = this.#sessions.get(runId);
    if (session === undefined) return this.#tell({ kind: 'settled', runId });
    session.follower.head = Math.max(session.follower.head, head);
    session.follower.live = false;
    session.settling = true;
    this.#wake(session);
  }

  #forget(runId: string): void {
    const session = this.#sessions.get(runId);
    if (session === undefined) return;
    for (const { id } of session.asks) this.#tell({ kind: 'refused', id, message: 'The session was deleted.' });
    session.follower.dispose();
    this.#sessions.delete(runId);
    for (const set of [this.#turns, this.#asked, this.#moved]) set.delete(session);
  }

  #ask({ id, runId, head, scrollback, waitMs, question }: ToWorker & { kind: 'ask' }): void {
    const session = this.#session(runId, scrollback);
    session.follower.head = Math.max(session.follower.head, head);
    session.asks.push({ id, head, question, deadline: performance.now() + waitMs });
    this.#asked.add(session);
    this.#wake(session);
  }

  #wake(session: Session): void {
    this.#turns.add(session);
    this.#next ??= setImmediate(() => this.#turn());
  }

  /** One slice of one session; then messages are heard before the next. */
  #turn(): void {
    this.#next = undefined;
    const now = performance.now();
    const session = this.#first(now);
    if (session !== undefined) this.#advance(session, now);
    for (const asked of [...this.#asked]) this.#satisfy(asked);
    // Who asks for one screen after the other must not have all of them in memory.
    if (this.#hasLoaded) this.#putAway();
    if ([...this.#turns].some(({ retryAt }) => retryAt <= now)) this.#next = setImmediate(() => this.#turn());
    else if (this.#turns.size > 0) this.#retryLater();
  }

  #first(now: number): Session | undefined {
    for (const asked of this.#asked) if (this.#turns.has(asked) && asked.retryAt <= now) return asked;
    for (const session of this.#turns) if (session.retryAt <= now) return session;
    return undefined;
  }

  #advance(session: Session, now: number): void {
    const { follower } = session;
    // To the end of the row, where it is not done.
    this.#turns.delete(session);
    if (session.asks.length > 0) {
      this.#asked.delete(session);
      this.#asked.add(session);
    }
    session.usedAt = now;
    this.#hasLoaded ||= !follower.isLoaded;
    try {
      follower.advance();
      session.retryAt = 0;
      if (follower.behind) this.#turns.add(session);
      else if (!follower.live) follower.store();
    } catch (error) {
      session.retryAt = now + RETRY_MS;
      this.#turns.add(session);
      for (const { id } of session.asks.splice(0)) this.#tell({ kind: 'failed', id, stack: stackOf(error) });
      this.#asked.delete(session);
    }
    this.#moved.add(session);
    if (session.settling && !follower.behind) this.#tellNow();
    else this.#tellSoon();
  }

  /** Answers what can be answered now. */
  #satisfy(session: Session): void {
    const { follower } = session;
    const now = performance.now();
    const due = session.asks.filter(({ head, deadline }) => follower.position >= head || deadline <= now);
    if (due.length === 0) return;
    session.asks = session.asks.filter((ask) => !due.includes(ask));
    if (session.asks.length === 0) this.#asked.delete(session);
    for (const { id, question } of due) {
      try {
        this.#tell({ kind: 'answered', id, answer: follower.answer(question) });
      } catch (error) {
        this.#tell({ kind: 'failed', id, stack: stackOf(error) });
      }
    }
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#next ??= setImmediate(() => this.#turn());
    }, RETRY_MS);
  }

  /** Positions and derived events go together, not at every slice. */
  #tellSoon(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#tellNow();
    }, TELL_MS);
  }

  #tellNow(): void {
    const now = performance.now();
    const positions: [string, number][] = [];
    for (const session of this.#moved) {
      const { runId, position } = session.follower;
      positions.push([runId, position]);
      const events = session.rate.take(now);
      if (events.length > 0) this.#tell({ kind: 'derived', runId, events });
      if (session.rate.waits) continue;
      this.#moved.delete(session);
      if (!session.settling || session.follower.behind) continue;
      session.settling = false;
      this.#tell({ kind: 'settled', runId });
    }
    if (positions.length > 0) this.#tell({ kind: 'positions', positions });
    if (this.#moved.size > 0) this.#tellSoon();
  }

  /** What rests goes, the longest first where memory is short. */
  #putAway(): void {
    this.#hasLoaded = false;
    const now = performance.now();
    let total = this.memoryBytes;
    const resting = [...this.#sessions.values()]
      .filter((session) => !this.#turns.has(session) && session.asks.length === 0)
      .sort((a, b) => a.usedAt - b.usedAt);
    for (const { follower, usedAt } of resting) {
      const bytes = follower.memoryBytes;
      const isLong = now - usedAt > limits.screenRestMs;
      if (total <= limits.screensBytesMax && !(isLong && (!follower.live || bytes > limits.screenRestBytes))) continue;
      follower.unload();
      total += follower.memoryBytes - bytes;
      if (!follower.live && isLong) this.#forget(follower.runId);
    }
    assert(total >= 0, 'memory of screens is not negative');
  }
}
