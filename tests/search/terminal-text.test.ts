// The text of terminals: what real programs show is found, each line once, with the moment at
// which it was shown; what nobody could see is not.

import { describe, expect, test } from 'bun:test';
import { Screen } from '../../src/pty/screen/screen.ts';
import { TerminalText } from '../../src/pty/screen/terminal-text.ts';
import type { Line } from '../../src/search/text-reader.ts';
import type { LogEvent } from '../../src/sessions/event.ts';
import { recordings } from '../support/recordings.ts';

const LONG = 1000;

/** A terminal whose events come one after the other, each `ms` after the one before. */
class Told {
  text = new TerminalText({});
  lines: Line[] = [];
  #sequence = 0;
  #now = 1_750_000_000_000;

  constructor(cols = 40, rows = 6) {
    this.event('resize', { cols, rows });
  }

  event(type: string, data: LogEvent['data'], ms = 0): LogEvent {
    this.#sequence += 1;
    this.#now += ms;
    const channel = type === 'output' ? 'stdout' : type === 'input' ? 'stdin' : 'system';
    const event: LogEvent = { id: '', runId: '', sequence: this.#sequence, timestamp: this.#now, channel, type, data };
    this.text.take(event);
    this.lines.push(...this.text.settled());
    return event;
  }

  print(text: string, ms = LONG): LogEvent {
    return this.event('output', Buffer.from(text), ms);
  }

  type(text: string): void {
    this.event('input', { client: 'api', bytes: text.length, text }, LONG);
  }

  /** Put away and made again. */
  restart(): void {
    const state = JSON.parse(JSON.stringify(this.text.state()));
    this.text.dispose();
    this.text = new TerminalText(state);
  }

  get all(): string[] {
    return [...this.lines, ...this.text.open()].map(({ text }) => text.trim());
  }

  count(text: string): number {
    return this.all.filter((line) => line.includes(text)).length;
  }
}

describe('the text of a terminal', () => {
  for (const [name, record] of Object.entries(recordings)) {
    test(`has every word that ${name} showed`, async () => {
      const told = new Told(80, 24);
      const screen = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 0 });
      const seen = new Map<string, number>();
      let count = 0;
      for (const { type, data } of await record()) {
        count += 1;
        if (count % 7 === 0) told.restart();
        // As if a person had pressed a key for each: nothing changes by itself.
        if (type === 'output') told.type('x');
        const event = told.event(type, data as LogEvent['data'], LONG);
        screen.take({ ...event, sequence: count });
        for (const word of screen.text().split(/\s+/)) if (word.length >= 3 && !seen.has(word)) seen.set(word, count);
      }
      screen.dispose();
      const text = told.all.join('\n');
      expect([...seen].filter(([word]) => !text.includes(word))).toEqual([]);
      expect(seen.size).toBeGreaterThan(3);
    });
  }

  test('has a line once, with the event after which it was there', () => {
    const told = new Told();
    const printed = Array.from({ length: 30 }, (_, index) => told.print(`number ${index} of thirty\r\n`));
    expect(told.count('of thirty')).toBe(30);
    const line = told.lines.find(({ text }) => text === 'number 7 of thirty');
    expect(line?.sequence).toBe(printed[7]?.sequence ?? -1);
    expect(line?.timestamp).toBe(printed[7]?.timestamp ?? -1);
    expect(line).toMatchObject({ channel: 'stdout', type: 'output' });
  });

  test('has a wrapped line whole, also where half of it has scrolled away, and in pieces where it has no end', () => {
    const told = new Told(20, 4);
    const words = 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen';
    told.print(`${words}`);
    expect(told.all).toEqual([words]);
    told.print(' seventeen\r\nlast\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n');
    expect(told.lines.map(({ text }) => text)).toContain(`${words} seventeen`);
    const endless = `${'abcdefghij'.repeat(5000)}needle${'klmnopqrst'.repeat(5000)}`;
    told.print(`${endless}\r\n\r\n\r\n\r\n\r\n`);
    expect(told.count('needle')).toBe(1);
    expect(Math.max(...told.lines.map(({ text }) => text.length))).toBeLessThan(20_000);
  });

  test('has a progress bar in its last state, and a spinner and a clock too', () => {
    const told = new Told();
    for (let part = 0; part <= 100; part += 5) told.print(`\r\x1b[K[${'#'.repeat(part / 5).padEnd(20)}] ${part}%`);
    told.print('\r\ndone\r\n');
    expect(told.all.filter((line) => line.includes('%'))).toEqual([`[${'#'.repeat(20)}] 100%`]);
    for (const sign of '⠋⠙⠹⠸⠼⠴') told.print(`\r${sign} building the thing`);
    for (let second = 10; second < 60; second += 1) told.print(`\x1b7\x1b[1;30H12:00:${second}\x1b8`);
    expect(told.count('building the thing')).toBe(1);
    expect(told.count('12:00:')).toBe(1);
  });

