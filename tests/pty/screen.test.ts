// The screen of a session: what it answers, what it tells of, how it is shown, and that no
// program can make it too large or too slow.

import { hostname } from 'node:os';
import { describe, expect, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import type { Derived } from '../../src/pty/screen/derived.ts';
import { Screen } from '../../src/pty/screen/screen.ts';
import { differences } from '../support/screen-state.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Watched {
  screen: Screen;
  answers: string[];
  events: Derived[];
  print(text: string | Uint8Array): void;
}

function watched(cols = 40, rows = 6, scrollback = 100): Watched {
  const answers: string[] = [];
  const events: Derived[] = [];
  let sequence = 0;
  const screen = new Screen({
    winsize: { cols, rows },
    scrollback,
    answer: (bytes) => answers.push(bytes),
    derive: (event) => events.push(event),
  });
  const print = (text: string | Uint8Array): void =>
    screen.take({ sequence: (sequence += 1), type: 'output', data: typeof text === 'string' ? encoder.encode(text) : text });
  return { screen, answers, events, print };
}

/** What a client that resets and writes the snapshot has; `then` is printed after it. */
function restored(from: Screen, then: string | Uint8Array = ''): Screen {
  const screen = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 100 });
  screen.restore(from.snapshot(100));
  screen.take({ sequence: from.sequence + 1, type: 'output', data: typeof then === 'string' ? encoder.encode(then) : then });
  return screen;
}

describe('what a terminal is asked', () => {
  const questions: [string, string, string][] = [
    ['primary attributes', '\x1b[c', '\x1b[?1;2c'],
    ['secondary attributes', '\x1b[>c', '\x1b[>0;276;0c'],
    ['tertiary attributes', '\x1b[=c', '\x1bP!|00000000\x1b\\'],
    ['its status', '\x1b[5n', '\x1b[0n'],
    ['where the cursor is', '\x1b[3;7H\x1b[6n', '\x1b[3;7R'],
    ['its name', '\x1b[>q', '\x1bP>|xterm.js(6.0.0)\x1b\\'],
    ['a mode', '\x1b[?2004h\x1b[?2004$p', '\x1b[?2004;1$y'],
    ['its margins', '\x1b[2;4r\x1bP$qr\x1b\\', '\x1bP1$r2;4r\x1b\\'],
    ['a capability', '\x1bP+q544e\x1b\\', '\x1bP1+r544e=787465726d2d323536636f6c6f72\x1b\\'],
    ['a capability that it has not', '\x1bP+q696e646e\x1b\\', '\x1bP0+r696e646e\x1b\\'],
    ['its size', '\x1b[18t', '\x1b[8;6;40t'],
    ['the background', '\x1b]11;?\x07', '\x1b]11;rgb:1010/1515/1717\x1b\\'],
    ['a colour', '\x1b]4;196;?\x07', '\x1b]4;196;rgb:ffff/0000/0000\x1b\\'],
    ['a colour that was set', '\x1b]4;1;#123456\x07\x1b]4;1;?\x07', '\x1b]4;1;rgb:1212/3434/5656\x1b\\'],
  ];
  for (const [what, question, answer] of questions) {
    test(`is answered: ${what}`, () => {
      const { answers, print } = watched();
      print(question);
      expect(answers).toEqual([answer]);
    });
  }

  test('is not answered by a snapshot, nor asked by it', () => {
    const { screen, answers, print } = watched();
    print('\x1b[c\x1b[?1004h\x1b]0;a\x07\x07');
    expect(answers).toHaveLength(1);
    const again: string[] = [];
    const events: Derived[] = [];
    const other = new Screen({
      winsize: { cols: 40, rows: 6 },
      scrollback: 0,
      answer: (bytes) => again.push(bytes),
      derive: (event) => events.push(event),
    });
    other.restore(screen.snapshot(0));
    expect([again, events]).toEqual([[], []]);
  });
});

