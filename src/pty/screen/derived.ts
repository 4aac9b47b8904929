// Events that output brings about: title, bell, working directory, command marks. They are
// told in the order of the output. Their text is the program's, so it is bounded and one line.

import { hostname } from 'node:os';
import { limits } from '../../limits.ts';
import type { JsonObject } from '../../json.ts';
import type { Emulator } from './xterm.ts';

export type DerivedType = 'title' | 'bell' | 'cwd' | 'command';

export interface Derived {
  type: DerivedType;
  data: JsonObject;
}

/** A place on the screen or above it, good as long as lines are not laid out anew. */
export interface Place {
  line: number;
  column: number;
  generation: number;
}

export interface DerivationHooks {
  tell(event: Derived): void;
  /** The output event that is being taken in, and its time. */
  source(): { of: number; at: number };
  place(): Place;
  textFrom(place: Place): string | undefined;
}

/** Marks of OSC 133 and 633, by letter. A map: a program may print any name, also one that every object has. */
const PHASES: ReadonlyMap<string, string> = new Map([['A', 'prompt'], ['B', 'input'], ['C', 'output'], ['D', 'done']]);

export class Derivation {
  readonly #hooks: DerivationHooks;
  readonly #tell: (event: Derived) => void;
  /** Where the prompt ended, and a command line begins. */
  prompt: Place | undefined;
  #title = '';
  #cwd = '';
  /** Of OSC 633;E, which comes before the mark that it belongs to. */
  #line: string | undefined;
  /** Of the command that works, so that its end tells it too. */
  #working: string | undefined;
  /** Commands that began in this output event, so that what each printed can be told apart. */
  #began = { of: 0, count: 0 };

  constructor({ terminal }: Emulator, hooks: DerivationHooks) {
    const { tell } = hooks;
    this.#hooks = hooks;
    this.#tell = tell;
    terminal.onTitleChange((title) => this.#titled(title));
    terminal.onBell(() => tell({ type: 'bell', data: {} }));
    const { parser } = terminal;
    // Handled by nobody else; `false` would only ask for that.
    parser.registerOscHandler(7, (url) => this.#moved(pathOf(url)));
    parser.registerOscHandler(133, (mark) => this.#marked(mark));
    parser.registerOscHandler(633, (mark) => this.#marked(mark));
    parser.registerOscHandler(1337, (setting) =>
      this.#moved(setting.startsWith('CurrentDir=') ? setting.slice('CurrentDir='.length) : undefined),
    );
  }

  #titled(title: string): void {
    const shown = oneLine(title, limits.titleLengthMax);
    if (shown === this.#title) return;
    this.#title = shown;
    this.#tell({ type: 'title', data: { title: shown } });
  }

  #moved(path: string | undefined): true {
    const fits = path?.startsWith('/') && Buffer.byteLength(path) <= limits.pathBytesMax && !/\p{Cc}/u.test(path);
    if (path !== undefined && fits && path !== this.#cwd) {
      this.#cwd = path;
      this.#tell({ type: 'cwd', data: { path } });
    }
    return true;
  }

  #marked(mark: string): true {
    const [letter = '', ...parts] = mark.split(';');
    if (letter === 'P') return this.#moved(/^Cwd=(.*)$/s.exec(parts.join(';'))?.[1]);
    if (letter === 'E') {
      this.#line = parts[0] === undefined ? undefined : unescaped(parts[0]);
      return true;
    }
    const phase = PHASES.get(letter);
    if (phase === undefined) return true;
    const data: JsonObject = { phase, ...this.#hooks.source() };
    if (phase === 'input') this.prompt = this.#hooks.place();
    if (phase === 'output') this.#begun(data, lineOf(parts) ?? this.#line);
    if (phase === 'done' && this.#working !== undefined) data.line = this.#working;
    if (phase !== 'output') this.#working = undefined;
    if (phase === 'done' && /^\d{1,3}$/.test(parts[0] ?? '')) data.exit = Number(parts[0]);
    if (phase !== 'input') this.#line = undefined;
    this.#tell({ type: 'command', data });
    return true;
  }

  /** The line as it was told, else as it stands on the screen: not every shell tells, and bash not of a line that its history leaves out. */
  #begun(data: JsonObject, told: string | undefined): void {
    const typed = this.prompt === undefined ? undefined : this.#hooks.textFrom(this.prompt)?.trim();
    this.prompt = undefined;
    const line = told ?? (typed === '' ? undefined : typed);
    this.#working = line === undefined ? undefined : commandLine(line);
    if (this.#working !== undefined) data.line = this.#working;
    const { of } = this.#hooks.source();
    this.#began = { of, count: this.#began.of === of ? this.#began.count + 1 : 0 };
    if (this.#began.count > 0) data.nth = this.#began.count;
  }
}

/** Path of a file: URL of this machine. */
function pathOf(url: string): string | undefined {
  const [, host, path] = /^file:\/\/([^/]*)(\/.*)$/s.exec(url) ?? [];
  if (host === undefined || path === undefined) return undefined;
  if (host !== '' && host !== 'localhost' && host.toLowerCase() !== hostname().toLowerCase()) return undefined;
  return decoded(path);
}

/** Where the mark itself brings the command line, as fish's does. */
function lineOf(parts: string[]): string | undefined {
  const found = parts.find((part) => part.startsWith('cmdline_url='));
  return found === undefined ? undefined : decoded(found.slice('cmdline_url='.length));
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Of OSC 633: `\xAB` for a character, `\\` for a backslash. */
const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-f]{2})|\\)/gi, (_, code: string | undefined) =>
    code === undefined ? '\\' : String.fromCharCode(Number.parseInt(code, 16)),
  );

/** A command may have several lines: nothing else of it is lost but what cannot be seen. */
const commandLine = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]+/gu, ' ').slice(0, limits.commandLineLengthMax).toWellFormed();

const oneLine = (text: string, lengthMax: number): string => text.replace(/\p{Cc}+/gu, ' ').slice(0, lengthMax).toWellFormed();
