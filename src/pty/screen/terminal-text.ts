// The text of a terminal for the search: its screen, what was typed and recorded, and what
// failed. Put away and made again from its state it goes on as if it had stayed.

import { isJsonObject, type JsonObject } from '../../json.ts';
import type { LogEvent } from '../../sessions/event.ts';
import type { Line, TextReader } from '../../search/text-reader.ts';
import { Screen } from './screen.ts';
import { type RowsState, ShownRows } from './shown-rows.ts';
import { TypedText } from './typed-text.ts';

interface TerminalTextState {
  cols: number;
  rows: number;
  /** The screen, as a snapshot's bytes in base64. */
  vt: string;
  sequence: number;
  shown: RowsState;
  typed: string;
}

const DEFAULT_WINSIZE = { cols: 80, rows: 24 };
const OUTPUT = { channel: 'stdout', type: 'output' } as const;

export class TerminalText implements TextReader {
  readonly #screen: Screen;
  readonly #rows: ShownRows;
  readonly #typed: TypedText;
  #lines: Line[] = [];

  constructor(state: JsonObject) {
    const known = stateIn(state);
    this.#screen = new Screen({ winsize: known ?? DEFAULT_WINSIZE, scrollback: 0 });
    if (known !== undefined) {
      const { cols, rows, sequence, vt } = known;
      this.#screen.restore({ cols, rows, sequence, vt: Buffer.from(vt, 'base64') });
    }
    this.#rows = new ShownRows(this.#screen.emulator.core);
    if (known !== undefined) this.#rows.restore(known.shown);
    this.#typed = new TypedText(known?.typed);
  }

  take(event: LogEvent): void {
    const { sequence, timestamp, type, data, channel } = event;
    const isBytes = data instanceof Uint8Array;
    this.#rows.begin({ sequence, timestamp });
    if (type === 'resize' && !isBytes) {
      const { cols, rows } = data;
      if (typeof cols === 'number' && typeof rows === 'number') this.#rows.resize({ cols, rows }, () => this.#screen.take(event));
    } else if (type === 'output' && isBytes) {
      this.#screen.take(event);
      this.#rows.end();
    } else if (type === 'input' && !isBytes) {
      this.#rows.text.typed(sequence);
      for (const text of this.#typed.take(data)) this.#lines.push({ text, sequence, timestamp, channel, type });
    } else if (type === 'error' && !isBytes && typeof data.message === 'string') {
      this.#lines.push({ text: data.message.replace(/\s+/g, ' '), sequence, timestamp, channel, type });
    }
    for (const line of this.#rows.text.take()) this.#lines.push({ ...line, ...OUTPUT });
  }

  settled(): Line[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  open(): Line[] {
    return this.#rows.open().map((line) => ({ ...line, ...OUTPUT }));
  }

  state(): JsonObject {
    const { vt, ...snapshot } = this.#screen.snapshot(0);
    const state: TerminalTextState = {
      ...snapshot,
      vt: Buffer.from(vt.buffer, vt.byteOffset, vt.byteLength).toString('base64'),
      shown: this.#rows.state(),
      typed: this.#typed.line,
    };
    return { terminal: JSON.parse(JSON.stringify(state)) as JsonObject };
  }

  dispose(): void {
    this.#screen.dispose();
  }
}

/** What `state` gave; our own, so its form is known where it is there at all. */
function stateIn({ terminal }: JsonObject): TerminalTextState | undefined {
  return isJsonObject(terminal) && typeof terminal.vt === 'string' ? (terminal as unknown as TerminalTextState) : undefined;
}
