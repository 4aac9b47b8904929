// What programs print, for the benchmarks: the output of a large build (commands, progress,
// warnings that quote the sources, tests), and a screen that is drawn anew at each tick. The
// same at each call, made of the real names and lines of our dependencies. Real builds repeat
// themselves more: gcc over the system's headers packs to a quarter of this.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SOURCES = resolve(import.meta.dir, '../node_modules');
const FILES_MAX = 6000;
const LINES_MAX = 200_000;

type Random = (below: number) => number;

/** mulberry32. @returns whole numbers from 0 to below a bound */
export function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

let known: { files: string[]; lines: string[] } | undefined;

/** Real paths and lines of code. */
function sources(): { files: string[]; lines: string[] } {
  return (known ??= readSources());
}

function readSources(): { files: string[]; lines: string[] } {
  const files: string[] = [];
  const lines: string[] = [];
  for (const entry of readdirSync(SOURCES, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(ts|js|mjs|mts)$/.test(entry.name) || files.length === FILES_MAX) continue;
    const path = join(entry.parentPath, entry.name);
    files.push(path.slice(SOURCES.length + 1));
    if (lines.length < LINES_MAX) lines.push(...readFileSync(path, 'utf8').split('\n').filter((line) => line.length > 8 && line.length < 160).slice(0, 200));
  }
  return { files, lines };
}

const hex = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => random(16).toString(16)).join('');

/** Output events of a build, `bytes` of them in all: from a line to a screenful each. */
export function* buildOutput(bytes: number, seed = 1): Generator<Buffer> {
  const random = randomFrom(seed);
  const { files, lines } = sources();
  const total = files.length * 2;
  let step = 0;
  /** A build goes through its sources in order, a few side by side. */
  const entry = (): string => {
    step = (step + 1) % total;
    const file = files[(step + random(8)) % files.length] ?? '';
    const object = file.replace(/\.\w+$/, '.o');
    const folder = file.split('/')[0] ?? '';
    const line = (): string => lines[(step * 7 + random(40)) % lines.length] ?? '';
    switch (random(10)) {
      case 0:
      case 1:
      case 2:
        return `\x1b[32m[${step}/${total}]\x1b[0m Building CXX object ${object}\r\n`;
      case 3:
      case 4:
        return (
          `/usr/bin/c++ -DNDEBUG -DBUILD_ID=7f3c21aa -I/build/src -I/build/${folder}/include -O2 -g ` +
          `-fPIC -std=gnu++20 -MD -MT ${object} -MF ${object}.d -o ${object} -c /build/${file}\r\n`
        );
      case 5: {
        const [row, column, source] = [random(2000), random(80), line()];
        return (
          `\x1b[1m/build/${file}:${row}:${column}: \x1b[1;35mwarning: \x1b[0munused variable '${source.trim().slice(0, 12)}' ` +
          `[\x1b[1;35m-Wunused-variable\x1b[0m]\r\n${String(row).padStart(5)} | ${source}\r\n      | \x1b[1;35m${' '.repeat(column)}^~~~~\x1b[0m\r\n`
        );
      }
      case 6:
        return `   \x1b[1;32mCompiling\x1b[0m ${folder} v${random(9)}.${random(40)}.${random(20)} (/build/${file})\r\n`;
      case 7:
        return `ok ${step} - ${line().trim()} (${random(900)}.${random(1000)} ms)\r\n`;
      case 8:
        return `${new Date(1.75e12 + step * 137 + random(100)).toISOString()} INFO  built ${file} in ${random(5000)}ms sha256:${hex(random, 16)}\r\n`;
      default:
        return `\r\x1b[K[${'#'.repeat((step * 40) / total).padEnd(40, '.')}] ${((step * 100) / total).toFixed(1)}% ${file}`;
    }
  };
  for (let made = 0; made < bytes; ) {
    let text = '';
    for (let entries = 1 + random(random(4) === 0 ? 60 : 12); entries > 0; entries -= 1) text += entry();
    const event = Buffer.from(text, 'utf8');
    made += event.byteLength;
    yield event;
  }
}

/** A process viewer of 120 × 40 that draws all of its screen at each tick. */
export function* redraws(frames: number, seed = 2): Generator<Buffer> {
  const random = randomFrom(seed);
  const { files } = sources();
  const rows = Array.from({ length: 33 }, (_, index) => ({
    pid: 1000 + random(30_000),
    user: ['root', 'build', 'www-data'][random(3)] ?? '',
    // Most programs sleep.
    cpu: index < 12 ? random(400) : 0,
    memory: random(90),
    time: random(360_000),
    command: `/usr/lib/${files[index * 7] ?? ''}`.slice(0, 60),
  }));
  for (let frame = 0; frame < frames; frame += 1) {
    let text = '\x1b[H';
    for (let core = 0; core < 4; core += 1) {
      const load = random(40);
      text += `\x1b[36m${core}\x1b[1m[\x1b[32m${'|'.repeat(load).padEnd(40)}\x1b[90m${((load * 100) / 40).toFixed(1)}%\x1b[0m\x1b[1m]\x1b[K\r\n`;
    }
    text += `Tasks: \x1b[1;36m${120 + random(5)}\x1b[0m, ${300 + random(9)} thr; ${1 + random(4)} running  Uptime: ${new Date(frame * 100).toISOString().slice(11, 19)}\x1b[K\r\n`;
    text += '\x1b[30;42m    PID USER      CPU% MEM%   TIME+  Command\x1b[K\x1b[0m\r\n';
    for (const row of rows.slice(0, 12)) row.time += row.cpu = Math.max(0, Math.min(999, row.cpu + random(41) - 20));
    for (const { pid, user, cpu, memory, time, command } of [...rows].sort((a, b) => b.cpu - a.cpu)) {
      text +=
        `${String(pid).padStart(7)} \x1b[90m${user.padEnd(9)}\x1b[0m ${(cpu / 10).toFixed(1).padStart(5)} ${(memory / 10).toFixed(1).padStart(4)} ` +
        `${String(Math.floor(time / 6000)).padStart(3)}:${((time / 100) % 60).toFixed(2).padStart(5, '0')} \x1b[32m${command}\x1b[0m\x1b[K\r\n`;
    }
    text += '\x1b[30;46mF1\x1b[0mHelp \x1b[30;46mF10\x1b[0mQuit\x1b[K';
    yield Buffer.from(text, 'utf8');
  }
}
