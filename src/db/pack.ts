// The form of a pack: many events in one piece, column by column, for like compresses well
// beside like. What was put in comes out identical, to the byte.

import { assert } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Channel, LogEvent } from '../sessions/event.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

/** An event as its row holds it. */
export interface RawEvent {
  id: string;
  sequence: number;
  timestamp: number;
  channel: Channel;
  type: string;
  /** Of JSON its text in UTF-8. */
  data: Uint8Array;
  isText: boolean;
}

interface PackKind {
  channel: Channel;
  type: string;
  isText: boolean;
}

const VERSION = 1;
const UUIDS = 0;
const TEXTS = 1;
/** Of an id its last ten bytes; the six before are milliseconds in a UUIDv7, and count like them. */
const ID_TAIL_BYTES = 10;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @param events one after the other, without a gap */
export function encodePack(events: readonly RawEvent[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(events.reduce((sum, { data }) => sum + data.byteLength + 16, 256));
  const first = events[0]?.sequence ?? 0;
  const { kinds, ofEvent } = kindsOf(events);
  writer.byte(VERSION);
  writer.count(events.length);
  writer.count(first);
  writer.count(kinds.length);
  for (const { channel, type, isText } of kinds) {
    writer.text(channel);
    writer.text(type);
    writer.byte(isText ? 1 : 0);
  }
  for (const kind of ofEvent) writer.count(kind);
  let before = 0;
  for (const [index, { timestamp, sequence }] of events.entries()) {
    assert(sequence === first + index && Number.isSafeInteger(timestamp), 'a pack has no gap');
    writer.difference(timestamp - before);
    before = timestamp;
  }
  writeIds(writer, events);
  for (const { data } of events) writer.count(data.byteLength);
  for (const kind of kinds.keys()) {
    for (const [index, { data }] of events.entries()) if (ofEvent[index] === kind) writer.bytes(data);
  }
  return writer.written;
}

/** A pack that is open: gives one event without making the others. */
export class OpenPack {
  readonly first: number;
  readonly count: number;
  readonly #raw: Uint8Array;
  readonly #kinds: PackKind[] = [];
  readonly #ofEvent: Uint32Array;
  readonly #timestamps: Float64Array;
  readonly #ids: (index: number) => string;
  readonly #starts: Uint32Array;
  readonly #lengths: Uint32Array;

  constructor(raw: Uint8Array) {
    this.#raw = raw;
    const reader = new ByteReader(raw);
    assert(reader.byte() === VERSION, 'a pack is of a form that we know');
    this.count = reader.count();
    this.first = reader.count();
    for (let kinds = reader.count(); kinds > 0; kinds -= 1) {
      this.#kinds.push({ channel: reader.text() as Channel, type: reader.text(), isText: reader.byte() === 1 });
    }
    this.#ofEvent = Uint32Array.from({ length: this.count }, () => reader.count());
    let before = 0;
    this.#timestamps = Float64Array.from({ length: this.count }, () => (before += reader.difference()));
    this.#ids = readIds(reader, this.count);
    this.#lengths = Uint32Array.from({ length: this.count }, () => reader.count());
    this.#starts = startsOf(this.#ofEvent, this.#lengths, this.#kinds.length, reader.position);
    const end = reader.position + this.#lengths.reduce((sum, length) => sum + length, 0);
    assert(end === raw.byteLength, 'a pack holds what it says');
  }

  get last(): number {
    return this.first + this.count - 1;
  }

  /** What it takes in memory. */
  get memoryBytes(): number {
    return this.#raw.byteLength + this.count * 32;
  }

  timestamp(sequence: number): number {
    return this.#timestamps[sequence - this.first] ?? 0;
  }

  fits(sequence: number, channel: string | undefined, type: string | undefined): boolean {
    const kind = this.#kindOf(sequence - this.first);
    return (channel === undefined || kind.channel === channel) && (type === undefined || kind.type === type);
  }

  bytes(sequence: number): number {
    return this.#lengths[sequence - this.first] ?? 0;
  }

  event(runId: string, sequence: number): LogEvent {
    const { isText, data, ...event } = this.raw(sequence);
    return { runId, ...event, data: isText ? (JSON.parse(textOf(data)) as JsonObject) : data };
  }

  raw(sequence: number): RawEvent {
    const index = sequence - this.first;
    const start = this.#starts[index] ?? 0;
    // A copy: whoever keeps one small event must not keep the whole pack with it.
    const data = this.#raw.slice(start, start + this.bytes(sequence));
    return { ...this.#kindOf(index), id: this.#ids(index), sequence, timestamp: this.timestamp(sequence), data };
  }

  #kindOf(index: number): PackKind {
    const kind = this.#kinds[this.#ofEvent[index] ?? -1];
    assert(kind !== undefined, 'the event is in the pack');
    return kind;
  }
}

/** What there is in a pack, as its row tells it: `[channel, type]` each. */
export function kindNames(events: readonly RawEvent[]): [Channel, string][] {
  return kindsOf(events).kinds.map(({ channel, type }) => [channel, type]);
}

function kindsOf(events: readonly RawEvent[]): { kinds: PackKind[]; ofEvent: number[] } {
  const kinds: PackKind[] = [];
  const numbers = new Map<string, number>();
  const ofEvent = events.map(({ channel, type, isText }) => {
    const name = `${channel} ${isText} ${type}`;
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, kinds.length);
    return kinds.push({ channel, type, isText }) - 1;
  });
  return { kinds, ofEvent };
}

function writeIds(writer: ByteWriter, events: readonly RawEvent[]): void {
  if (!events.every(({ id }) => UUID.test(id))) {
    writer.byte(TEXTS);
    for (const { id } of events) writer.text(id);
    return;
  }
  writer.byte(UUIDS);
  const ids = events.map(({ id }) => Buffer.from(id.replaceAll('-', ''), 'hex'));
  let before = 0;
  for (const id of ids) {
    const time = id.readUIntBE(0, 6);
    writer.difference(time - before);
    before = time;
  }
  for (const id of ids) writer.bytes(id.subarray(6));
}

function readIds(reader: ByteReader, count: number): (index: number) => string {
  if (reader.byte() === TEXTS) {
    const texts = Array.from({ length: count }, () => reader.text());
    return (index) => texts[index] ?? '';
  }
  let before = 0;
  const times = Float64Array.from({ length: count }, () => (before += reader.difference()));
  const tails = Buffer.from(reader.bytes(count * ID_TAIL_BYTES));
  return (index) => {
    const time = (times[index] ?? 0).toString(16).padStart(12, '0');
    const hex = time + tails.toString('hex', index * ID_TAIL_BYTES, (index + 1) * ID_TAIL_BYTES);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}

/** Where each event's data begins: that of one kind lies together. */
function startsOf(ofEvent: Uint32Array, lengths: Uint32Array, kinds: number, from: number): Uint32Array {
  const next = Array.from({ length: kinds }, () => 0);
  for (const [index, kind] of ofEvent.entries()) next[kind] = (next[kind] ?? 0) + (lengths[index] ?? 0);
  let start = from;
  for (const [kind, bytes] of next.entries()) {
    next[kind] = start;
    start += bytes;
  }
  return ofEvent.map((kind, index) => {
    const own = next[kind] ?? 0;
    next[kind] = own + (lengths[index] ?? 0);
    return own;
  });
}

const textOf = (data: Uint8Array): string => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
