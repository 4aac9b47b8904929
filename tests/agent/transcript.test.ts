// The projection of events to what people read: pure, incremental, and blind to what it does
// not know.

import { describe, expect, test } from 'bun:test';
import { project, Transcript } from '../../src/agent/transcript.ts';
import type { JsonObject } from '../../src/json.ts';
import { limits } from '../../src/limits.ts';
import type { Channel, LogEvent } from '../../src/sessions/event.ts';

let sequence = 0;

function event(type: string, data: JsonObject, channel: Channel = 'stdout'): LogEvent {
  sequence += 1;
  return { id: `e${sequence}`, runId: 'r', sequence, timestamp: sequence * 1000, channel, type, data };
}

function told(...events: [string, JsonObject][]): { transcript: Transcript; log: LogEvent[] } {
  sequence = 0;
  const log = events.map(([type, data]) => event(type, data));
  return { transcript: project(log), log };
}

const PROMPT: [string, JsonObject] = ['prompt', { prompt: 'p1', text: 'Do it', client: 'd1' }];
const OPTIONS = [
  { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
  { optionId: 'no', name: 'Reject', kind: 'reject_once' },
];
const ASKED: [string, JsonObject] = ['permission', { permission: 'q1', process: 'x', request: 1, toolCall: { toolCallId: 't1', title: 'Write a' }, options: OPTIONS }];

describe('the transcript', () => {
  test('joins words of one stream, and parts them where something stands between', () => {
    const { transcript } = told(PROMPT, ['message', { text: 'Hel' }], ['message', { text: 'lo' }], ['tool', { toolCallId: 't1', title: 'Read a' }], ['message', { text: 'after' }]);
    expect(transcript.items.map((item) => ('text' in item ? item.text : item.is))).toEqual(['prompt', 'Hello', 'tool', 'after']);
    expect(transcript.items[1]).toMatchObject({ sequence: 2, changed: 3 });
  });

  test('keeps a card where it is while it changes', () => {
    const { transcript } = told(PROMPT, ['tool', { toolCallId: 't1', title: 'Preparing', status: 'pending' }], ['message', { text: 'x' }], ['tool', { toolCallId: 't1', title: 'Read a', status: 'completed' }]);
    expect(transcript.items[1]).toMatchObject({ is: 'tool', sequence: 2, changed: 4, call: { title: 'Read a', status: 'completed' } });
    expect(transcript.items).toHaveLength(3);
    expect(transcript.changedAfter(3).map(({ sequence: at }) => at)).toEqual([2]);
  });

  test('shows a permission on the card of its tool, and who decided', () => {
    const { transcript } = told(PROMPT, ['tool', { toolCallId: 't1', title: 'Write a' }], ASKED, ['decision', { permission: 'q1', outcome: 'selected', optionId: 'yes', by: 'd2', name: 'Allow' }]);
    const [, tool] = transcript.items;
    expect(tool).toMatchObject({ is: 'tool', changed: 4, requests: [{ id: 'q1', decision: { outcome: 'selected', optionId: 'yes', by: 'd2' } }] });
    expect(transcript.items).toHaveLength(2);
  });

  test('lets the first decision stand, whatever comes after it', () => {
    const { transcript } = told(PROMPT, ASKED, ['decision', { permission: 'q1', outcome: 'selected', optionId: 'yes', by: 'd2' }], ['decision', { permission: 'q1', outcome: 'cancelled', by: 'd3' }]);
    expect(transcript.requests()[0]?.decision).toMatchObject({ outcome: 'selected', by: 'd2' });
  });

  test('tells what nobody can decide any more once the agent is gone', () => {
    const { transcript } = told(PROMPT, ['tool', { toolCallId: 't1', status: 'in_progress' }], ASKED, ['status', { status: 'stopped', reason: 'the server ended' }]);
    expect(transcript.requests()[0]?.decision).toMatchObject({ outcome: 'interrupted', by: 'server' });
    expect(transcript.items[1]).toMatchObject({ is: 'tool', over: true, changed: 4 });
    expect(transcript.turn).toBeUndefined();
    expect(transcript.items.at(-1)).toMatchObject({ is: 'note', text: 'Stopped: the server ended' });
  });

  test('holds the queue as it stands, through changes and going', () => {
    const { transcript } = told(
      ['queued', { prompt: 'a', text: 'first', client: 'd' }],
      ['queued', { prompt: 'b', text: 'second', client: 'd' }],
      ['queued', { prompt: 'a', text: 'changed', client: 'd' }],
      ['unqueued', { prompt: 'b', client: 'd' }],
    );
    expect(transcript.queue.map(({ text }) => text)).toEqual(['changed']);
    transcript.apply(event('prompt', { prompt: 'a', text: 'changed', client: 'd' }));
    expect(transcript.queue).toEqual([]);
  });

  test('changes a plan in place within a turn, and begins another in the next', () => {
    const plan = (content: string): [string, JsonObject] => ['plan', { entries: [{ content, status: 'pending' }] }];
    const { transcript } = told(PROMPT, plan('one'), ['message', { text: 'x' }], plan('two'), ['stop', { prompt: 'p1', reason: 'end_turn' }], PROMPT, plan('three'));
    expect(transcript.items.filter(({ is }) => is === 'plan')).toMatchObject([{ entries: [{ content: 'two' }] }, { entries: [{ content: 'three' }] }]);
  });

  test('shows a text without end in parts, none of it lost, code closed and opened again', () => {
    const line = 'a line of words that goes on for a while\n';
    const code = `const a = 1;\n`;
    const words = Array.from({ length: 4000 }, () => line);
    const { transcript } = told(PROMPT, ...words.map((text): [string, JsonObject] => ['message', { text }]));
    const parts = transcript.items.flatMap((item) => (item.is === 'message' ? [item.text] : []));
    expect(parts.join('')).toBe(words.join(''));
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(limits.transcriptTextMax);
    const fenced = told(PROMPT, ['message', { text: '```ts\n' }], ...Array.from({ length: 4000 }, (): [string, JsonObject] => ['message', { text: code }]), ['message', { text: '```\nDone.' }]);
    const blocks = fenced.transcript.items.flatMap((item) => (item.is === 'message' ? [item.text] : []));
    expect(blocks.length).toBeGreaterThan(1);
    for (const block of blocks) expect(block.match(/^```/gm)).toHaveLength(2);
    expect(blocks.join('').split(code)).toHaveLength(4001);
  });

  test('keeps the parts of a flood bounded, and its characters whole', () => {
    const flood = '😀'.repeat(limits.outputEventBytesMax / 2);
    const { transcript } = told(PROMPT, ...Array.from({ length: 40 }, (): [string, JsonObject] => ['message', { text: flood }]));
    const parts = transcript.items.flatMap((item) => (item.is === 'message' ? [item.text] : []));
    expect(parts.join('')).toBe(flood.repeat(40));
    expect(parts.every((part) => part.isWellFormed() && part.length <= 3 * limits.outputEventBytesMax)).toBe(true);
  });

  test('is the same whether it is told at once or event by event', () => {
    const { log, transcript } = told(PROMPT, ['message', { text: 'a' }], ['thought', { text: 'b' }], ['tool', { toolCallId: 't' }], ASKED, ['usage', { used: 1 }], ['stop', { reason: 'end_turn' }]);
    const other = new Transcript();
    for (const one of log) other.apply(one);
    expect(other.items).toEqual(transcript.items);
    expect(other.head).toBe(log.length);
  });

  test('takes no harm from events that it does not know, or that are wrong', () => {
    const { transcript } = told(['unheard-of', { a: 1 }], ['permission', { permission: 'x' }], ['decision', { permission: 'none' }], ['prompt', {}], ['tool', {}], ['config', { options: 'none' }]);
    transcript.apply({ ...event('output', {}), data: new Uint8Array([1, 2]) });
    expect(transcript.items.map(({ is }) => is)).toEqual(['tool']);
  });
});
