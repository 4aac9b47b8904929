// What real programs print, recorded from a PTY of this machine, with the answers that they ask
// for. Each is made at most once per run of the tests.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Screen, type ScreenEvent } from '../../src/pty/screen/screen.ts';
import { until } from './until.ts';

/** Waits for a text on the screen, types, or changes the size. */
type Step = { see: string } | { type: string } | { size: { cols: number; rows: number } };

interface Program {
  command: string[];
  steps: Step[];
  env?: Record<string, string>;
}

const DECADE = Array.from({ length: 300 }, (_, line) => `line ${line} ${'lorem ipsum dolor '.repeat(line % 9)}日本語 äöü 👍🏽 end`).join('\n');

const programs: Record<string, Program> = {
  vim: {
    command: ['vim', '-u', 'NONE', '-N', 'text'],
    steps: [
      { see: 'line 0' },
      { type: ':syntax on\r:set number cursorline incsearch title\r' },
      { see: '  1 line 0' },
      { type: '/line 42\r' },
      { see: 'line 42' },
      { type: 'ddp:split\r' },
      { type: 'ohello 世界 👩‍👩‍👧‍👦 done\x1b' },
      { see: 'done' },
      { size: { cols: 60, rows: 30 } },
      { type: 'G:vsplit\r' },
      { see: 'line 299' },
      { type: ':qa!\r' },
    ],
  },
  less: {
    command: ['less', '-R', 'text'],
    steps: [{ see: 'line 3' }, { type: ' ' }, { type: '/line 77\r' }, { see: 'line 77' }, { type: 'G' }, { see: '(END)' }, { size: { cols: 50, rows: 12 } }, { type: 'gbq' }],
  },
  htop: {
    command: ['htop', '-d', '1'],
    steps: [{ see: 'PID' }, { type: 't' }, { see: 'F10' }, { size: { cols: 100, rows: 20 } }, { type: 'q' }],
  },
  fish: {
    command: ['fish', '--no-config', '-C', 'function fish_prompt; set_color green; echo -n "ask> "; set_color normal; end'],
    steps: [{ see: 'ask>' }, { type: 'echo one two\r' }, { see: 'one two\n' }, { type: 'for i in (seq 40)\necho $i 日本\nend\r' }, { see: '40 日本' }, { type: 'ls /e\t\t\x03exit\r' }],
  },
  bash: {
    command: ['bash', '--norc', '--noprofile', '-i'],
    env: { PS1: '\\[\\e[32m\\]\\w\\[\\e[0m\\]$ ' },
    steps: [
      { type: 'for i in $(seq 0 5 100); do printf "\\r\\e[K[%-50s] %d%%" "$(printf "#%.0s" $(seq 0 $((i/2))))" $i; done; echo\r' },
      { see: '] 100%' },
      { type: 'ls --color=always /usr /etc; echo "$((40+2)) seen"\r' },
      { see: '42 seen' },
      { type: 'clear; printf "\\e(0lqqqk\\nx   x\\nmqqqj\\e(B\\n\\e[5;15r\\e[15;1H\\n\\n\\nin the margin\\e[r\\e[20;1H"; echo "$((1+1)) boxes"\r' },
      { see: '2 boxes' },
      { type: 'printf "\\e[?2026h\\e[H\\e[41mframe\\e[m\\e[?2026l"; seq 200; echo x{1..400}; echo "$((2+1)) gone"\r' },
      { see: '3 gone' },
      { size: { cols: 40, rows: 10 } },
      { type: 'exit\r' },
    ],
  },
};

/** Names to recordings: the events of a session, from its first size on. */
export const recordings: Record<string, () => Promise<ScreenEvent[]>> = Object.fromEntries(
  Object.entries(programs).map(([name, program]) => {
    let made: Promise<ScreenEvent[]> | undefined;
    return [name, () => (made ??= record(program))];
  }),
);

async function record({ command, steps, env }: Program): Promise<ScreenEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), 'recording-'));
  writeFileSync(join(folder, 'text'), DECADE);
  const events: ScreenEvent[] = [];
  const take = (type: string, data: ScreenEvent['data']): void => {
    events.push({ sequence: events.length + 1, type, data });
    const event = events.at(-1);
    if (event !== undefined) screen.take(event);
  };
  const winsize = { cols: 80, rows: 24 };
  const screen = new Screen({ winsize, scrollback: 1000, answer: (bytes) => child.terminal?.write(bytes) });
  take('resize', winsize);
  const child = Bun.spawn(command, {
    cwd: folder,
    env: { PATH: process.env.PATH, TERM: 'xterm-256color', LANG: 'C.UTF-8', HOME: folder, ...env },
    terminal: { ...winsize, data: (_, bytes) => take('output', bytes.slice()) },
  });
  try {
    for (const step of steps) {
      if ('type' in step) child.terminal?.write(step.type);
      else if ('see' in step) await until(() => `"${step.see}" from ${command[0]} in\n${screen.text()}`, () => `${screen.text()}\n`.includes(step.see));
      else {
        take('resize', step.size);
        child.terminal?.resize(step.size.cols, step.size.rows);
      }
    }
    await child.exited;
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
  return events;
}