describe('what output tells of', () => {
  test('comes in the order of the output', () => {
    const { events, print } = watched();
    print('\x1b]2;vim\x07\x07\x1b]7;file:///tmp/a%20b\x1b\\\x1b]0;shell\x1b\\');
    expect(events).toEqual([
      { type: 'title', data: { title: 'vim' } },
      { type: 'bell', data: {} },
      { type: 'cwd', data: { path: '/tmp/a b' } },
      { type: 'title', data: { title: 'shell' } },
    ]);
  });

  test('is a title only where it changes, on one line, and bounded', () => {
    const { events, print } = watched();
    print(`\x1b]2;a\x07\x1b]2;a\x07\x1b]2;${'x'.repeat(2000)}\x07\x1b]2;${'y'.repeat(5000)}\x07`);
    expect(events.map(({ data }) => String(data.title).length)).toEqual([1, limits.titleLengthMax]);
  });

  test('is the title that a program found, when it leaves', () => {
    const { events, print } = watched();
    print('\x1b]2;shell\x07\x1b[22;0t\x1b]2;vim\x07\x1b[23;0t');
    expect(events.map(({ data }) => data.title)).toEqual(['shell', 'vim', 'shell']);
  });

  test('is a folder of this machine only', () => {
    const { events, print } = watched();
    print(`\x1b]7;file://elsewhere/etc\x07\x1b]7;file://${hostname()}/home\x07\x1b]7;http:///x\x07\x1b]7;file:///%ff\x07\x1b]633;P;Cwd=/var\x07`);
    expect(events.map(({ data }) => data.path)).toEqual(['/home', '/var']);
  });

  test('is where commands begin and end', () => {
    const { events, print } = watched();
    print('\x1b]133;A\x07$ \x1b]133;B\x07ls\r\n\x1b]133;C;cmdline_url=ls%20-l\x07out\r\n\x1b]133;D;2\x07');
    print('\x1b]633;E;make\\x3b true;nonce\x07\x1b]633;C\x07\x1b]633;D\x07');
    expect(events.map(({ data: { of, at, ...data } }) => data)).toEqual([
      { phase: 'prompt' },
      { phase: 'input' },
      { phase: 'output', line: 'ls -l' },
      { phase: 'done', line: 'ls -l', exit: 2 },
      { phase: 'output', line: 'make; true' },
      { phase: 'done', line: 'make; true' },
    ]);
  });

  test('is the line as it stands on the screen, where the shell does not tell it', () => {
    const { events, print } = watched();
    print(`\x1b]133;A\x07$ \x1b]133;B\x07echo ${'x'.repeat(100)}`);
    print('y\r\n\x1b]133;C\x07out\r\n\x1b]133;D;0\x07\x1b]133;A\x07$ \x1b]133;B\x07for i in 1\r\n> do :\r\n> done\r\n\x1b]133;C\x07');
    print('\x1b]133;D\x07\x1b]133;A\x07\x1b]133;B\x07\r\n\x1b]133;C\x07');
    const started = events.filter(({ data }) => data.phase === 'output').map(({ data }) => data.line);
    expect(started).toEqual([`echo ${'x'.repeat(100)}y`, 'for i in 1\n> do :\n> done', undefined]);
  });
});

