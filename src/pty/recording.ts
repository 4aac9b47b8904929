// A session as an asciicast (v2, v3) or as plain text, made page by page from the log. Output
// is decoded across events, so that a character cut by an event's end stays whole; OSC 52
// (a program writing the viewer's clipboard) is taken out.

import type { JsonObject } from '../json.ts';
import type { LogEvent } from '../sessions/event.ts';
import { EscapeFilter, isClipboard } from './escapes.ts';
import type { Winsize } from './winsize.ts';

export const RECORDING_FORMATS = ['asciicast-v2', 'asciicast-v3', 'text'] as const;
export type RecordingFormat = (typeof RECORDING_FORMATS)[number];

export interface RecordingOptions {
  format: RecordingFormat;
  /** ms since the epoch. */
  started: number;
  title: string;
  shell: string;
  /** Input events become "i" lines where their text was recorded. */
  input: boolean;
  /** Earlier events were dropped, perhaps the one that told the size, which was about this. */
  pruned?: Winsize | undefined;
  /** It begins with this screen, which is that after the event `sequence`, not with the first event. */
  from?: (Winsize & { sequence: number; vt: Uint8Array }) | undefined;
}

/** Events after a sequence, in order; none at the end. */
export type ReadPage = (after: number, limit: number) => LogEvent[];

const PAGE_EVENTS = 256;
const DEFAULT = { cols: 80, rows: 24 };

/** Yields the recording in parts of a few hundred KB at most. */
export function* recording(read: ReadPage, options: RecordingOptions): Generator<string> {
  const writer = options.format === 'text' ? new TextRecording() : new Asciicast(options);
  let after = options.from?.sequence ?? 0;
  for (;;) {
    const page = read(after, PAGE_EVENTS);
    if (page.length === 0) break;
    let part = '';
    for (const event of page) part += writer.add(event);
    after = page.at(-1)?.sequence ?? after;
    yield part;
  }
  yield writer.end();
}

class Asciicast {
  readonly #options: RecordingOptions;
  readonly #output = new OutputText();
  #headerDone = false;
  #lastMs = 0;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  add(event: LogEvent): string {
    const began = this.#options.from === undefined || this.#headerDone ? '' : this.#defaultHeader();
    return began + this.#added(event);
  }

  #added(event: LogEvent): string {
    if (event.type === 'resize' && !(event.data instanceof Uint8Array)) {
      const cols = Number(event.data.cols);
      const rows = Number(event.data.rows);
      return this.#headerDone ? this.#line(event, 'r', `${cols}x${rows}`) : this.#header(cols, rows);
    }
    const header = this.#headerDone ? '' : this.#defaultHeader();
    if (event.data instanceof Uint8Array) {
      const text = this.#output.decode(event.data);
      return header + (text === '' ? '' : this.#line(event, 'o', text));
    }
    if (event.type === 'input' && this.#options.input && typeof event.data.text === 'string') {
      return header + this.#line(event, 'i', event.data.text);
    }
    const mark = markOf(event.type, event.data);
    return mark === undefined ? header : header + this.#line(event, 'm', mark);
  }

  end(): string {
    const rest = this.#output.end();
    const header = this.#headerDone ? '' : this.#defaultHeader();
    return header + (rest === '' ? '' : this.#at(this.#lastMs, 'o', rest));
  }

  #defaultHeader(): string {
    const { cols, rows } = this.#options.from ?? this.#options.pruned ?? DEFAULT;
    return this.#header(cols, rows);
  }

  #header(width: number, height: number): string {
    this.#headerDone = true;
    const { from } = this.#options;
    const { format, started, title, shell } = this.#options;
    this.#lastMs = started;
    const common = { timestamp: Math.floor(started / 1000), title, env: { TERM: 'xterm-256color', SHELL: shell } };
    const header =
      format === 'asciicast-v2'
        ? { version: 2, width, height, ...common }
        : { version: 3, term: { cols: width, rows: height, type: 'xterm-256color' }, ...common };
    const marker = this.#options.pruned === undefined ? '' : this.#row(0, 'm', 'history before this was pruned');
    const screen = from === undefined ? '' : this.#row(0, 'o', this.#output.decode(from.vt));
    return `${JSON.stringify(header)}\n${marker}${screen}`;
  }

  #line(event: LogEvent, code: string, data: string): string {
    return this.#at(event.timestamp, code, data);
  }

  /** v2 counts from the start, v3 from the line before. A clock that was set back turns no time back. */
  #at(timestamp: number, code: string, data: string): string {
    const since = this.#options.format === 'asciicast-v2' ? this.#options.started : this.#lastMs;
    this.#lastMs = Math.max(timestamp, this.#lastMs);
    return this.#row((this.#lastMs - since) / 1000, code, data);
  }

  #row(seconds: number, code: string, data: string): string {
    return `${JSON.stringify([seconds, code, data])}\n`;
  }
}

/** What a viewer may want to jump to: a command, a resume's begin and end. */
function markOf(type: string, data: JsonObject): string | undefined {
  if (type === 'status' && data.status !== 'starting') return String(data.status);
  return type === 'command' && data.phase === 'output' && typeof data.line === 'string' ? data.line : undefined;
}

/** What was printed, without escapes: for reading, not for replaying. */
class TextRecording {
  readonly #output = new OutputText();
  readonly #plain = new EscapeFilter(() => false);

  add(event: LogEvent): string {
    if (!(event.data instanceof Uint8Array)) return '';
    return tidy(this.#plain.filter(this.#output.decode(event.data)));
  }

  end(): string {
    return tidy(this.#plain.filter(this.#output.end()));
  }
}

const tidy = (text: string): string => text.replaceAll('\r\n', '\n').replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '');

/** Bytes to text across cuts, without OSC 52. */
class OutputText {
  readonly #decoder = new TextDecoder('utf-8');
  readonly #filter = new EscapeFilter((sequence) => !isClipboard(sequence));

  decode(bytes: Uint8Array): string {
    return this.#filter.filter(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): string {
    return this.#filter.filter(this.#decoder.decode());
  }
}
