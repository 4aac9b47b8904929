// What an INPUT is, and what of it is recorded. A secret must not reach the log; which bytes
// are one can be told only from the terminal's own state.

import type { JsonObject } from '../json.ts';
import { bytesAsJson } from '../sessions/event.ts';
import type { Termios } from './pty.ts';

export type RecordInput = 'redact' | 'all' | 'none';

/** `report`: mouse and focus, which are not typing. `reply`: an emulator's answer to a query. */
export type InputNature = 'typed' | 'report' | 'reply';

const REPORT = /^(?:\x1b\[[IO]|\x1b\[<\d+;\d+;\d+[Mm]|\x1b\[\d+;\d+;\d+M|\x1b\[M[\s\S]{3})+$/;

// DA1–3, CPR and DSR, DECRPM, window reports, XTVERSION/DECRQSS/XTGETTCAP (DCS), OSC colours.
// `CSI 1;2R` to `1;8R` is F3 with a modifier as well as a cursor report: typed, then.
const REPLY = new RegExp(
  '^(?:' +
    [
      '\\x1b\\[[?>=][\\d;]*c',
      '\\x1b\\[(?!1;[2-8]R)\\d+;\\d+R',
      '\\x1b\\[\\?\\d+;\\d+(?:;\\d+)?R',
      '\\x1b\\[\\??[03]n',
      '\\x1b\\[\\??[\\d;]+\\$y',
      '\\x1b\\[[4689];\\d+;\\d+t',
      '\\x1bP[^\\x1b]*\\x1b\\\\',
      '\\x1b\\](?:4;\\d+|1[0-9]|5);[^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)',
    ].join('|') +
    ')+$',
);

/** Longer than any run of reports that one frame brings; more is certainly typed or pasted. */
const CLASSIFY_BYTES_MAX = 1024;

export function natureOf(bytes: Uint8Array): InputNature {
  if (bytes[0] !== 0x1b || bytes.byteLength > CLASSIFY_BYTES_MAX) return 'typed';
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (REPORT.test(text)) return 'report';
  return REPLY.test(text) ? 'reply' : 'typed';
}

/** Who reads the terminal now: its settings, and whether its own shell has the foreground. */
export interface Audience {
  termios: Termios;
  /** Asked only where it decides: the answer costs a look at the process. */
  shellInFront: () => boolean;
}

/**
 * Text is kept while the terminal echoes it anyway, or while the shell itself edits a line;
 * in any other program (ssh, tmux, editors) echo is off for secrets and text alike.
 */
export function keepsText(rule: RecordInput, { termios, shellInFront }: Audience): boolean {
  if (rule === 'none') return false;
  if (rule === 'all') return true;
  return termios.echo || (termios.lineEditor && shellInFront());
}

export function inputData(bytes: Uint8Array, client: string, keep: boolean): JsonObject {
  return { client, bytes: bytes.byteLength, ...(keep ? bytesAsJson(bytes) : { redacted: true }) };
}

/** These read secrets inside of themselves with the same line editor, so their prompt cannot be told from one. */
const MASKING_SHELLS = new Set(['fish', 'nu', 'xonsh', 'elvish', 'yash']);

const OPEN_SHELLS = new Set(['sh', 'ash', 'bash', 'dash', 'zsh', 'ksh', 'mksh', 'tcsh', 'csh']);

export const isShell = (name: string): boolean => editsOpenly(name) || MASKING_SHELLS.has(withoutDash(name));

/** Whether what is typed into its line editor is what its line shows. */
export const editsOpenly = (name: string): boolean => OPEN_SHELLS.has(withoutDash(name));

/** A login shell's name begins with one. */
const withoutDash = (name: string): string => name.replace(/^-/, '');
