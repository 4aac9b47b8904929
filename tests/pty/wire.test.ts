// The frames, byte by byte: what a client of another make must be able to rely on.

import { expect, test } from 'bun:test';
import type { LogEvent } from '../../src/sessions/event.ts';
import * as wire from '../../src/pty/wire.ts';

const event = (over: Partial<LogEvent>): LogEvent => ({
  id: 'id',
  runId: 'run',
  sequence: 0x01020304,
  timestamp: 0,
  channel: 'system',
  type: 'title',
  data: { title: 't' },
  ...over,
});
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const json = (frame: Uint8Array): unknown => JSON.parse(Buffer.from(frame.subarray(1)).toString());

test('OUTPUT is its tag, the sequence as u64 and the bytes as they are', () => {
  const frame = wire.encodeEvent(event({ type: 'output', channel: 'stdout', data: bytes(0xff, 0x00, 0x1b) }));
  expect([...frame]).toEqual([0x01, 0, 0, 0, 0, 1, 2, 3, 4, 0xff, 0x00, 0x1b]);
  const large = wire.encodeEvent(event({ sequence: 2 ** 40 + 5, data: bytes(1) }));
  expect([...large.subarray(1, 9)]).toEqual([0, 0, 1, 0, 0, 0, 0, 5]);
});

test('output on the system channel is OUTPUT too: it is meant for the screen', () => {
  expect(wire.encodeEvent(event({ type: 'output', data: bytes(0x41) }))[0]).toBe(wire.OUTPUT);
});

test('EVENT is the event as the API has it', () => {
  const frame = wire.encodeEvent(event({ timestamp: 1000 }));
  expect(frame[0]).toBe(0x03);
  expect(json(frame)).toEqual({
    id: 'id',
    sessionId: 'run',
    sequence: 0x01020304,
    timestamp: '1970-01-01T00:00:01.000Z',
    channel: 'system',
    type: 'title',
    data: { title: 't' },
  });
});

test('an input EVENT has who typed and how much, never what', () => {
  const frame = wire.encodeEvent(event({ channel: 'stdin', type: 'input', data: { client: 'c', bytes: 6, text: 'secret' } }));
  expect(json(frame)).toMatchObject({ data: { client: 'c', bytes: 6 } });
  expect(Buffer.from(frame).includes('secret')).toBe(false);
});

test('SNAPSHOT, SYNCED, WINSIZE and NOTICE are laid out as the contract says', () => {
  expect([...wire.encodeSnapshot(7, { cols: 0x0102, rows: 0x0304 }, bytes(9))]).toEqual([0x02, 0, 0, 0, 0, 0, 0, 0, 7, 1, 2, 3, 4, 9]);
  expect([...wire.encodeSynced(7, 3)]).toEqual([0x04, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 3]);
  expect([...wire.encodeWinsize({ cols: 80, rows: 24 }, true)]).toEqual([0x05, 0, 80, 0, 24, 1]);
  expect([...wire.encodeWinsize({ cols: 500, rows: 300 }, false)]).toEqual([0x05, 1, 0xf4, 1, 0x2c, 0]);
  const notice = wire.encodeNotice('input_refused', 'why', 5);
  expect(notice[0]).toBe(0x06);
  expect(json(notice)).toEqual({ code: 'input_refused', message: 'why', bytes: 5 });
  expect(json(wire.encodeNotice('live', 'm'))).toEqual({ code: 'live', message: 'm' });
});

test.each([
  ['INPUT', bytes(0x11, 0x61, 0x62), { tag: wire.INPUT, bytes: bytes(0x61, 0x62) }],
  ['RESIZE', bytes(0x12, 0, 80, 0, 24), { tag: wire.RESIZE, winsize: { cols: 80, rows: 24 } }],
  ['ACK', bytes(0x13, 0, 0, 0, 0, 0, 0, 1, 2), { tag: wire.ACK, sequence: 258 }],
  ['an ACK past what a number holds', bytes(0x13, ...Array<number>(8).fill(0xff)), { tag: wire.ACK, sequence: Number.MAX_SAFE_INTEGER }],
  ['LEAD', bytes(0x14), { tag: wire.LEAD }],
  ['LOOKS', bytes(0x15, 0), { tag: wire.LOOKS, looks: false }],
  ['LOOKS in a form of another', bytes(0x15, 7, 1), { tag: 'unknown' }],
  ['LOOKS that says nothing', bytes(0x15), { tag: 'unknown' }],
  ['a tag of a newer client', bytes(0x7f, 1, 2), { tag: 'unknown' }],
] as const)('%s is read', (_, frame, expected) => {
  expect<unknown>(wire.decodeClientFrame(frame)).toEqual(expected);
});

test('a frame that lies inside of a larger piece of memory is read at its own place', () => {
  const whole = bytes(9, 9, 9, 0x13, 0, 0, 0, 0, 0, 0, 0, 42, 9);
  expect(wire.decodeClientFrame(whole.subarray(3, 12))).toEqual({ tag: wire.ACK, sequence: 42 });
});

test.each([
  ['empty', bytes()],
  ['INPUT without bytes', bytes(0x11)],
  ['RESIZE one byte short', bytes(0x12, 0, 80, 0)],
  ['ACK one byte short', bytes(0x13, 0, 0, 0, 0, 0, 0, 0)],
])('a frame that is %s is malformed', (_, frame) => {
  expect(wire.decodeClientFrame(frame).tag).toBe('malformed');
});
