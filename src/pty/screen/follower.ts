// The screen of one session on its way along the log: made from the last snapshot, advanced by
// slices, put away when nobody needs it. Put away and made again it is the same screen.

import { limits } from '../../limits.ts';
import { keyframeOf } from '../past/keyframe.ts';
import type { Derived, Place } from './derived.ts';
import type { Numbering } from './line-numbers.ts';
import type { Answer, Question, StoredSnapshot } from './protocol.ts';
import { Screen, type ScreenEvent } from './screen.ts';

/** What a screen needs of the log and of the snapshots kept; the worker is given one. */
export interface ScreenReader {
  /** Events after `after` up to `upTo`, in order; ends early past `bytesMax`. */
  read(runId: string, range: { after: number; upTo: number; limit: number; bytesMax: number }): ScreenEvent[];
  /** The latest kept. */
  snapshot(runId: string): StoredSnapshot | undefined;
}

export interface FollowerEvents {
  answer(bytes: string, sequence: number): void;
  derive(event: Derived, sequence: number): void;
  store(snapshot: StoredSnapshot): void;
  /** For looking at the past: with little above it, and often. */
  storeKeyframe(keyframe: StoredSnapshot): void;
}

const DEFAULT_WINSIZE = { cols: 80, rows: 24 };
const CELL_BYTES = 12;
/** A line's own objects, as measured. */
const LINE_BYTES = 300;

export class ScreenFollower {
  readonly runId: string;
  /** Latest sequence known of. */
  head = 0;
  live = false;
  answersAfter = Infinity;
  derivedAfter = Infinity;
  readonly #reader: ScreenReader;
  readonly #events: FollowerEvents;
  readonly #scrollback: number;
  #screen: Screen | undefined;
  #kept: StoredSnapshot | undefined;
  /** Of the screen that was put away. */
  #numbering: Numbering | undefined;
  #prompt: Place | undefined;
  #position = 0;
  /** Output, and events, taken in since the last keyframe. */
  #unframed = { bytes: 0, events: 0 };
  /** Output taken in since the last snapshot that was stored. */
  #outputBytes = 0;

  constructor(runId: string, scrollback: number, reader: ScreenReader, events: FollowerEvents) {
    this.runId = runId;
    this.#scrollback = scrollback;
    this.#reader = reader;
    this.#events = events;
  }

  /** Last event that the screen shows. */
  get position(): number {
    return this.#position;
  }

  get behind(): boolean {
    return this.#position < this.head;
  }

  get isLoaded(): boolean {
    return this.#screen !== undefined;
  }

  /** An estimate. */
  get memoryBytes(): number {
    if (this.#screen === undefined) return this.#kept?.vt.byteLength ?? 0;
    const { normal, alt } = this.#screen.emulator.core._bufferService.buffers;
    const { cols } = this.#screen.winsize;
    return (normal.lines.length + alt.lines.length) * (cols * CELL_BYTES + LINE_BYTES);
  }

  /** Takes the next events, as many as are a fair turn. */
  advance(): void {
    const screen = this.#load();
    if (!this.behind) return;
    const { screenSliceEvents: limit, screenSliceBytes: bytesMax } = limits;
    const events = this.#reader.read(this.runId, { after: this.#position, upTo: this.head, limit, bytesMax });
    for (const event of events) {
      screen.take(event);
      this.#position = event.sequence;
      if (event.data instanceof Uint8Array) this.#outputBytes += event.data.byteLength;
      if (event.data instanceof Uint8Array) this.#unframed.bytes += event.data.byteLength;
    }
    this.#unframed.events += events.length;
    if (this.#unframed.bytes >= limits.keyframeEveryBytes || this.#unframed.events >= limits.keyframeEveryEvents) {
      this.#unframed = { bytes: 0, events: 0 };
      this.#events.storeKeyframe(keyframeOf(screen, this.#position));
    }
    // The log has no more up to there: what is missing was dropped.
    if (events.length === 0) this.#position = this.head;
    // In a flood a snapshot would cost more than the output that it saves from being read again.
    const most = this.behind ? limits.snapshotFloodBytes : limits.snapshotEveryBytes;
    if (this.#outputBytes >= most) this.store();
  }

  answer(question: Question): Answer {
    const screen = this.#load();
    if (question.what === 'snapshot') {
      const { scrollback, bytesMax } = question;
      return { what: 'snapshot', snapshot: { ...screen.snapshot(scrollback, bytesMax), sequence: this.#position } };
    }
    if (question.what === 'scrollback') {
      return { what: 'scrollback', scrollback: screen.scrollbackLines(question.before, question.limit) };
    }
    return { what: 'shown', sequence: this.#position, shown: screen[question.what]() };
  }

  /** Keeps a snapshot, unless nothing was printed since the last. */
  store(): void {
    if (this.#screen === undefined || this.#outputBytes === 0) return;
    this.#outputBytes = 0;
    this.#kept = this.#compressed(this.#screen);
    this.#events.store(this.#kept);
  }

  /** Puts the screen away; it comes back when it is needed. */
  unload(): void {
    if (this.#screen === undefined) return;
    this.#kept = this.#compressed(this.#screen);
    this.#numbering = this.#screen.numbering;
    this.#prompt = this.#screen.prompt;
    this.#screen.dispose();
    this.#screen = undefined;
  }

  dispose(): void {
    this.#screen?.dispose();
    this.#screen = undefined;
    this.#kept = undefined;
  }

  #compressed(screen: Screen): StoredSnapshot {
    const { vt, ...snapshot } = screen.snapshot(this.#scrollback);
    return { ...snapshot, sequence: this.#position, vt: Bun.zstdCompressSync(vt) };
  }

  #load(): Screen {
    if (this.#screen !== undefined) return this.#screen;
    const screen = new Screen({
      winsize: DEFAULT_WINSIZE,
      scrollback: this.#scrollback,
      answer: (bytes, sequence) => {
        if (this.live && sequence > this.answersAfter) this.#events.answer(bytes, sequence);
      },
      derive: (event, sequence) => {
        if (sequence > this.derivedAfter) this.#events.derive(event, sequence);
      },
    });
    this.#kept ??= this.#reader.snapshot(this.runId);
    if (this.#kept !== undefined) {
      const { vt, ...snapshot } = this.#kept;
      screen.restore({ ...snapshot, vt: Bun.zstdDecompressSync(vt) }, this.#numbering, this.#prompt);
      this.#position = snapshot.sequence;
    }
    this.#screen = screen;
    return screen;
  }
}
