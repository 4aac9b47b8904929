// What real programs showed, from their PTY to the answers of the search: each word that stood on
// the screen of an attached client is found, with a moment at which it is there; no word is found
// that no screen ever showed; and the past shows the very screens that the client had.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../src/limits.ts';
import { Screen } from '../../src/pty/screen/screen.ts';
import { attach } from '../support/client.ts';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';

interface Program {
  command: string[];
  /** Waits until the screen has the text and rests, then types. */
  steps: [sees: string, types: string][];
  /** What is there and was on no screen. */
  never: string[];
  /** It changes by itself: of figures only the last are there. */
  restless?: true;
}

const PROGRAMS: Record<string, Program> = {
  'a build': {
    command: ['sh', '-c', '"$BUN" build ./entry.ts --outdir out; "$BUN" test ./arithmetic.test.ts; printf "\\033]0;titleneedle\\007\\033[8mhiddenneedle\\033[m\\033[2K\\rall is built\\n"; exec cat'],
    steps: [['all is built', '']],
    never: ['titleneedle', 'hiddenneedle', 'unreadneedle'],
  },
  vim: {
    command: ['vim', '-u', 'NONE', '-N', '-i', 'NONE', 'poem.txt'],
    steps: [['stanza1verse', ':set number\r'], ['  2 stanza1verse', '/stanza70verse\r'], ['stanza70verse', 'oan inserted linnet\x1b'], ['an inserted linnet', 'G'], ['stanza199verse', ':q!\r']],
    never: ['stanza150verse'],
  },
  less: {
    command: ['less', 'poem.txt'],
    steps: [['stanza1verse', ' '], ['stanza30verse', '/stanza90verse\r'], ['stanza90verse', 'G'], ['(END)', 'q']],
    never: ['stanza150verse'],
  },
  htop: {
    command: ['htop', '-d', '15'],
    steps: [['F10', ''], ['PID', 'q']],
    never: ['stanza1verse'],
    restless: true,
  },
};

interface Seen {
  id: string;
  words: Set<string>;
  screens: { sequence: number; text: string }[];
}

