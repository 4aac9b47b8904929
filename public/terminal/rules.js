// What an emulator may do besides drawing. It answers no query: the server's own emulator does.
// A replay has no side effects: nothing rings, no clipboard is touched. Live, only the leader's
// focus and clipboard count, and a program reads no clipboard ever.

/** Reports that a program asked for by a mode: mouse and focus. They are no typing. */
const REPORT = /^(?:\x1b\[[IO]|\x1b\[<\d+;\d+;\d+[Mm]|\x1b\[\d+;\d+;\d+M|\x1b\[M[\s\S]{3})+$/;
const FOCUS = /^\x1b\[[IO]$/;

// What only ever is an emulator's answer, as src/pty/input.ts knows it: of these the log shows
// nothing. `CSI 1;2R` to `1;8R` is F3 with a modifier as well as a cursor report: typed, then.
const ANSWER = new RegExp(
  `^(?:${[
    '\\x1b\\[[?>=][\\d;]*c',
    '\\x1b\\[(?!1;[2-8]R)\\d+;\\d+R',
    '\\x1b\\[\\?\\d+;\\d+(?:;\\d+)?R',
    '\\x1b\\[\\??[03]n',
    '\\x1b\\[\\??[\\d;]+\\$y',
    '\\x1b\\[[4689];\\d+;\\d+t',
    '\\x1bP[^\\x1b]*\\x1b\\\\',
    '\\x1b\\](?:4;\\d+|1[0-9]|5);[^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)',
  ].join('|')})+$`,
);

/** Every CSI that xterm 6 may answer: attributes, status and cursor, modes. Window reports are off. */
const QUERIES = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
  { prefix: '>', final: 'q' },
];
const COLOUR_OSC = [4, 10, 11, 12];
const OSC_CLIPBOARD = 52;
/** Decoded text of one clipboard write; more is no copy that a person made. */
const CLIPBOARD_CHARACTERS_MAX = 1024 * 1024;

export class Rules {
  /** Output is being logged for the first time, and this device leads. */
  mayAct = false;
  /** After SYNCED: bells ring, titles and clipboards count. */
  live = false;

  /**
   * @param {import('../vendor/xterm.mjs').Terminal} term
   * @param {{ clipboard: (text: string) => void, bell: () => void }} effects
   */
  constructor(term, { clipboard, bell }) {
    const { parser } = term;
    for (const query of QUERIES) parser.registerCsiHandler(query, () => true);
    parser.registerDcsHandler({ intermediates: '$', final: 'q' }, () => true);
    for (const osc of COLOUR_OSC) parser.registerOscHandler(osc, (data) => data.split(';').includes('?'));
    parser.registerOscHandler(OSC_CLIPBOARD, (data) => {
      const text = clipboardText(data);
      if (text !== null && this.mayAct && document.hasFocus()) clipboard(text);
      return true;
    });
    term.onBell(() => {
      if (this.live) bell();
    });
  }

  /** Whether data of this nature may go to the program now; typing always may. */
  maySend(data, nature) {
    if (nature === 'answer') return false;
    if (FOCUS.test(data)) return this.mayAct;
    return nature === 'typed' || this.live;
  }
}

/** @returns {'typed' | 'report' | 'answer'} */
export function natureOf(data) {
  if (data[0] !== '\x1b' || data.length > 1024) return 'typed';
  if (REPORT.test(data)) return 'report';
  return ANSWER.test(data) ? 'answer' : 'typed';
}

/** Text of `selection;base64`; null for a read (`?`), for nonsense and for too much. */
export function clipboardText(data) {
  const encoded = data.slice(data.indexOf(';') + 1);
  if (!data.includes(';') || encoded === '?' || encoded === '' || encoded.length > 2 * CLIPBOARD_CHARACTERS_MAX) return null;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const text = new TextDecoder().decode(bytes);
    return text.length > CLIPBOARD_CHARACTERS_MAX ? null : text;
  } catch {
    return null;
  }
}
