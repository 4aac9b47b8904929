// What a terminal answers to a program, whoever looks or nobody: xterm's own replies, and those
// to a few questions that it leaves open. A question that stays unanswered costs some programs
// seconds of waiting (fish ten).

import { BACKGROUND, colorOf, CURSOR, FOREGROUND, type Rgb } from './palette.ts';
import type { ColorEvent, Emulator } from './xterm.ts';

const NAME = 'xterm.js(6.0.0)';
/** What XTGETTCAP is told; every other capability is answered with "unknown". */
const CAPABILITIES: ReadonlyMap<string, string> = new Map([['TN', 'xterm-256color'], ['Co', '256'], ['colors', '256'], ['RGB', '8/8/8']]);
/** Enough for any real question; one that asks for thousands at once is answered in part. */
const CAPABILITIES_ASKED_MAX = 32;

const REPORT = 0;
const SET = 1;

export class Queries {
  /** Colours that the program chose. */
  readonly colors = new Map<number, Rgb>();
  readonly #reply: (text: string) => void;

  constructor({ terminal, core }: Emulator, reply: (text: string) => void) {
    this.#reply = reply;
    terminal.onData(reply);
    core._inputHandler.onColor((events) => {
      for (const event of events) this.#color(event);
    });
    // XTVERSION and tertiary device attributes.
    terminal.parser.registerCsiHandler({ prefix: '>', final: 'q' }, ([which]) => {
      if (which === 0) reply(`\x1bP>|${NAME}\x1b\\`);
      return true;
    });
    terminal.parser.registerCsiHandler({ prefix: '=', final: 'c' }, ([which]) => {
      if (which === 0) reply('\x1bP!|00000000\x1b\\');
      return true;
    });
    terminal.parser.registerDcsHandler({ intermediates: '+', final: 'q' }, (names) => {
      for (const name of names.split(';').slice(0, CAPABILITIES_ASKED_MAX)) reply(capability(name));
      return true;
    });
  }

  #color({ type, index, color }: ColorEvent): void {
    if (type === REPORT && index !== undefined) {
      const which = index < FOREGROUND ? `4;${index}` : `${10 + index - FOREGROUND}`;
      this.#reply(`\x1b]${which};${xColor(this.colors.get(index) ?? colorOf(index))}\x1b\\`);
    } else if (type === SET && index !== undefined && color !== undefined) {
      this.colors.set(index, color);
    } else if (index !== undefined) {
      this.colors.delete(index);
    } else {
      // All of the indexed ones; foreground, background and cursor are restored by name.
      for (const known of [...this.colors.keys()]) {
        if (known !== FOREGROUND && known !== BACKGROUND && known !== CURSOR) this.colors.delete(known);
      }
    }
  }
}

const xColor = (color: Rgb): string => `rgb:${color.map((part) => part.toString(16).padStart(2, '0').repeat(2)).join('/')}`;

/** Names and values are in hexadecimal. */
function capability(name: string): string {
  const value = /^(?:[0-9a-f]{2})+$/i.test(name) ? CAPABILITIES.get(Buffer.from(name, 'hex').toString('latin1')) : undefined;
  if (value === undefined) return `\x1bP0+r${/^[0-9a-f]{0,64}$/i.test(name) ? name : ''}\x1b\\`;
  return `\x1bP1+r${name}=${Buffer.from(value, 'latin1').toString('hex')}\x1b\\`;
}
