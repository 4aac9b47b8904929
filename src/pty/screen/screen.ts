// One screen: the emulator of a session, fed with the session's events in order, and what it
// shows at any of them. What is shown follows from the events alone.

import { limits } from '../../limits.ts';
import type { Winsize } from '../winsize.ts';
import { Derivation, type Derived, type Place } from './derived.ts';
import { LineNumbers, type Numbering } from './line-numbers.ts';
import { OpenSequence } from './open-sequence.ts';
import { Queries } from './queries.ts';
import { asAnsi, asHtml, asText, lineAsHtml } from './shown.ts';
import { drawScreen } from './snapshot.ts';
import { createEmulator, type Emulator } from './xterm.ts';

export interface Snapshot extends Winsize {
  /** Last event that it shows. */
  sequence: number;
  /** Written into a reset terminal of this size it gives the screen. */
  vt: Uint8Array;
}

/** An event as far as a screen is concerned; all others only move the position. */
export interface ScreenEvent {
  sequence: number;
  /** ms since the epoch. */
  timestamp?: number;
  type: string;
  data: Uint8Array | Record<string, unknown>;
}

/** Lines above the screen. */
export interface Scrollback {
  /** Oldest first. */
  lines: { n: number; html: string }[];
  /** Number of the oldest that is kept. */
  firstLine: number;
  /** Numbers are good as long as this stays. */
  generation: number;
}

/** A snapshot of this part of its bound may have been cut to it. */
const FULL_PART = 0.9;

export interface ScreenOptions {
  winsize: Winsize;
  /** Lines above the screen that are kept. */
  scrollback: number;
  /** To a program's question, in output that came with the event `sequence`. */
  answer?: (bytes: string, sequence: number) => void;
  derive?: (event: Derived, sequence: number) => void;
}

export class Screen {
  readonly emulator: Emulator;
  readonly #queries: Queries;
  readonly #open = new OpenSequence();
  readonly #numbers: LineNumbers;
  #sequence = 0;
  /** Of the event that is taken. */
  #timestamp = 0;
  readonly #derivation: Derivation;
  #cursorBlink: boolean | undefined;
  /** What a snapshot brings about has happened before. */
  #restoring = false;

  constructor({ winsize, scrollback, answer, derive }: ScreenOptions) {
    this.emulator = createEmulator(winsize, scrollback);
    this.#queries = new Queries(this.emulator, (bytes) => {
      if (!this.#restoring) answer?.(bytes, this.#sequence);
    });
    this.#numbers = new LineNumbers(this.emulator);
    this.#derivation = new Derivation(this.emulator, {
      tell: (event) => {
        if (!this.#restoring) derive?.(event, this.#sequence);
      },
      source: () => ({ of: this.#sequence, at: this.#timestamp }),
      place: () => this.#place(),
      textFrom: (place) => this.#textFrom(place),
    });
    for (const final of ['h', 'l'] as const) {
      this.emulator.terminal.parser.registerCsiHandler({ prefix: '?', final }, (modes) => {
        if (modes.includes(12)) this.#cursorBlink = final === 'h';
        return false;
      });
    }
  }

  /** Last event taken in. */
  get sequence(): number {
    return this.#sequence;
  }

  get winsize(): Winsize {
    const { cols, rows } = this.emulator.terminal;
    return { cols, rows };
  }

  /** Takes the next event. */
  take({ sequence, timestamp = 0, type, data }: ScreenEvent): void {
    this.#sequence = sequence;
    this.#timestamp = timestamp;
    if (data instanceof Uint8Array) {
      if (type === 'output') this.#write(data);
    } else if (type === 'resize' && typeof data.cols === 'number' && typeof data.rows === 'number') {
      this.emulator.terminal.resize(data.cols, data.rows);
    }
  }

