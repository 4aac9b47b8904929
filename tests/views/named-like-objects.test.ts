// Words that come from an agent may be those that every object of ours knows: they are words.

import { expect, test } from 'bun:test';
import { noteOf } from '../../src/agent/notes.ts';
import { conversationItem } from '../../src/views/conversation-item.tsx';
import { requestForm } from '../../src/views/conversation-request.tsx';
import { toolCard } from '../../src/views/conversation-tool.tsx';

const context = { sessionId: 's', workspaceId: 'w', folder: '/w', live: true, devices: new Map<string, string>(), here: null };

test('kinds, states, reasons and steps that are none of ours are shown as unknown ones', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
    const request = { id: 'r', type: 'permission', requested: 0, process: 'p', request: 1, title: 't', toolCall: {}, options: [{ optionId: 'o', name: 'Allow', kind: name }], question: {}, content: {}, decision: null } as const;
    const tool = { is: 'tool', sequence: 1, at: 0, call: { toolCallId: 'c', title: 'title', kind: name, status: name }, requests: [], over: false };
    const plan = { is: 'plan', sequence: 2, at: 0, entries: [{ content: 'a step', status: name }] };
    const shown = [requestForm({ ...request, options: [...request.options] }, context), toolCard(tool as never, context), conversationItem(plan as never, context)].map(String).join('\n');
    expect(shown).toContain('Allow');
    expect(shown).toContain('a step');
    expect(shown).not.toContain('native code');
    expect(shown).not.toContain('[object');
    expect(noteOf('stop', { reason: name }, [])).toBeUndefined();
  }
});
