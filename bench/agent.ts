// Conversations: how long the page of a large one takes to open, and what an agent that tells
// of a thousand steps a second costs the server while three devices look.

import { readFileSync, rmSync } from 'node:fs';
import { startConversationServer } from '../tests/support/conversation.ts';
import { startServerProcess } from '../tests/support/server-process.ts';
import { temporaryFolder } from '../tests/support/server.ts';
import { median, percentile, print, printMachine } from './figures.ts';

const EVENTS = 10_000;
const ROUNDS = 7;
const DEVICES = 3;
const UPDATES_PER_SECOND = 1_000;
const UPDATES_MS = 10_000;

printMachine();
await largePage();
await manyUpdates();

async function largePage(): Promise<void> {
  const server = await startConversationServer();
  const id = await server.conversation();
  const log = server.parts.sessions.log(id);
  for (let turn = 0; log.head < EVENTS; turn += 1) {
    const prompt = `p${turn}`;
    log.append([
      { channel: 'stdin', type: 'prompt', data: { prompt, text: `Question ${turn}: what does this do?`, client: 'api' } },
      { channel: 'stdout', type: 'message', data: { text: `Let me **look** at \`file-${turn}.ts\` first.\n\n` } },
      { channel: 'stdout', type: 'tool', data: { toolCallId: `t${turn}`, title: `Edit file-${turn}.ts`, kind: 'edit', status: 'pending' } },
      {
        channel: 'stdout',
        type: 'tool',
        data: { toolCallId: `t${turn}`, status: 'completed', content: [{ type: 'diff', path: `file-${turn}.ts`, before: 'one\ntwo\nthree\n', after: 'one\n2\nthree\nfour\n' }] },
      },
      ...Array.from({ length: 5 }, (_, part) => ({
        channel: 'stdout' as const,
        type: 'message',
        data: { text: `Part ${part} of the answer, with some words and \`code\`.\n\n\`\`\`ts\nconst part: number = ${part};\n\`\`\`\n\n` },
      })),
      { channel: 'system', type: 'stop', data: { prompt, reason: 'end_turn' } },
    ]);
  }
  const headers = { authorization: `Bearer ${server.key}` };
  const cold: number[] = [];
  const warm: number[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    server.parts.conversations.transcripts.dispose();
    for (const times of [cold, warm]) {
      const begun = performance.now();
      bytes = (await (await fetch(`${server.url}/sessions/${id}`, { headers })).arrayBuffer()).byteLength;
      times.push(performance.now() - begun);
    }
  }
  print(`page of a conversation of ${log.head} events, read anew`, `${median(cold).toFixed(0)} ms, slowest ${Math.max(...cold).toFixed(0)} ms, ${(bytes / 1024).toFixed(0)} KB`);
  print('the same, held ready', `${median(warm).toFixed(0)} ms, slowest ${Math.max(...warm).toFixed(0)} ms`);
  await server.stop();
}

async function manyUpdates(): Promise<void> {
  const folder = temporaryFolder();
  const server = await startServerProcess(folder, { holder: true });
  const { id } = await server.conversation();
  const headers = { authorization: `Bearer ${server.key}` };
  const ended = new AbortController();
  const devices = Array.from({ length: DEVICES }, () => device(server.url, id, headers, ended.signal));
  const answers: number[] = [];
  const probe = (async () => {
    while (!ended.signal.aborted) {
      const begun = performance.now();
      await (await fetch(`${server.url}/healthz`)).arrayBuffer();
      answers.push(performance.now() - begun);
      await Bun.sleep(2);
    }
  })();
  const cpuBefore = cpuMs(server.process.pid);
  const begun = performance.now();
  await server.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: `updates ${UPDATES_PER_SECOND} ${UPDATES_MS}` } });
  for (let state = ''; state !== 'idle'; state = (await server.api(`/api/sessions/${id}`)).activity.state) await Bun.sleep(200);
  const seconds = (performance.now() - begun) / 1000;
  const cpu = cpuMs(server.process.pid) - cpuBefore;
  ended.abort();
  const fetched = (await Promise.all(devices)).reduce((sum, count) => sum + count, 0);
  await probe;
  const { currentSequence } = await server.api(`/api/sessions/${id}`);
  print(`${UPDATES_PER_SECOND} updates/s for ${seconds.toFixed(0)} s, ${DEVICES} devices`, `${(cpu / seconds / 10).toFixed(0)} % of a core, ${currentSequence} events, ${fetched} refreshes`);
  // An answer that needs nothing waits for what holds the loop: the slowest is more than the longest stall.
  print('longest event-loop stall meanwhile', `at most ${Math.max(...answers).toFixed(1)} ms; an answer takes ${median(answers).toFixed(1)} ms, 99 % ${percentile(answers, 0.99).toFixed(1)} ms`);
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** As a page does: the news, and what is new when there are some. @returns how often it asked */
async function device(url: string, id: string, headers: Record<string, string>, signal: AbortSignal): Promise<number> {
  let head = '0';
  let count = 0;
  try {
    const news = await fetch(`${url}/api/events`, { headers, signal });
    const reader = news.body?.getReader();
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      if (!Buffer.from(part.value).toString().includes(id)) continue;
      const fragment = await (await fetch(`${url}/sessions/${id}/transcript?after=${head}`, { headers: { ...headers, 'hx-request': 'true' }, signal })).text();
      head = /data-head="(\d+)"/.exec(fragment)?.[1] ?? head;
      count += 1;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return count;
}

/** Of user and system; ticks are 10 ms. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
