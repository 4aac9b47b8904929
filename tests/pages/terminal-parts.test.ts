// The terminal's parts that need no browser: frames, natures of input, the outbox, colours.

import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { natureOf } from '../../src/pty/input.ts';
import { decodeClientFrame, encodeEvent, encodeNotice, encodeSnapshot, encodeSynced, encodeWinsize } from '../../src/pty/wire.ts';

const island = (name: string) => import(join(import.meta.dir, '../../public/terminal', `${name}.js`));

const bufferOf = (bytes: Uint8Array) => bytes.slice().buffer;
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('the page reads every frame that the server writes', async () => {
  const { decode, ...tags } = await island('wire');
  const event = { id: 'e', runId: 's', sequence: 2 ** 40, timestamp: 0, channel: 'stdout', type: 'output', data: Buffer.from('hé') } as const;
  const output = decode(bufferOf(encodeEvent(event)));
  expect([output.tag, output.sequence, textOf(output.bytes)]).toEqual([tags.OUTPUT, 2 ** 40, 'hé']);
  const resize = decode(bufferOf(encodeEvent({ ...event, channel: 'system', type: 'resize', data: { cols: 9, rows: 4 } })));
  expect([resize.tag, resize.sequence, resize.event.data]).toEqual([tags.EVENT, 2 ** 40, { cols: 9, rows: 4 }]);
  const snapshot = decode(bufferOf(encodeSnapshot(7, { cols: 300, rows: 2 }, Buffer.from('vt'))));
  expect([snapshot.tag, snapshot.sequence, snapshot.cols, snapshot.rows, textOf(snapshot.bytes)]).toEqual([tags.SNAPSHOT, 7, 300, 2, 'vt']);
  expect(decode(bufferOf(encodeSynced(5, 2 ** 50)))).toEqual({ tag: tags.SYNCED, sequence: 5, epoch: String(2 ** 50) });
  expect(decode(bufferOf(encodeWinsize({ cols: 80, rows: 24 }, true)))).toEqual({ tag: tags.WINSIZE, cols: 80, rows: 24, leads: true });
  expect(decode(bufferOf(encodeNotice('input_refused', 'no', 3))).notice).toEqual({ code: 'input_refused', message: 'no', bytes: 3 });
  expect(decode(new Uint8Array([0x7f, 1]).buffer)).toBeNull();
  expect(decode(new ArrayBuffer(0))).toBeNull();
});

test('the server reads every frame that the page writes', async () => {
  const { encodeAck, encodeInput, encodeLead, encodeResize, INPUT_BYTES_MAX } = await island('wire');
  expect(decodeClientFrame(new Uint8Array(encodeAck(2 ** 40)))).toMatchObject({ sequence: 2 ** 40 });
  expect(decodeClientFrame(new Uint8Array(encodeResize({ cols: 500, rows: 300 })))).toMatchObject({ winsize: { cols: 500, rows: 300 } });
  expect(decodeClientFrame(encodeInput(Buffer.from('ab')))).toMatchObject({ bytes: new Uint8Array([97, 98]) });
  expect(decodeClientFrame(encodeLead()).tag).toBe(0x14);
  expect(encodeInput(new Uint8Array(INPUT_BYTES_MAX)).byteLength).toBeLessThanOrEqual(64 * 1024);
});

test('page and server call the same input typed, a report, an answer', async () => {
  const { natureOf: pageNatureOf } = await island('rules');
  const samples = ['a', '\x1b', '\x1b[A', '\x1bOA', '\x1b[I', '\x1b[O', '\x1b[<0;1;2M', '\x1b[M !!', '\x1b[?1;2c', '\x1b[>0;276;0c', '\x1b[5;1R'];
  samples.push('\x1b[1;2R', '\x1b[1;9R', '\x1b[?4;1R', '\x1b[0n', '\x1b[?25;1$y', '\x1b[8;24;80t', '\x1bP1$r0m\x1b\\', '\x1b]11;rgb:0/0/0\x1b\\', '\x1b[200~x\x1b[201~');
  for (const sample of samples) {
    const expected = natureOf(Buffer.from(sample, 'latin1'));
    expect([sample, pageNatureOf(sample)]).toEqual([sample, expected === 'reply' ? 'answer' : expected]);
  }
});

test('a clipboard write is read as text; a read, nonsense and too much are nothing', async () => {
  const { clipboardText } = await island('rules');
  expect(clipboardText(`c;${Buffer.from('ü\n').toString('base64')}`)).toBe('ü\n');
  expect(clipboardText(';aGk=')).toBe('hi');
  for (const data of ['c;?', 'c;', 'aGk=', 'c;***', `c;${'AAAA'.repeat(1_000_000)}`]) expect(clipboardText(data)).toBeNull();
});

/** An outbox whose frames are collected as texts, without their tag. */
async function outbox() {
  const { Outbox } = await island('outbox');
  const sent: string[] = [];
  const states: { bytes: number; why: string }[] = [];
  const made = new Outbox({
    send: (frame: Uint8Array) => sent.push(textOf(frame.subarray(1))) > 0,
    isOwn: (client: string) => client === 'me',
    changed: (state: { bytes: number; why: string }) => states.push(state),
  });
  return { made, sent, why: () => states.at(-1)?.why };
}

test('what was refused goes first when it is tried again', async () => {
  const { made, sent, why } = await outbox();
  made.opened();
  made.put('a'.repeat(2000));
  made.put('b'.repeat(3000));
  expect(sent.map((text) => text.length)).toEqual([2000]);
  made.refused({ bytes: 2000, message: 'full' });
  made.put('c');
  expect([sent.length, why()]).toEqual([1, 'refused']);
  made.sendNow();
  made.logged({ client: 'other', bytes: 2000 });
  expect(sent.map((text) => text.length)).toEqual([2000, 2000]);
  made.logged({ client: 'me', bytes: 2000 });
  made.logged({ client: 'me', bytes: 3000 });
  expect(sent.map((text) => text[0]).join('')).toBe('aabc');
  made.closed();
});

test('after a break only what the log does not show is sent again', async () => {
  const { made, sent } = await outbox();
  made.put('before the first connection');
  expect(sent).toEqual([]);
  made.opened();
  for (const key of ['one', 'three', 'seven']) made.put(key);
  made.pass(Buffer.from('\x1b[I'), true);
  made.closed();
  sent.length = 0;
  made.logged({ client: 'me', bytes: 'before the first connection'.length });
  made.logged({ client: 'me', bytes: 'one'.length });
  made.opened();
  expect(sent).toEqual(['three', 'seven']);
  made.closed();
});

test('every colour of every theme has AA contrast on its background', async () => {
  const { THEMES } = await island('themes');
  for (const [name, theme] of Object.entries<Record<string, string>>(THEMES)) {
    for (const [colour, value] of Object.entries(theme)) {
      const shade = /background|selection|Accent|Border/i.test(colour) || (colour === 'black' && name !== 'light');
      if (shade) continue;
      const ratio = contrast(value, theme.background ?? '');
      expect([name, colour, ratio >= (name === 'high-contrast' ? 7 : 4.5)]).toEqual([name, colour, true]);
    }
    for (const selection of ['selectionBackground', 'selectionInactiveBackground']) {
      const text = theme.selectionForeground ?? theme.foreground ?? '';
      expect([name, selection, contrast(text, theme[selection] ?? '') >= 4.5]).toEqual([name, selection, true]);
    }
  }
});

/** WCAG 2 contrast ratio of two #rrggbb colours. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
