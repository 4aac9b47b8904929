// The wire with an agent and what is gathered from it: lines of any cut, ids of any time,
// bounded garbage, streams that become few events.

import { describe, expect, test } from 'bun:test';
import { Gather } from '../../src/agent/gather.ts';
import { Lines } from '../../src/agent/lines.ts';
import { AgentGone, AgentRefusal, Peer } from '../../src/agent/peer.ts';
import { readUpdate } from '../../src/agent/update.ts';
import { limits } from '../../src/limits.ts';
import type { NewEvent } from '../../src/sessions/event.ts';
import { until } from '../support/until.ts';

describe('lines', () => {
  test('come whole however they are cut, each with the offset at which it ended', () => {
    const text = Buffer.from('first\n\nthird line ü\nrest');
    for (let cut = 1; cut < text.length; cut += 1) {
      const found: [string, number][] = [];
      const lines = new Lines(100, (line, end) => found.push([line.toString(), end]));
      expect(lines.push(text.subarray(0, cut), 0)).toBe(true);
      expect(lines.push(text.subarray(cut), cut)).toBe(true);
      expect(found).toEqual([['first', 6], ['', 7], ['third line ü', 21]]);
      expect(lines.partial).toBe(true);
    }
  });

  test('are refused one byte past their bound, ended or not', () => {
    expect(new Lines(4, () => {}).push(Buffer.from('four\n'), 0)).toBe(true);
    expect(new Lines(4, () => {}).push(Buffer.from('fives\n'), 0)).toBe(false);
    expect(new Lines(4, () => {}).push(Buffer.from('four'), 0)).toBe(true);
    expect(new Lines(4, () => {}).push(Buffer.from('fives'), 0)).toBe(false);
  });
});

function peer() {
  const sent: any[] = [];
  const broken: string[] = [];
  const asked: unknown[] = [];
  const made = new Peer({
    write: (line) => sent.push(JSON.parse(line)),
    request: (id, method) => asked.push([id, method]),
    notification: () => {},
    reached: () => {},
    broken: (reason) => broken.push(reason),
  });
  return { made, sent, broken, asked, come: (text: string) => made.receive(Buffer.from(text), 0) };
}

describe('the protocol', () => {
  test('brings each answer to its question, in any order', async () => {
    const { made, sent, come } = peer();
    const [one, other] = [made.request('a', {}), made.request('b', {})];
    come(`${JSON.stringify({ id: sent[1].id, result: 2 })}\n${JSON.stringify({ id: sent[0].id, error: { code: -1, message: 'no' } })}\n`);
    expect(await other).toBe(2);
    expect(await one.catch((error: unknown) => error)).toEqual(new AgentRefusal(-1, 'no', undefined));
  });

  test('takes the answer to a question that another server asked', async () => {
    const { made, come } = peer();
    const answer = made.expect('prompt-7');
    come('{"jsonrpc":"2.0","id":"prompt-7","result":{"stopReason":"end_turn"}}\n');
    expect(await answer).toEqual({ stopReason: 'end_turn' });
  });

  test('gives up on a question in time, and on all once the agent is gone', async () => {
    const { made } = peer();
    expect(await made.request('slow', {}, { withinMs: 10 }).catch((error: unknown) => error)).toBeInstanceOf(AgentGone);
    const waiting = made.request('more', {});
    made.dispose('It ended.');
    expect(await waiting.catch((error: unknown) => error)).toEqual(new AgentGone('It ended.'));
  });

  test('forgives a banner, and breaks on what is no protocol', () => {
    const { broken, asked, come } = peer();
    come('Welcome!\n'.repeat(limits.agentNoiseLinesMax));
    come('{"jsonrpc":"2.0","id":5,"method":"x"}\n');
    expect(broken).toEqual([]);
    expect(asked).toEqual([[5, 'x']]);
    come('[1,2]\n');
    expect(broken).toHaveLength(1);
    come('{"jsonrpc":"2.0","id":6,"method":"x"}\n');
    expect(asked).toHaveLength(1);
  });

  test('is not brought down by JSON that nests without end', () => {
    const { broken, come } = peer();
    come(`{"method":"session/update","params":${'['.repeat(200_000)}${']'.repeat(200_000)}}\n`);
    expect(broken).toEqual([]);
  });
});

describe('an update', () => {
  const none = (): null => null;

  test('keeps what we know and bounds all of it', () => {
    const [reading] = readUpdate(
      { sessionUpdate: 'tool_call', toolCallId: 'a', title: `${'x'.repeat(2000)}\n`, status: 'pending', rawInput: { deep: 'y'.repeat(200_000) }, _meta: { secret: 1 }, content: [{ type: 'content', content: { type: 'text', text: 'z'.repeat(500_000) } }, { type: 'unheard-of' }, 7] },
      none,
    );
    const data = reading?.what === 'tool' ? reading.data : {};
    expect(String(data.title)).toHaveLength(limits.agentTitleLengthMax);
    expect(JSON.stringify(data).length).toBeLessThan(limits.agentTextLengthMax + limits.agentRawBytesMax + 2000);
    expect(data.content).toMatchObject([{ type: 'text', cut: 500_000 - limits.agentTextLengthMax }]);
    expect(data._meta).toBeUndefined();
  });

  test.each([[{}], [{ sessionUpdate: 'tool_call' }], [{ sessionUpdate: 'agent_message_chunk', content: 5 }], [{ sessionUpdate: 'unheard-of' }], [{ sessionUpdate: 'plan', entries: 'x' }]])('of another shape is nothing, or nothing much: %j', (update) => {
    expect(() => readUpdate(update, none)).not.toThrow();
  });
});

describe('gathering', () => {
  function gather() {
    const moments: NewEvent[][] = [];
    return { moments, made: new Gather((events) => moments.push(events)) };
  }

  test('joins what streams and keeps the order that shows', () => {
    const { moments, made } = gather();
    const text = (words: string) => made.add({ what: 'text', type: 'message', text: words, message: 'm' });
    const tool = (id: string, first: boolean, status: string) => made.add({ what: 'tool', id, first, data: { toolCallId: id, status } });
    text('one ');
    text('two ');
    tool('a', true, 'pending');
    text('three ');
    tool('a', false, 'completed');
    text('four');
    made.flush();
    expect(moments).toHaveLength(1);
    expect(moments[0]?.map(({ type, data }) => [type, data])).toEqual([
      ['message', { text: 'one two ', message: 'm' }],
      ['tool', { toolCallId: 'a', status: 'completed' }],
      ['message', { text: 'three four', message: 'm' }],
    ]);
  });

  test('lets nothing wait for longer than a moment', async () => {
    const { moments, made } = gather();
    made.add({ what: 'state', type: 'usage', data: { used: 1 } });
    await until('the moment', () => moments.length === 1);
    made.add({ what: 'state', type: 'usage', data: { used: 2 } });
    made.add({ what: 'state', type: 'usage', data: { used: 3 } });
    await until('the next', () => moments.length === 2);
    expect(moments[1]?.map(({ data }) => data)).toEqual([{ used: 3 }]);
  });

  test('cuts long text between characters', () => {
    const { moments, made } = gather();
    const text = '😀'.repeat(limits.outputEventBytesMax);
    made.add({ what: 'text', type: 'message', text: `x${text}`, message: undefined });
    made.flush();
    const pieces = moments.flat().map(({ data }) => String((data as { text: string }).text));
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(pieces.join('')).toBe(`x${text}`);
  });
});
