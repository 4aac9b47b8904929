// Where a run of terminal output may be cut: not inside a UTF-8 character, nor inside an
// escape sequence. Follows the parser of xterm state by state, for that is who reads it; a
// flood of plain text is only searched backwards, never stepped through.

/** States of the parser; `ground` is the one in which a cut is safe. */
export type SequenceState =
  | 'ground'
  | 'escape'
  | 'escapeIntermediate'
  | 'csiEntry'
  | 'csiParam'
  | 'csiIntermediate'
  | 'csiIgnore'
  | 'osc'
  | 'sos'
  | 'dcsEntry'
  | 'dcsParam'
  | 'dcsIntermediate'
  | 'dcsIgnore'
  | 'dcs';

const ESC = 0x1b;
/** First byte of every C1 control in UTF-8; the second one is the control itself. */
const C1_LEAD = 0xc2;

export interface Scan {
  /** State after the last byte. */
  state: SequenceState;
  /** Index of the first byte of what is unfinished; -1 where it began before these bytes; their length where nothing is. */
  openFrom: number;
}

/**
 * `bytes` follow on what left the parser in `before`, and begin with a whole character. An
 * unfinished character at the end counts as open.
 */
export function scan(bytes: Uint8Array, before: SequenceState): Scan {
  let introducer = lastIntroducer(bytes);
  const state = stateAfter(bytes, introducer, before);
  if (state === 'ground') return { state, openFrom: characterBoundary(bytes) };
  // An ESC may as well end a string as begin something: then all of the string is open.
  while (introducer >= 0) {
    const earlier = bytes.subarray(0, introducer);
    const previous = lastIntroducer(earlier);
    if (stateAfter(earlier, previous, before) === 'ground') return { state, openFrom: characterBoundary(earlier) };
    introducer = previous;
  }
  return { state, openFrom: -1 };
}

/** `introducer` is the last one in `bytes`: it begins anew in every state, so nothing before it matters. */
function stateAfter(bytes: Uint8Array, introducer: number, before: SequenceState): SequenceState {
  let state = before;
  let at = 0;
  if (introducer >= 0) {
    const escape = bytes[introducer] === ESC;
    state = next('ground', escape ? ESC : (bytes[introducer + 1] ?? 0));
    at = introducer + (escape ? 1 : 2);
  }
  while (state !== 'ground') {
    at = skipPayload(bytes, at, state);
    if (at >= bytes.length) break;
    const { code, length } = decode(bytes, at);
    if (length === 0) break;
    at += length;
    if (code >= 0) state = next(state, code);
  }
  return state;
}

/** Length of `bytes` without an unfinished UTF-8 character at their end, or several that broke off. */
export function characterBoundary(bytes: Uint8Array): number {
  let end = bytes.length;
  for (;;) {
    const start = lastCharacter(bytes, end);
    if (start === end || start + characterLength(bytes[start] ?? 0) <= end) return end;
    end = start;
  }
}

/** Where the character begins whose bytes are the last ones before `end`; `end` where that cannot be unfinished. */
function lastCharacter(bytes: Uint8Array, end: number): number {
  for (let at = end - 1; at >= 0 && at >= end - 3; at -= 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return at;
  }
  return end;
}

const characterLength = (lead: number): number => (lead < 0xc0 || lead > 0xf7 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);

/** Last control that begins a sequence, whatever came before: ESC, or C1 DCS, SOS, CSI, OSC, PM, APC. */
export function lastIntroducer(bytes: Uint8Array): number {
  const escape = bytes.lastIndexOf(ESC);
  let lead = bytes.lastIndexOf(C1_LEAD);
  while (lead > escape) {
    const control = bytes[lead + 1] ?? 0;
    if (control === 0x90 || control === 0x98 || control === 0x9b || (control >= 0x9d && control <= 0x9f)) return lead;
    if (lead === 0) break;
    lead = bytes.lastIndexOf(C1_LEAD, lead - 1);
  }
  return escape;
}