describe('a snapshot', () => {
  test('rings nothing, copies nothing and holds nothing back', () => {
    const { screen, print } = watched();
    print('\x07\x1b]52;c;c2VjcmV0\x07\x1b[?2026htext');
    const vt = decoder.decode(screen.snapshot(100).vt);
    expect(vt).toContain('text');
    expect(vt).not.toMatch(/\x07|\]52|2026|c2Vj/);
  });

  test('ends in the sequence that is open, so that its rest completes it', () => {
    for (const [begin, rest] of [
      ['a\x1b[3', '1mred'],
      ['a\x1b]2;ti', 'tle\x07b'],
      ['a\x1b]2;title\x1b', '\\b'],
      ['a\x1b[\r\n3', '1mred'],
      ['a\x1bP', 'q~~~\x1b\\b'],
      [`a\x1bP1q${'~'.repeat(100_000)}`, '~~\x1b\\b'],
      [`a\x1b]52;c;${'A'.repeat(100)}`, 'AAA\x07b'],
      [`a\x1b]2;${'A'.repeat(4000)}`, `${'A'.repeat(94)}\x1b\\b`],
      [`a\x1b]2;${'A'.repeat(4000)}`, `${'A'.repeat(95)}\x1b\\b`],
      [`a\x1b]2;${'A'.repeat(10_000)}`, 'AAA\x1b\\b'],
      [`a\x1b\r]2;${'é\0'.repeat(4000)}`, 'AAA\x1b\\b'],
      [`a\x1b]${'0'.repeat(4093)}2;`, 'b\x1b\\b'],
      [`a\x1b]${'0'.repeat(4094)}2;`, 'b\x1b\\b'],
      [`a\x1b]8;;http://x/${'a'.repeat(4000)}`, `${'a'.repeat(84)}\x07b`],
      [`a\x1b]8;;http://x/${'a'.repeat(4000)}`, `${'a'.repeat(85)}\x07b`],
      [`a\x1b[${'0'.repeat(6000)} `, '5\x1bcb'],
      ['a\x1bX text ', 'text\x1b\\b'],
    ] as const) {
      const { screen, print } = watched();
      print(begin);
      const came = restored(screen, rest);
      print(rest);
      const found = differences(screen.emulator.core, came.emulator.core);
      expect([begin.slice(0, 20), ...found]).toEqual([begin.slice(0, 20)]);
    }
  });

  test('ends in the character that is open', () => {
    const { screen, print } = watched();
    const bytes = encoder.encode('日');
    print(Uint8Array.of(...encoder.encode('a'), ...bytes.subarray(0, 2)));
    const came = restored(screen, bytes.subarray(2));
    print(bytes.subarray(2));
    expect(differences(screen.emulator.core, came.emulator.core)).toEqual([]);
    expect(came.text()).toBe('a日');
  });

  test('keeps what joins: an accent that comes after it finds its letter', () => {
    const { screen, print } = watched();
    print('\x1b[31mcafe');
    expect(restored(screen, '\u0301').text()).toBe('cafe\u0301');
  });

  test('gives up old lines first, then links, to stay within its bound', () => {
    const { screen, print } = watched(40, 6, 10_000);
    for (let line = 0; line < 5000; line += 1) print(`\r\nline ${line}`);
    const most = 10_000;
    const small = screen.snapshot(100_000, most);
    expect(small.vt.byteLength).toBeLessThanOrEqual(most);
    expect(decoder.decode(small.vt)).toContain('line 4700');
    expect(decoder.decode(small.vt)).not.toContain('line 100\r');
    print(`\x1b]8;;http://x/${'y'.repeat(8000)}\x07z\x1b]8;;http://x/2${'y'.repeat(8000)}\x07z`);
    const plain = screen.snapshot(100_000, most);
    expect(plain.vt.byteLength).toBeLessThanOrEqual(most);
    expect(decoder.decode(plain.vt)).toContain('zz');
  });

  test('of the largest screen with the worst that can be in it is within the bound', () => {
    const { screen, print } = watched(limits.winsizeColsMax, limits.winsizeRowsMax, 0);
    for (let row = 0; row < limits.winsizeRowsMax; row += 1) {
      let text = `\x1b[${row + 1}H`;
      for (let column = 0; column < limits.winsizeColsMax; column += 1) {
        text += `\x1b[38;2;${column % 256};${row % 256};9;48;2;1;${column % 256};3;4:3;58;2;1;2;${column % 256}m${`e${'\u0301'.repeat(80)}`}`;
      }
      print(text);
    }
    expect(screen.snapshot(0).vt.byteLength).toBeLessThanOrEqual(limits.snapshotBytesMax);
  });
});

