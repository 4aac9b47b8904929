// A recording's times, sizes and marks, from a log that is given.

import { expect, test } from 'bun:test';
import { recording, type RecordingFormat } from '../../src/pty/recording.ts';
import type { LogEvent, NewEvent } from '../../src/sessions/event.ts';

const START = 1_700_000_000_000;
const bytes = (text: string): Uint8Array => Buffer.from(text);

const LOG: (NewEvent & { at: number })[] = [
  { at: 0, channel: 'system', type: 'resize', data: { cols: 90, rows: 20 } },
  { at: 100, channel: 'stdout', type: 'output', data: bytes('one') },
  { at: 150, channel: 'stdin', type: 'input', data: { client: 'c', bytes: 2, text: 'ls' } },
  { at: 160, channel: 'stdin', type: 'input', data: { client: 'c', bytes: 6, redacted: true } },
  { at: 200, channel: 'system', type: 'command', data: { phase: 'output', line: 'make all' } },
  { at: 200, channel: 'system', type: 'command', data: { phase: 'done', exit: 0 } },
  { at: 300, channel: 'system', type: 'resize', data: { cols: 40, rows: 10, client: 'c' } },
  // The clock was set back.
  { at: -5000, channel: 'stdout', type: 'output', data: bytes('two') },
  { at: 400, channel: 'system', type: 'status', data: { status: 'stopped' } },
  { at: 500, channel: 'stdout', type: 'output', data: bytes('three\x1b]0;cut') },
];

function recorded(format: RecordingFormat, input: boolean): unknown[] {
  const log = LOG.map(({ at, ...event }, index): LogEvent => ({ id: `${index}`, runId: 'run', sequence: index + 1, ...event, timestamp: START + at }));
  const read = (after: number, limit: number): LogEvent[] => log.slice(after, after + Math.min(limit, 3));
  const parts = [...recording(read, { format, started: START, title: 'a title', shell: 'bash', input })];
  return parts.join('').trimEnd().split('\n').map((line) => JSON.parse(line));
}

test('asciicast v2 counts from the start, and never back', () => {
  const [header, ...rows] = recorded('asciicast-v2', false);
  expect(header).toEqual({ version: 2, width: 90, height: 20, timestamp: START / 1000, title: 'a title', env: { TERM: 'xterm-256color', SHELL: 'bash' } });
  expect(rows).toEqual([
    [0.1, 'o', 'one'],
    [0.2, 'm', 'make all'],
    [0.3, 'r', '40x10'],
    [0.3, 'o', 'two'],
    [0.4, 'm', 'stopped'],
    [0.5, 'o', 'three'],
  ]);
});

test('asciicast v3 counts from the line before; what was typed is in it when it is asked for, where its text was kept', () => {
  const [header, ...rows] = recorded('asciicast-v3', true);
  expect(header).toMatchObject({ version: 3, term: { cols: 90, rows: 20, type: 'xterm-256color' }, title: 'a title' });
  const rounded = rows.map((row) => (Array.isArray(row) ? [Math.round(row[0] * 1000), ...row.slice(1)] : row));
  expect(rounded).toEqual([
    [100, 'o', 'one'],
    [50, 'i', 'ls'],
    [50, 'm', 'make all'],
    [100, 'r', '40x10'],
    [0, 'o', 'two'],
    [100, 'm', 'stopped'],
    [100, 'o', 'three'],
  ]);
});