/** Within a string: the next byte that may end it. What lies between is skipped natively. */
function skipPayload(bytes: Uint8Array, from: number, state: SequenceState): number {
  if (state === 'sos') {
    let at = from;
    while (at < bytes.length && isPayload(bytes[at] ?? 0)) at += 1;
    return at;
  }
  if (state !== 'osc' && state !== 'dcs' && state !== 'dcsIgnore') return from;
  let end = bytes.length;
  for (const terminator of state === 'osc' ? [0x18, 0x1a, ESC, 0x07] : [0x18, 0x1a, ESC]) {
    const found = bytes.indexOf(terminator, from);
    if (found >= 0 && found < end) end = found;
  }
  let lead = bytes.indexOf(C1_LEAD, from);
  while (lead >= 0 && lead < end) {
    const control = bytes[lead + 1] ?? 0x80;
    if (control >= 0x80 && control <= 0x9f) return lead;
    lead = bytes.indexOf(C1_LEAD, lead + 1);
  }
  return end;
}

const isPayload = (byte: number): boolean => byte < 0x80 && byte !== 0x18 && byte !== 0x1a && byte !== ESC;

/** What xterm makes of `bytes` within a string: controls and what is no UTF-8 it passes over. `rest` is an unfinished character. */
export function charactersIn(bytes: Uint8Array): { text: string; rest: Uint8Array } {
  const end = characterBoundary(bytes);
  const parts: string[] = [];
  for (let at = 0; at < end; ) {
    const { code, length } = decode(bytes.subarray(0, end), at);
    if (length === 0) break;
    if (code >= 0x20) parts.push(String.fromCodePoint(code));
    at += length;
  }
  return { text: parts.join(''), rest: bytes.subarray(end) };
}

/** As xterm decodes: `code` is -1 for what it drops, `length` 0 where the bytes end too soon. */
function decode(bytes: Uint8Array, at: number): { code: number; length: number } {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return { code: lead, length: 1 };
  const length = characterLength(lead);
  if (length === 1) return { code: -1, length };
  let code = lead & (0xff >> (length + 1));
  for (let index = 1; index < length; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return { code: -1, length: 0 };
    if ((byte & 0xc0) !== 0x80) return { code: -1, length: index };
    code = (code << 6) | (byte & 0x3f);
  }
  const smallest = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000;
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return { code: code < smallest || surrogate || code === 0xfeff || code > 0x10ffff ? -1 : code, length };
}

/** The transition table of xterm's parser, as far as its states go. */
function next(state: SequenceState, code: number): SequenceState {
  if (code >= 0x80 && code <= 0x9f) return afterC1(code);
  if (code === ESC) return 'escape';
  if (code === 0x18 || code === 0x1a) return 'ground';
  const text = code >= 0xa0;
  if (!text && (code < 0x20 || code === 0x7f)) return state === 'osc' && code === 0x07 ? 'ground' : state;
  switch (state) {
    case 'ground':
    case 'osc':
    case 'dcs':
    case 'dcsIgnore':
      return state;
    case 'sos':
      return text ? 'ground' : state;
    case 'escape':
      return afterEscape(code);
    case 'escapeIntermediate':
      return code < 0x30 ? state : 'ground';
    case 'csiIgnore':
      return text || code < 0x40 ? state : 'ground';
    case 'csiEntry':
    case 'csiParam':
    case 'csiIntermediate':
      if (text || code >= 0x40) return 'ground';
      if (code < 0x30) return 'csiIntermediate';
      if (state === 'csiIntermediate' || (state === 'csiParam' && code >= 0x3c)) return 'csiIgnore';
      return 'csiParam';
    default:
      if (text) return 'ground';
      if (code >= 0x40) return 'dcs';
      if (code < 0x30) return 'dcsIntermediate';
      if (state === 'dcsIntermediate' || (state === 'dcsParam' && code >= 0x3c)) return 'dcsIgnore';
      return 'dcsParam';
  }
}

function afterC1(code: number): SequenceState {
  if (code === 0x9b) return 'csiEntry';
  if (code === 0x9d) return 'osc';
  if (code === 0x90) return 'dcsEntry';
  return code === 0x98 || code === 0x9e || code === 0x9f ? 'sos' : 'ground';
}

function afterEscape(code: number): SequenceState {
  if (code === 0x5b) return 'csiEntry';
  if (code === 0x5d) return 'osc';
  if (code === 0x50) return 'dcsEntry';
  if (code === 0x58 || code === 0x5e || code === 0x5f) return 'sos';
  return code < 0x30 ? 'escapeIntermediate' : 'ground';
}