let server: ConversationServer;
const seen: Record<string, Seen> = {};
const wordsOf = (text: string): string[] => text.split(/[\s"]+/).filter((word) => [...word].length >= limits.searchCharactersMin);
const get = (path: string, query: Record<string, string>) => server.api(`${path}?${new URLSearchParams(query)}`);
const lineOf = (parts: { text: string }[]): string => parts.map(({ text }) => text).join('');

beforeAll(async () => {
  server = await startConversationServer({ environment: { BUN: process.execPath } });
  const { path } = server.parts.workspaces.get(server.workspaceId);
  writeFileSync(join(path, 'poem.txt'), Array.from({ length: 200 }, (_, line) => `stanza${line}verse ${'tyger burning '.repeat(line % 4)}`).join('\n'));
  mkdirSync(join(path, 'parts'));
  for (let part = 0; part < 30; part += 1) writeFileSync(join(path, `parts/part${part}.ts`), `// unreadneedle\nexport const part${part} = ${part};\n`);
  writeFileSync(join(path, 'entry.ts'), Array.from({ length: 30 }, (_, part) => `export * from './parts/part${part}.ts';`).join('\n'));
  writeFileSync(join(path, 'arithmetic.test.ts'), "import { expect, test } from 'bun:test';\ntest('adds up', () => expect(1).toBe(1));\ntest('does not add up', () => expect({ sum: 2 }).toEqual({ sum: 3 }));\n");
  await Promise.all(Object.entries(PROGRAMS).map(async ([name, program]) => (seen[name] = await watched(program))));
}, 30_000);
afterAll(() => server.stop());

/** Lets a program be seen by a client that is there from its beginning to its end. */
async function watched({ command, steps }: Program): Promise<Seen> {
  const { id } = await server.terminal(server.workspaceId, { command, cols: 100, rows: 30, env: { LANG: 'C.UTF-8' } });
  const client = await attach(server, id, { screen: true });
  const words = new Set<string>();
  const screens: Seen['screens'] = [];
  const text = (): string => client.screen?.text() ?? '';
  for (const [sees, types] of steps) {
    let known = '';
    let since = performance.now();
    // What stands for less is on its way to something else.
    await client.until(`"${sees}" to stand in\n${text()}`, () => {
      const now = text();
      if (now !== known) [known, since] = [now, performance.now()];
      return now.includes(sees) && performance.now() - since > limits.shownTextMs + 100;
    });
    screens.push({ sequence: client.sequence, text: known });
    for (const word of wordsOf(known)) words.add(word);
    if (types !== '') client.input(types);
  }
  await server.api(`/api/sessions/${id}/stop`, { method: 'POST' });
  await client.close();
  return { id, words, screens };
}

/** All that any screen of the session showed, after each of its events, as it was kept. */
async function everShown(id: string): Promise<string> {
  const screen = new Screen({ winsize: { cols: 100, rows: 30 }, scrollback: 5000 });
  const shown = new Set<string>();
  for (let after = 0, more = true; more; ) {
    const { body } = await get(`/api/sessions/${id}/history`, { after: String(after), limit: '1000' });
    for (const { sequence, type, data } of body.events) {
      const bytes = data.text === undefined ? Buffer.from(data.base64 ?? '', 'base64') : Buffer.from(data.text);
      // Line by line: a screen may scroll within one event.
      const pieces = type === 'output' ? bytes.toString('latin1').split(/(?<=\n)/).map((piece: string) => Buffer.from(piece, 'latin1')) : [data];
      for (const piece of pieces) {
        screen.take({ sequence, type, data: piece });
        for (const line of screen.text().split('\n')) shown.add(line.trimEnd());
      }
    }
    [after, more] = [body.nextSequence, body.hasMore];
  }
  const { active } = screen.emulator.terminal.buffer;
  for (let line = 0; line < active.length; line += 1) shown.add(active.getLine(line)?.translateToString(true) ?? '');
  screen.dispose();
  // What does not fit goes on in the next line.
  return `${[...shown].join('\n')}\n${[...shown].join('')}`;
}

async function found(name: string, word: string): Promise<{ line: string; around: string; sequence: number }[]> {
  const { status, body } = await get('/api/search', { q: `"${word}"`, sessionId: seen[name]?.id ?? '', limit: '20' });
  expect(status, word).toBe(200);
  return body.results.map((result: any) => ({ line: lineOf(result.context), around: [...result.before, result.context, ...result.after].map(lineOf).join('\n'), sequence: result.sequence }));
}

describe.each(Object.keys(PROGRAMS))('of %s', (name) => {
  const { never = [], restless = false } = PROGRAMS[name] ?? {};
  const seenOf = (): Seen => seen[name] ?? { id: '', words: new Set(), screens: [] };

  test('each word that stood there is found, and none that never did', async () => {
    const { words, id } = seenOf();
    await until('the index', async () => (await get('/api/search', { q: 'anything' })).body.indexed.complete);
    const wanted = [...words].filter((word) => !restless || !/\d/.test(word));
    const missing: string[] = [];
    const texts = new Set<string>();
    for (const word of wanted) {
      const results = await found(name, word);
      if (!results.some(({ line }) => line.toLowerCase().includes(word.toLowerCase()))) missing.push(word);
      for (const { around } of results) texts.add(around);
    }
    expect(missing).toEqual([]);
    expect(wanted.length).toBeGreaterThan(10);
    const shown = await everShown(id);
    const strange = [...texts].flatMap(wordsOf).filter((word) => word !== '…' && !shown.includes(word.replace(/^…|…$/g, '')));
    expect([...new Set(strange)]).toEqual([]);
    for (const word of never) expect(await found(name, word), word).toEqual([]);
  });

  test('the moment of a hit shows it, and the past shows what the client had', async () => {
    const { screens, id } = seenOf();
    for (const { sequence, text } of screens) {
      const { body } = await get(`/api/sessions/${id}/screen`, { sequence: String(sequence) });
      expect(String(body).trimEnd()).toBe(text.trimEnd());
      const word = wordsOf(text).findLast((each) => /[a-z]{4}/.test(each)) ?? '';
      const [hit] = await found(name, word);
      const at = await get(`/api/sessions/${id}/screen`, { sequence: String(hit?.sequence) });
      expect(String(at.body).toLowerCase(), word).toContain(word.toLowerCase());
    }
  });
});

test('of a conversation each word of prompts, messages, tool calls and their files is found where it was said', async () => {
  const talk = await server.conversation();
  await server.say(talk, 'permit elegy.txt');
  const { id: permission } = await server.permission(talk);
  await server.api(`/api/sessions/${talk}/permissions/${permission}`, { method: 'POST', body: { optionId: 'yes' } });
  await server.rests(talk);
  await server.say(talk, 'say `renderPastoral` in "src/verse/pastoral.tsx" is **never** called');
  await server.rests(talk);
  await until('the index', async () => (await get('/api/search', { q: 'anything' })).body.indexed.complete);
  const sessionOf = async (query: Record<string, string>) => (await get('/api/search', { sessionId: talk, ...query })).body.results;
  for (const [q, type, channel] of [['permit elegy', 'prompt', 'stdin'], ['"Append to elegy.txt"', 'tool', 'stdout'], ['outcome', 'message', 'stdout'], ['nderPast', 'message', 'stdout'], ['verse/pastoral', 'prompt', 'stdin']]) {
    const results = await sessionOf({ q: q ?? '', channel: channel ?? '' });
    expect(results.map((result: any) => result.type), q).toContain(type);
    const { events } = (await get(`/api/sessions/${talk}/history`, { after: String(results[0].sequence - 1), limit: '1' })).body;
    expect(events[0].timestamp, q).toBe(results[0].timestamp);
  }
  expect(await sessionOf({ q: 'elegy', kind: 'terminal' })).toEqual([]);
});
