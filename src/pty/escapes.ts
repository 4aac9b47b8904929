// Control sequences in a stream of text, taken apart without an emulator: each is kept or
// dropped whole, also where a part of the stream ends in the middle of one.

/** What stands open. `string`: OSC, DCS, APC, PM, SOS, until BEL or ST. */
type State = 'ground' | 'escape' | 'sequence' | 'string' | 'stringEscape';

/** Once this much of a sequence is there it is decided by its beginning, and goes on or is dropped as it comes. */
const OPEN_CHARACTERS_MAX = 64 * 1024;

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const ST = 0x9c;
const BACKSLASH = 0x5c;

export class EscapeFilter {
  readonly #keep: (sequence: string) => boolean;
  #state: State = 'ground';
  /** What is there of the open sequence and not yet decided. */
  #open = '';
  #decided: boolean | undefined;

  /** @param keep is asked once per sequence, with all of it or its long beginning */
  constructor(keep: (sequence: string) => boolean) {
    this.#keep = keep;
  }

  filter(part: string): string {
    let out = '';
    let from = 0;
    for (let at = 0; at < part.length; at += 1) {
      const code = part.charCodeAt(at);
      const before = this.#state;
      this.#state = next(before, code);
      if (before === 'ground') {
        if (this.#state === 'ground') continue;
        out += part.slice(from, at);
        from = at;
      } else if (before === 'stringEscape' && code !== BACKSLASH) {
        // The ESC ended the string and begins the next sequence; this character is its second.
        const whole = this.#open + part.slice(from, at);
        out += this.#end(whole.slice(0, -1));
        this.#open = '\x1b';
        from = at;
        if (this.#state === 'ground') {
          out += this.#end(this.#open + part.slice(from, at + 1));
          from = at + 1;
        }
      } else if (code === ESC && (before === 'escape' || before === 'sequence')) {
        this.#end(''); // Broken off: it never was a sequence.
        from = at;
      } else if (this.#state === 'ground') {
        out += this.#end(this.#open + part.slice(from, at + 1));
        from = at + 1;
      }
    }
    return out + (this.#state === 'ground' ? part.slice(from) : this.#hold(part.slice(from)));
  }

  #end(sequence: string): string {
    const kept = this.#decided ?? (sequence !== '' && this.#keep(sequence));
    this.#open = '';
    this.#decided = undefined;
    return kept ? sequence : '';
  }

  #hold(rest: string): string {
    this.#open += rest;
    if (this.#decided === undefined && this.#open.length <= OPEN_CHARACTERS_MAX) return '';
    this.#decided ??= this.#keep(this.#open);
    // A last ESC may be half of the end: it stays.
    const cut = this.#open.endsWith('\x1b') ? this.#open.length - 1 : this.#open.length;
    const passed = this.#decided ? this.#open.slice(0, cut) : '';
    this.#open = this.#open.slice(cut);
    return passed;
  }
}

function next(state: State, code: number): State {
  if (state === 'ground') return openedBy(code) ?? 'ground';
  if (code === CAN || code === SUB) return 'ground';
  switch (state) {
    case 'escape':
      return afterEscape(code);
    case 'sequence':
      if (code === ESC) return 'escape';
      return code >= 0x40 && code <= 0x7e ? 'ground' : 'sequence';
    case 'string':
      if (code === BEL || code === ST) return 'ground';
      return code === ESC ? 'stringEscape' : 'string';
    case 'stringEscape':
      return code === BACKSLASH ? 'ground' : afterEscape(code);
  }
}

function afterEscape(code: number): State {
  if (code === ESC) return 'escape';
  if (code === 0x5b) return 'sequence';
  if (opensString(code)) return 'string';
  return code >= 0x20 && code < 0x30 ? 'escape' : 'ground';
}

function openedBy(code: number): State | undefined {
  if (code === ESC) return 'escape';
  if (code === 0x9b) return 'sequence';
  return code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f) ? 'string' : undefined;
}

/** After ESC: P (DCS), X (SOS), ] (OSC), ^ (PM), _ (APC). */
const opensString = (code: number): boolean => code === 0x50 || code === 0x58 || (code >= 0x5d && code <= 0x5f);

/** Whether a sequence asks for the viewer's clipboard. */
export const isClipboard = (sequence: string): boolean => /^(?:\x1b\]|\u009d)0*52(?:;|\x07|\x1b|\u009c|$)/.test(sequence);
