// The past of all sessions, in a thread of its own: screens of any moment, marks, commands. Who
// asks for something far away holds up nobody, and whoever went away is not worked for. Memory
// is bounded: a few screens stay, for one looks around where one is.

import { stackOf } from '../../errors.ts';
import { limits } from '../../limits.ts';
import type { StoredSnapshot } from '../screen/protocol.ts';
import { commandsOf, outputOf } from './commands.ts';
import { type FromPast, type Life, type Mark, type Moment, type PastAnswer, type PastQuestion, placeOf, type ToPast } from './protocol.ts';
import { Walk, type WalkReader } from './walk.ts';

/** What the worker needs of the database; it is given one. */
export interface PastReader extends WalkReader {
  /** The screen kept nearest at or before a moment. */
  before(runId: string, sequence: number): StoredSnapshot | undefined;
  /** The first moment from `from` on that is kept as a screen. */
  firstFrom(runId: string, from: number): number | undefined;
  span(runId: string): { first: Moment; last: Moment } | undefined;
  timeOf(runId: string, sequence: number): number | undefined;
  lastUntil(runId: string, time: number): number | undefined;
  points(runId: string): Moment[];
  marks(runId: string, range: { after: number; before: number; types?: readonly string[]; limit: number; order?: 'first' | 'last' }): Mark[];
  thinnedMarks(runId: string, from: number, until: number, parts: number): { marks: Mark[]; thinned: boolean };
}

/** Nobody waits for it any more. */
class Cancelled extends Error {}
/** It cannot be made from what is kept. */
class Gone extends Error {}

