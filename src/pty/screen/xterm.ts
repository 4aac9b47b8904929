// The emulator: xterm without a page, with the same parts as the browser's, and the view of its
// inside that a snapshot needs. What its interface does not tell is read from its own objects,
// so the version is pinned; the tests of the screen fail where a new one differs.

// The browser's build of the same version is embedded as a file, and a file cannot be code as well.
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes/lib/addon-unicode-graphemes.js';
import { Terminal } from '@xterm/headless';
import type { Winsize } from '../winsize.ts';
import { EMULATOR_OPTIONS, SCROLLBACK_MIN, steady } from './shared.ts';

export interface Emulator {
  terminal: Terminal;
  core: Core;
}

export function createEmulator({ cols, rows }: Winsize, scrollback: number): Emulator {
  // The size of the window in characters is the only one that a server knows.
  const windowOptions = { ...EMULATOR_OPTIONS.windowOptions, getWinSizeChars: true };
  const terminal = new Terminal({
    ...EMULATOR_OPTIONS,
    windowOptions,
    logLevel: 'off',
    cols,
    rows,
    scrollback: Math.max(SCROLLBACK_MIN, scrollback),
  });
  terminal.loadAddon(new UnicodeGraphemesAddon());
  steady(terminal);
  const core = coreOf(terminal);
  // Lines that were wider once keep their memory: the idle work that would free it is for pages.
  Object.getPrototypeOf(core._bufferService.buffers.normal)._batchedMemoryCleanup = () => false;
  return { terminal, core };
}

/** @throws TypeError where this is not the xterm that we know */
export function coreOf(terminal: object): Core {
  if ('_core' in terminal && isCore(terminal._core)) return terminal._core;
  throw new TypeError('This xterm has other parts than the one that snapshots are made for');
}

function isCore(core: unknown): core is Core {
  return typeof core === 'object' && core !== null && '_inputHandler' in core && '_bufferService' in core;
}

export interface Line {
  /** Three numbers per cell: content, foreground, background. */
  _data: Uint32Array;
  /** Characters of cells whose content is more than one code point. */
  _combined: Record<number, string | undefined>;
  _extendedAttrs: Record<number, Extended | undefined>;
  isWrapped: boolean;
  length: number;
}

export interface Extended {
  /** Underline style and colour as set, whatever a link shows. */
  _ext: number;
  urlId: number;
}

export interface Attributes {
  fg: number;
  bg: number;
  extended: Extended;
}

/** A character set: what ASCII characters are replaced by. */
export type Charset = Record<string, string> | undefined;

export interface Buffer {
  lines: { length: number; maxLength: number; get(index: number): Line | undefined; onTrim(listener: (count: number) => void): unknown };
  ybase: number;
  x: number;
  y: number;
  scrollTop: number;
  scrollBottom: number;
  tabs: Record<number, boolean | undefined>;
  savedX: number;
  savedCurAttrData: { fg: number; bg: number };
  savedCharset: Charset;
}

export interface ColorEvent {
  type: 0 | 1 | 2;
  /** 0 to 255, or foreground, background, cursor from 256; absent where all are restored. */
  index?: number;
  color?: [number, number, number];
}

export interface Core {
  _bufferService: {
    cols: number;
    rows: number;
    buffers: { active: Buffer; normal: Buffer; alt: Buffer };
    /** The line at the top of the scroll region goes. */
    scroll(attributes: unknown, wrapped?: boolean): void;
  };
  _charsetService: { charset: Charset; glevel: number; _charsets: Charset[] };
  coreService: {
    modes: { insertMode: boolean };
    decPrivateModes: {
      applicationCursorKeys: boolean;
      applicationKeypad: boolean;
      bracketedPasteMode: boolean;
      cursorBlink: boolean | undefined;
      cursorStyle: 'block' | 'underline' | 'bar' | undefined;
      origin: boolean;
      reverseWraparound: boolean;
      sendFocus: boolean;
      wraparound: boolean;
    };
    isCursorHidden: boolean;
  };
  coreMouseService: { activeProtocol: string; activeEncoding: string };
  optionsService: { rawOptions: { cursorBlink: boolean; convertEol: boolean } };
  unicodeService: { charProperties(codePoint: number, preceding: number): number };
  _oscLinkService: { getLinkData(id: number): { id: string | undefined; uri: string } | undefined };
  _inputHandler: {
    parse(bytes: Uint8Array): void;
    onColor(listener: (events: ColorEvent[]) => void): unknown;
    /** Of steady.js: row of the saved cursor, style and colour of its underline. */
    saved(buffer: Buffer): { row: number; underline: number };
    _curAttrData: Attributes;
    _parser: { currentState: number; precedingJoinState: number; reset(): void };
    _utf8Decoder: { clear(): void };
    _windowTitle: string;
    _iconName: string;
    _windowTitleStack: string[];
    _iconNameStack: string[];
  };
}

// A cell's content.
export const CODE_POINT = 0x1fffff;
export const COMBINED = 0x200000;
export const HAS_CONTENT = 0x3fffff;
export const WIDTH_SHIFT = 22;

/** The characters of a cell; '' where it is empty. */
export function charactersOf(line: Line, index: number): string {
  const content = line._data[index * 3] ?? 0;
  if ((content & COMBINED) !== 0) return line._combined[index] ?? '';
  const code = content & CODE_POINT;
  return code === 0 ? '' : String.fromCodePoint(code);
}
