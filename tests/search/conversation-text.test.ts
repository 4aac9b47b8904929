// The text of conversations and of edited files, as the search has it.

import { describe, expect, test } from 'bun:test';
import { ChangeSet, Text } from '@codemirror/state';
import { ConversationText } from '../../src/agent/conversation-text.ts';
import { DocumentText } from '../../src/editor/document-text.ts';
import type { JsonObject } from '../../src/json.ts';
import type { TextReader } from '../../src/search/text-reader.ts';
import type { Channel } from '../../src/sessions/event.ts';

function tell(reader: TextReader, events: [channel: Channel, type: string, data: JsonObject][], from = 1): string[] {
  for (const [index, [channel, type, data]] of events.entries()) {
    reader.take({ id: '', runId: '', sequence: from + index, timestamp: 1000 + index, channel, type, data });
  }
  return reader.settled().map(({ sequence, type, text }) => `${sequence} ${type} ${text}`);
}

describe('the text of a conversation', () => {
  test('joins a message that comes in parts, at the event that it begins with', () => {
    const lines = tell(new ConversationText({}), [
      ['stdin', 'prompt', { prompt: 'p', text: 'What is\nthis?', client: 'api' }],
      ['stdout', 'thought', { text: 'Let me th' }],
      ['stdout', 'thought', { text: 'ink.' }],
      ['stdout', 'message', { text: 'It is a work', message: 'm1' }],
      ['stdout', 'usage', { used: 1 }],
      ['stdout', 'message', { text: 'flow engine.\nNothing else.', message: 'm1' }],
      ['system', 'stop', { prompt: 'p', reason: 'end_turn' }],
    ]);
    expect(lines).toEqual(['1 prompt What is', '1 prompt this?', '2 thought Let me think.', '4 message It is a workflow engine.', '4 message Nothing else.']);
  });

  test('has a tool call once, in its last state, with both sides of its diff', () => {
    const reader = new ConversationText({});
    const told = tell(reader, [
      ['stdout', 'tool', { toolCallId: 't', title: 'Edit', kind: 'edit', status: 'pending', rawInput: { file_path: '/w/main.ts' } }],
      ['stdout', 'permission', { permission: 'x', toolCall: { toolCallId: 't', title: 'Edit main.ts' }, options: [] }],
    ]);
    expect(told).toEqual([]);
    expect(reader.open().map(({ text }) => text)).toEqual(['Edit main.ts', '/w/main.ts']);
    const again = new ConversationText(JSON.parse(JSON.stringify(reader.state())));
    const lines = tell(again, [['stdout', 'tool', { toolCallId: 't', status: 'completed', content: [{ type: 'diff', path: 'main.ts', before: 'old\nsame', after: 'same\nnew' }] }]], 3);
    expect(lines).toEqual(['1 tool Edit main.ts', '1 tool /w/main.ts', '1 tool main.ts', '1 tool same', '1 tool new', '1 tool old']);
    expect(tell(again, [['stdout', 'tool', { toolCallId: 't', status: 'completed', content: [{ type: 'text', text: 'late' }] }]], 4)).toEqual(['1 tool late']);
  });
});

describe('the text of edited files', () => {
  const base = Text.of(['first line', 'second line', 'third line']);
  const edit = (text: Text, from: number, insert: string): [Text, JsonObject] => {
    const changes = ChangeSet.of({ from, insert }, text.length);
    return [changes.apply(text), { clientID: 'c', changes: changes.toJSON() }];
  };

  test('has names, and lines that were edited, whole, when they are saved', () => {
    const reader = new DocumentText({}, (path, version) => (path === 'a/b.ts' && version === 0 ? base : undefined));
    const [one, first] = edit(base, 6, 'sma');
    const [, second] = edit(one, 9, 'll ');
    const told = tell(reader, [
      ['stdin', 'open', { client: 'c', path: 'a/b.ts', version: 0 }],
      ['stdin', 'change', { path: 'a/b.ts', version: 1, updates: [first] }],
      ['stdin', 'change', { path: 'a/b.ts', version: 2, updates: [second] }],
    ]);
    expect(told).toEqual(['1 open a/b.ts']);
    expect(reader.open().map(({ text }) => text)).toEqual(['first small line']);
    expect(tell(reader, [['stdin', 'save', { client: 'c', path: 'a/b.ts', version: 2 }]], 4)).toEqual(['4 save a/b.ts', '3 change first small line']);
    expect(reader.open()).toEqual([]);
  });
});