/** Marks that one steps by. */
const STEPS = ['command', 'prompt', 'decision', 'save', 'status'] as const;
const BESIDE_EXAMINED = 64;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class PastServer {
  readonly #reader: PastReader;
  readonly #tell: (message: FromPast) => void;
  /** Screens that rest, the latest used last. */
  readonly #resting = new Set<Walk>();
  readonly #waiting: (ToPast & { kind: 'ask' })[] = [];
  readonly #cancelled = new Set<number>();
  readonly #working = new Set<number>();

  constructor(reader: PastReader, tell: (message: FromPast) => void) {
    this.#reader = reader;
    this.#tell = tell;
  }

  receive(message: ToPast): void {
    if (message.kind === 'ask') {
      this.#waiting.push(message);
      this.#next();
      return;
    }
    const at = this.#waiting.findIndex(({ id }) => id === message.id);
    if (at !== -1) this.#waiting.splice(at, 1);
    else if (this.#working.has(message.id)) this.#cancelled.add(message.id);
  }

  #next(): void {
    while (this.#working.size < limits.pastWalksMax) {
      const ask = this.#waiting.shift();
      if (ask === undefined) return;
      this.#working.add(ask.id);
      void this.#work(ask).finally(() => {
        this.#working.delete(ask.id);
        this.#cancelled.delete(ask.id);
        this.#next();
      });
    }
  }

  async #work({ id, runId, question }: ToPast & { kind: 'ask' }): Promise<void> {
    try {
      await turn(); // What came together is heard together: a question may be taken back at once.
      const answer = await this.#answer(id, runId, question);
      if (!this.#cancelled.has(id)) this.#tell({ kind: 'answered', id, answer });
    } catch (error) {
      if (error instanceof Cancelled) return;
      if (error instanceof Gone) this.#tell({ kind: 'gone', id, kept: this.#firstShown(runId) });
      else this.#tell({ kind: 'failed', id, stack: stackOf(error) });
    }
  }

  async #answer(id: number, runId: string, question: PastQuestion): Promise<PastAnswer> {
    switch (question.what) {
      case 'life':
        return { what: 'life', life: this.#life(runId) };
      case 'moment':
        return { what: 'moment', moment: this.#moment(runId, this.#reader.lastUntil(runId, question.time)) };
      case 'beside':
        return { what: 'beside', ...this.#beside(runId, question.sequence) };
      case 'commands':
        return { what: 'commands', ...commandsOf(this.#reader, runId, question) };
      case 'output':
        return { what: 'output', output: outputOf(this.#reader, runId, question.sequence) };
      default:
        return this.#screen(id, runId, question);
    }
  }

  async #screen(id: number, runId: string, question: PastQuestion & { what: 'text' | 'ansi' | 'html' | 'snapshot' }): Promise<PastAnswer> {
    const { sequence } = question;
    const walk = this.#take(runId, sequence);
    try {
      for (;;) {
        const arrived = walk.step(sequence);
        if (arrived === undefined) throw new Gone();
        if (arrived) break;
        await turn();
        if (this.#cancelled.has(id)) throw new Cancelled();
      }
      const moment = { sequence, timestamp: this.#reader.timeOf(runId, sequence) ?? 0 };
      const { screen } = walk;
      if (question.what !== 'snapshot') return { what: 'shown', moment, shown: screen[question.what]() };
      const snapshot = { ...screen.snapshot(limits.keyframeScrollback, question.bytesMax), sequence };
      return { what: 'snapshot', moment, snapshot };
    } finally {
      this.#rest(walk);
    }
  }

  /** A screen at or before the moment: the nearer of one that rests and one that is kept. */
  #take(runId: string, sequence: number): Walk {
    const kept = this.#reader.before(runId, sequence);
    let best: Walk | undefined;
    for (const walk of this.#resting) {
      const fits = walk.runId === runId && walk.position <= sequence && walk.position >= (kept?.sequence ?? 0);
      if (fits && walk.position >= (best?.position ?? 0)) best = walk;
    }
    if (best !== undefined) {
      this.#resting.delete(best);
      return best;
    }
    if (kept === undefined && (this.#reader.span(runId)?.first.sequence ?? 1) > 1) throw new Gone();
    return new Walk(runId, kept, this.#reader, (keyframe) => this.#tell({ kind: 'keyframe', runId, keyframe }));
  }

  #rest(walk: Walk): void {
    this.#resting.add(walk);
    for (const oldest of this.#resting) {
      if (this.#resting.size <= limits.pastScreensMax) break;
      this.#resting.delete(oldest);
      oldest.dispose();
    }
  }

  #firstShown(runId: string): Moment | undefined {
    const first = this.#reader.span(runId)?.first.sequence ?? 1;
    return this.#moment(runId, this.#reader.firstFrom(runId, first - 1));
  }

  #moment(runId: string, sequence: number | undefined): Moment | undefined {
    if (sequence === undefined) return undefined;
    const timestamp = this.#reader.timeOf(runId, sequence) ?? this.#reader.timeOf(runId, sequence + 1);
    return { sequence, timestamp: timestamp ?? 0 };
  }

  #life(runId: string): Life | undefined {
    const span = this.#reader.span(runId);
    if (span === undefined) return undefined;
    const { first, last } = span;
    const thinned = this.#reader.thinnedMarks(runId, first.sequence, last.sequence, limits.marksShown);
    return { first, last, points: this.#reader.points(runId), ...thinned };
  }

  #beside(runId: string, sequence: number): { before: Mark | undefined; after: Mark | undefined } {
    const range = { types: STEPS, limit: BESIDE_EXAMINED };
    const isStep = ({ type, data }: Mark): boolean => type !== 'command' || data.phase === 'output';
    const earlier = this.#reader.marks(runId, { ...range, after: 0, before: sequence + BESIDE_EXAMINED, order: 'last' });
    const later = this.#reader.marks(runId, { ...range, after: sequence, before: Number.MAX_SAFE_INTEGER });
    const before = earlier.findLast((mark) => isStep(mark) && placeOf(mark).sequence < sequence);
    const after = later.find((mark) => isStep(mark) && placeOf(mark).sequence > sequence);
    return { before, after };
  }
}