describe('a screen for those without a terminal', () => {
  test('is text, without what is blank', () => {
    const { screen, print } = watched();
    print('one  \r\n\r\n 日本 two\x1b[K\x1b[5;1H   ');
    expect(screen.text()).toBe('one\n\n 日本 two');
  });

  test('is text with colours, and links are none', () => {
    const { screen, print } = watched();
    print('\x1b[31mred\x1b[0m plain \x1b]8;;http://x\x07link\x1b]8;;\x07');
    expect(screen.ansi()).toBe('\x1b[;31mred\x1b[m plain link');
  });

  test('is HTML in which nothing of the program is markup', () => {
    const { screen, print } = watched();
    print('<script>alert("1")</script> & \x1b[1;4;38;2;255;0;16m<b>\x1b[0;7m!');
    expect(screen.html()).toBe(
      '<pre class="screen" style="color:#dbe2e1;background:#101517">' +
        '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; ' +
        '<span style="color:#ff0010;font-weight:bold;text-decoration:underline solid">&lt;b&gt;</span>' +
        '<span style="color:#101517;background:#dbe2e1">!</span>\n\n\n\n\n\n</pre>',
    );
  });
});

test('lines above a restored screen are the first ones only where none can have been lost', () => {
  for (const [printed, first] of [[20, 0], [500, 1]] as const) {
    const { screen, print } = watched(40, 6, 100);
    print('a line\r\n'.repeat(printed));
    const came = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 100 });
    came.restore(screen.snapshot(100));
    expect(came.scrollbackLines(undefined, 1).firstLine).toBe(first);
  }
});

describe('a screen that becomes narrower', () => {
  test.each([1000, 120])('keeps the ends of all lines but the cursor\'s, with %d lines of scrollback', (scrollback) => {
    const screen = new Screen({ winsize: { cols: 20, rows: 10 }, scrollback });
    const lines = Array.from({ length: 120 }, (_, line) => `${line}:`.padEnd(14, '.') + '!');
    screen.take({ sequence: 1, type: 'output', data: encoder.encode(`${lines.join('\r\n')}\x1b[H`) });
    screen.take({ sequence: 2, type: 'resize', data: { cols: 10, rows: 10 } });
    const { normal } = screen.emulator.core._bufferService.buffers;
    const shown = Array.from({ length: normal.lines.length }, (_, y) => normal.lines.get(y));
    const ends = shown.filter((line) => line !== undefined && line.isWrapped).length;
    expect(ends).toBe(scrollback === 1000 ? 119 : 60 + 5);
  });
});

describe('a program that means harm', () => {
  /** Far beyond what it takes, and far below what it would take without a bound. */
  const deadlineMs = 4_000;
  const timed = (what: string, text: () => string): void =>
    test(
      `does not stop the screen: ${what}`,
      () => {
        const { screen, print } = watched(80, 24, 1000);
        print(text());
        print('\x1bc\x1b[Hstill here');
        expect(screen.text()).toBe('still here');
      },
      deadlineMs,
    );
  timed('a count of two thousand million', () => [...'LMSTIZb@PX'].map((final) => `a\x1b[2147483647${final}`).join(''));
  timed('erasing up to the last cell', () => '\x1b[999;999H\x1b[1J\x1b[?1049h\x1b[999;999H\x1b[1J');
  timed('a link over ten thousand lines', () => `\x1b]8;;http://x\x07${`${'a'.repeat(79)}\r\n`.repeat(10_000)}`);
  timed('a link in every cell', () => Array.from({ length: 20_000 }, (_, index) => `\x1b]8;;http://x/${index}\x07a`).join(''));
  timed('a cluster without end', () => `e${'\u0301'.repeat(500_000)}`);
  timed('a title of megabytes', () => `\x1b]2;${'t'.repeat(3_000_000)}\x07`);

  test('that xterm throws at does not end the screen', () => {
    const { screen, print } = watched();
    screen.emulator.terminal.parser.registerCsiHandler({ final: 'y' }, () => {
      throw new Error('as an unknown weakness of xterm would');
    });
    print('before\x1b[31y lost');
    print(' after');
    expect(screen.text()).toBe('before after');
  });
});

describe('one row, and two columns', () => {
  test('are restored too', () => {
    for (const [cols, rows] of [[2, 1], [10, 1], [2, 8]] as const) {
      const { screen, print } = watched(cols, rows);
      print('some text that wraps\r\nand 日本 goes on');
      expect(differences(screen.emulator.core, restored(screen).emulator.core)).toEqual([]);
    }
  });
});