  /** Only on a new screen: it is then what the snapshot shows, and counts its lines on as `numbering` says. */
  restore({ sequence, cols, rows, vt }: Snapshot, numbering?: Numbering, prompt?: Place): void {
    this.#sequence = sequence;
    this.emulator.terminal.resize(cols, rows);
    this.#restoring = true;
    this.#write(vt);
    this.#restoring = false;
    if (numbering !== undefined) this.#numbers.continue(numbering);
    else if (this.#numbers.isFull || vt.byteLength > limits.snapshotBytesMax * FULL_PART) this.#numbers.beginLater();
    this.#derivation.prompt = prompt;
  }

  /** Where the line begins that somebody types, as far as the shell told: to be given back at `restore`. */
  get prompt(): Place | undefined {
    return this.#derivation.prompt;
  }

  get numbering(): Numbering {
    return this.#numbers.numbering;
  }

  /** At most `limit` lines above the screen, those right before line `before`; before the screen where that is absent. */
  scrollbackLines(before: number | undefined, limit: number): Scrollback {
    const { normal } = this.emulator.core._bufferService.buffers;
    const { first, generation } = this.#numbers;
    const end = Math.max(0, Math.min(normal.ybase, (before ?? Infinity) - first));
    const lines: Scrollback['lines'] = [];
    for (let index = Math.max(0, end - limit); index < end; index += 1) {
      const line = normal.lines.get(index);
      if (line !== undefined) lines.push({ n: first + index, html: lineAsHtml(line, this.#queries.colors) });
    }
    return { lines, firstLine: first, generation };
  }

  /** With `scrollback` lines above the screen, fewer where `bytesMax` is less than they take. */
  snapshot(scrollback: number, bytesMax: number = limits.snapshotBytesMax): Snapshot {
    const told = { cursorBlink: this.#cursorBlink, colors: this.#queries.colors };
    const open = this.#open.bytes;
    const drawn = Buffer.from(drawScreen(this.emulator.core, told, scrollback, bytesMax - open.byteLength));
    const vt = open.byteLength === 0 ? drawn : Buffer.concat([drawn, open]);
    return { sequence: this.#sequence, ...this.winsize, vt };
  }

  /** The rows as text, without what is blank at their ends and below. */
  text(): string {
    return asText(this.emulator.core);
  }

  /** The rows with their colours, to be shown by another terminal; moves no cursor. */
  ansi(): string {
    return asAnsi(this.emulator.core);
  }

  /** A `pre` element; all text is escaped, colours are inline. */
  html(): string {
    return asHtml(this.emulator.core, this.#queries.colors);
  }

  dispose(): void {
    this.emulator.terminal.dispose();
  }

  /** Where the cursor is. */
  #place(): Place {
    const { normal } = this.emulator.core._bufferService.buffers;
    const { first, generation } = this.#numbers;
    return { line: first + normal.ybase + normal.y, column: normal.x, generation };
  }

  /** What stands between a place and the cursor; undefined where lines were laid out anew since. */
  #textFrom({ line, column, generation }: Place): string | undefined {
    const now = this.#place();
    const { first } = this.#numbers;
    if (generation !== now.generation || line < first) return undefined;
    const { normal } = this.emulator.terminal.buffer;
    let text = '';
    for (let n = line; n <= now.line; n += 1) {
      const end = n === now.line ? now.column : undefined;
      if (end === 0) break;
      const wraps = normal.getLine(n + 1 - first)?.isWrapped === true;
      text += normal.getLine(n - first)?.translateToString(!wraps, n === line ? column : 0, end) ?? '';
      if (!wraps) text += '\n';
      if (text.length > limits.commandLineLengthMax) break;
    }
    return text;
  }

  /** Parsed at once, not in turns as a browser needs it. */
  #write(bytes: Uint8Array): void {
    const { _inputHandler: handler } = this.emulator.core;
    try {
      handler.parse(bytes);
      this.#open.follow(bytes);
    } catch {
      // A sequence that xterm itself cannot stand: the rest of this event is not shown. All known ones are steadied.
      handler._parser.reset();
      handler._utf8Decoder.clear();
      this.#open.reset();
    }
  }
}