  test('has a step that another replaced in its place, when there was time to read it', () => {
    const told = new Told();
    told.print('\rpulling layers');
    told.print('\r\x1b[Kunpacking layers');
    told.print('\r\x1b[Kverifying layers', 20);
    told.print('\r\x1b[Kall layers are there\r\n', 20);
    expect(told.all).toEqual(['pulling layers', 'all layers are there']);
  });

  test('has what was cleared from the screen, and nothing twice that is drawn again', () => {
    const told = new Told();
    told.print('before the clear\r\n');
    told.print('\x1b[2J\x1b[Hafter the clear\r\n');
    for (let round = 0; round < 5; round += 1) told.print('\x1b[2J\x1b[Hafter the clear\r\n');
    expect(told.all.filter((line) => line.includes('the clear'))).toEqual(['before the clear', 'after the clear']);
  });

  test('has the pages of a pager when they stood, one after the other, though only figures differ', () => {
    const told = new Told(40, 4);
    told.print('$ less log\r\n');
    told.print('\x1b[?1049h\x1b[H404 not found\r\n405 not found\r\n406 not found');
    told.type(' ');
    told.print('\x1b[H\x1b[2J501 not found\r\n502 not found\r\n503 not found');
    told.print('\x1b[H\x1b[2J601 not found\r\n602 not found\r\n603 not found', 10);
    told.type('q');
    told.print('\x1b[?1049l');
    const found = told.all.filter((line) => line.includes('not found')).map((line) => line.slice(0, 3));
    expect(found).toEqual(['404', '405', '406', '601', '602', '603']);
    expect(told.count('less log')).toBe(1);
  });

  test('does not grow with a table that is drawn again by itself', () => {
    const told = new Told(60, 10);
    told.print('\x1b[?1049h');
    for (let second = 0; second < 500; second += 1) {
      const rows = Array.from({ length: 8 }, (_, row) => `${1000 + ((row + second) % 8)} user ${second % 97}.${row} program-${(row * 7 + second * 3) % 8}`);
      told.print(`\x1b[H${rows.join('\x1b[K\r\n')}`);
    }
    expect(told.all.length).toBeLessThan(200);
    for (let program = 0; program < 8; program += 1) expect(told.count(`program-${program}`)).toBeGreaterThan(0);
  });

  test('has nothing that was never to be seen', () => {
    const told = new Told();
    told.print('\x1b]0;windowtitle\x07\x1b]8;;http://hidden.example/\x07link\x1b]8;;\x07 \x1b[8mconcealed\x1b[m\r\n');
    told.print('vanished\r\x1b[Kstayed\r\n\x1bPq#0dcsdata\x1b\\');
    told.print('passing', LONG);
    told.print('\r\x1b[Ksettled\r\n', 20);
    const text = told.all.join('\n');
    for (const hidden of ['windowtitle', 'hidden.example', 'concealed', 'vanished', 'dcsdata', 'passing']) expect(text).not.toContain(hidden);
    for (const shown of ['link', 'stayed', 'settled']) expect(text).toContain(shown);
  });

  test('goes on after a restart as if there had been none', () => {
    const steps = ['one\r\ntwo\r\n', 'a long line that is wrapped at the edge of a narrow screen and goes on', ' and on\r\n', '\x1b[?1049hscreen of a program', '\x1b[2J\x1b[Hanother', '\x1b[?1049l', 'three\r\nfour\r\nfive\r\nsix\r\nseven\r\neight\r\n'];
    const [plain, restarted] = [new Told(), new Told()];
    for (const step of steps) {
      plain.print(step);
      restarted.print(step);
      restarted.restart();
    }
    expect(restarted.all).toEqual(plain.all);
    expect(restarted.lines.map(({ sequence }) => sequence)).toEqual(plain.lines.map(({ sequence }) => sequence));
  });

  test('keeps lines through other widths, each once', () => {
    const told = new Told(40, 6);
    told.print('a sentence that fills more than one row of it\r\nshort\r\n');
    for (const [cols, rows] of [[20, 6], [80, 6], [10, 3], [100, 30]]) {
      told.event('resize', { cols: cols ?? 0, rows: rows ?? 0 }, LONG);
      told.print('.');
    }
    told.print('\r\n'.repeat(60));
    expect(told.count('sentence that fills more than one row of it')).toBe(1);
    expect(told.count('short')).toBe(1);
  });
});

describe('what was typed', () => {
  test('is found as lines, as they were at Enter', () => {
    const told = new Told();
    for (const letter of 'gti\x7f\x7fit commit\r') told.type(letter);
    for (const letter of ['\x1b[A', 'x', '\x15', 'make test', '\r']) told.type(letter);
    const typed = told.lines.filter(({ type }) => type === 'input');
    expect(typed.map(({ text }) => text)).toEqual(['git commit', 'make test']);
    expect(typed[0]).toMatchObject({ channel: 'stdin' });
  });

  test('is not found where it was not recorded', () => {
    const told = new Told();
    told.type('su');
    told.event('input', { client: 'api', bytes: 7, redacted: true });
    told.type('\r');
    expect(told.lines).toEqual([]);
  });
});
