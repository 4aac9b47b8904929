// A terminal's past without a server: a log that a test writes, and the worker's own part that
// answers questions about it, here in this thread.

import { eq } from 'drizzle-orm';
import { Keyframes } from '../../src/db/keyframes.ts';
import { pastReader } from '../../src/db/past-reader.ts';
import { sessions } from '../../src/db/schema.ts';
import type { FromPast, PastAnswer, PastQuestion } from '../../src/pty/past/protocol.ts';
import { PastServer } from '../../src/pty/past/worker.ts';
import { Screen } from '../../src/pty/screen/screen.ts';
import type { NewEvent } from '../../src/sessions/event.ts';
import { sessionRow } from './history.ts';
import { openSessions, type SessionParts } from './sessions.ts';

export class PastBench {
  readonly parts: SessionParts = openSessions();
  readonly keyframes = new Keyframes(this.parts.database.db);
  readonly server: PastServer;
  readonly told: FromPast[] = [];
  readonly #waiting = new Map<number, (message: FromPast) => void>();
  #nextId = 1;

  constructor() {
    this.server = new PastServer(pastReader(this.parts.database), (message) => this.#receive(message));
  }

  session(id: string, status: 'stopped' | 'active' = 'stopped'): string {
    sessionRow(this.parts, id, status);
    this.parts.database.db.update(sessions).set({ kind: 'terminal' }).where(eq(sessions.runId, id)).run();
    return id;
  }

  /** @returns the last sequence */
  append(id: string, events: readonly NewEvent[]): number {
    let last = 0;
    for (let at = 0; at < events.length; at += 500) last = this.parts.events.append(id, events.slice(at, at + 500)).at(-1)?.sequence ?? last;
    return last;
  }

  /** The answer, or the message that says why there is none. */
  ask(runId: string, question: PastQuestion): { id: number; told: Promise<FromPast> } {
    const id = this.#nextId;
    this.#nextId += 1;
    const { promise, resolve } = Promise.withResolvers<FromPast>();
    this.#waiting.set(id, resolve);
    this.server.receive({ kind: 'ask', id, runId, question });
    return { id, told: promise };
  }

  async answer<What extends PastAnswer['what']>(runId: string, question: PastQuestion, what: What): Promise<Extract<PastAnswer, { what: What }>> {
    const told = await this.ask(runId, question).told;
    if (told.kind !== 'answered' || told.answer.what !== what) throw new Error(`No answer: ${JSON.stringify(told)}`);
    return told.answer as Extract<PastAnswer, { what: What }>;
  }

  /** A client's screen, made of what is sent for that moment. */
  async screen(runId: string, sequence: number): Promise<Screen> {
    const { snapshot } = await this.answer(runId, { what: 'snapshot', sequence, bytesMax: 8 * 1024 * 1024 }, 'snapshot');
    const screen = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 1000 });
    screen.restore(snapshot);
    return screen;
  }

  stop(): Promise<void> {
    return this.parts.stop();
  }

  #receive(message: FromPast): void {
    this.told.push(message);
    if (message.kind === 'keyframe') this.keyframes.save(message.runId, message.keyframe);
    if ('id' in message) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }
}
