// What a held program can be asked, over a real holder: terminal and pipes, input with its
// flags, sizes, signals, ends; who is let in; and what happens between versions.

import { afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { frame, idBytes, jsonFrame, TO_HOLDER, TO_SERVER } from '../../src/pty/holder/frames.ts';
import { greet } from '../../src/pty/holder/greeting.ts';
import { placeOf, readCard } from '../../src/pty/holder/place.ts';
import { processOf } from '../../src/pty/processes.ts';
import { termiosOf, type TerminalFlags } from '../../src/pty/pty.ts';
import { cleanUp, collect, dataFolder, holderClient, request } from '../support/holder.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);
afterEach(cleanUp);

const bytes = (text: string): Buffer => Buffer.from(text);

describe('a held terminal', () => {
  test('runs a program, gives all that it prints and then its exit code', async () => {
    const command = ['sh', '-c', 'tty >/dev/null && echo is a terminal; stty size; exit 5'];
    const pty = await holderClient(dataFolder()).spawn('a', request(command, { cols: 100, rows: 30 }));
    const seen = collect(pty);
    expect(await pty.exited).toMatchObject({ exitCode: 5, exitSignal: null, lost: null });
    expect(seen.text()).toBe('is a terminal\r\n30 100\r\n');
  });

  test('names the signal that ended it, and takes one for its group', async () => {
    const pty = await holderClient(dataFolder()).spawn('a', request(['sh', '-c', 'echo up; sleep 1000; echo never']));
    const seen = collect(pty);
    await until('the program', () => seen.text().includes('up'));
    pty.signal('group', 'SIGKILL');
    expect(await pty.exited).toMatchObject({ exitCode: null, exitSignal: 'SIGKILL' });
  });

  test('is resized', async () => {
    const command = ['sh', '-c', 'trap "stty size" WINCH; echo up; while :; do sleep 0.01; done'];
    const pty = await holderClient(dataFolder()).spawn('a', request(command));
    const seen = collect(pty);
    await until('the program', () => seen.text().includes('up'));
    pty.resize({ cols: 132, rows: 43 });
    await until('the new size', () => seen.text().includes('43 132'));
  });

  test('says of each input how the terminal stood when it went in, before what the input causes', async () => {
    const command = ['bash', '-c', 'read a; read -s b; echo "got $a $b"; read c'];
    const pty = await holderClient(dataFolder()).spawn('a', request(command));
    const seen = collect(pty);
    const flags: (TerminalFlags | undefined)[] = [];
    const before: string[] = [];
    const write = (text: string): void =>
      pty.write(bytes(text), (found) => {
        flags.push(found);
        before.push(seen.text());
      });
    write('open\r');
    await until('read -s', () => seen.text().includes('open') && readsSecret(pty.pid));
    write('secret\r');
    await until('the answer', () => seen.text().includes('got open secret'));
    expect(flags.map((found) => found !== undefined && termiosOf(found).echo)).toEqual([true, false]);
    expect(before).toEqual(['', 'open\r\n']);
  });

  test('counts input that the program does not read, and tells when it has', async () => {
    const gate = join(dataFolder(), 'gate');
    const wait = 'until [ -e "$0" ]; do sleep 0.01; done';
    const script = `stty raw -echo; echo up; ${wait}; head -c 100003 >/dev/null; echo read it all`;
    const command = ['sh', '-c', script, gate];
    const pty = await holderClient(dataFolder()).spawn('b', request(command));
    const seen = collect(pty);
    await until('the program', () => seen.text().includes('up'));
    let answered = false;
    pty.write(Buffer.alloc(100_000, 'x'));
    expect(pty.pendingBytes).toBe(100_000);
    pty.write(bytes('xy'), () => {
      answered = true;
    });
    await until('the answer', () => answered);
    expect(pty.pendingBytes).toBe(100_002);
    pty.write(bytes('z'));
    await Bun.write(gate, '');
    await until('the reader', () => seen.text().includes('read it all'));
    await until('no more undrained', () => pty.pendingBytes === 0);
  });

  test('refuses a program that is not there, with a reason for a person', async () => {
    const client = holderClient(dataFolder());
    const message = 'The program could not be started: /no/such/program was not found';
    expect(client.spawn('a', request(['/no/such/program']))).rejects.toMatchObject({ code: 'invalid', message });
    const pty = await client.spawn('a', request(['true']));
    expect(client.spawn('a', request(['true']))).rejects.toMatchObject({ code: 'conflict' });
    collect(pty);
    await pty.exited;
  });

  test('gives programs nothing of the server, and keeps nothing of it itself', async () => {
    process.env.DISPATCH_KEY = 'a-key-that-no-program-may-see';
    try {
      const client = holderClient(dataFolder());
      const env = { ...request([]).env, DISPATCH_KEY: 'a-key-that-no-program-may-see' };
      const pty = await client.spawn('a', request(['env'], { env }));
      const seen = collect(pty);
      await pty.exited;
      expect(seen.text()).toContain('PATH=');
      expect(seen.text()).not.toContain('DISPATCH');
      const environ = `/proc/${client.pid}/environ`;
      expect(readFileSync(environ, 'latin1')).not.toContain('DISPATCH');
      expect(statSync(environ).uid).toBe(0); // So it belongs where no other program may look into it.
    } finally {
      delete process.env.DISPATCH_KEY;
    }
  });

  test('leaves a program no descriptor but its terminal', async () => {
    const client = holderClient(dataFolder());
    collect(await client.spawn('other', request(['sleep', '1000'])));
    const pty = await client.spawn('a', request(['sh', '-c', 'ls /proc/$$/fd; true']));
    const seen = collect(pty);
    await pty.exited;
    expect(seen.text().trim().split(/\s+/)).toEqual(['0', '1', '2']);
  });
});

describe('a held program between pipes', () => {
  test('has its streams apart, takes input and its end', async () => {
    const loop = 'while read line; do echo "out $line"; echo "err $line" >&2; done';
    const command = ['sh', '-c', `${loop}; [ -t 0 ] || echo no terminal; exit 4`];
    const pipes = await holderClient(dataFolder()).spawn('a', request(command, { mode: 'pipes' }));
    const seen = collect(pipes);
    const flags: (TerminalFlags | undefined)[] = [];
    pipes.write(bytes('1\n2\n'), (found) => flags.push(found));
    await until('the answer', () => seen.text().includes('out 2') && seen.stderr().includes('err 2'));
    pipes.endInput();
    expect(await pipes.exited).toMatchObject({ exitCode: 4 });
    expect(seen.text()).toBe('out 1\nout 2\nno terminal\n');
    expect(seen.stderr()).toBe('err 1\nerr 2\n');
    expect(flags).toEqual([undefined]);
  });

  test('leads a session of its own, so that all of it can be ended', async () => {
    const command = ['sh', '-c', 'sleep 1000 & echo up; wait'];
    const pipes = await holderClient(dataFolder()).spawn('a', request(command, { mode: 'pipes' }));
    const seen = collect(pipes);
    await until('the program', () => seen.text().includes('up'));
    expect(processOf(pipes.pid)).toMatchObject({ sid: pipes.pid, foreground: -1 });
    pipes.signal('session', 'SIGTERM');
    expect(await pipes.exited).toMatchObject({ exitSignal: 'SIGTERM' });
  });

  test('loses no byte of much output', async () => {
    const command = ['head', '-c', '50000000', '/dev/zero'];
    const pipes = await holderClient(dataFolder()).spawn('a', request(command, { mode: 'pipes' }));
    const seen = collect(pipes);
    expect(await pipes.exited).toMatchObject({ exitCode: 0 });
    expect(seen).toMatchObject({ offset: 50_000_000, gaps: [] });
  });
});

describe('a holder', () => {
  test('keeps its token, its socket and its files from others', async () => {
    const folder = dataFolder();
    await holderClient(folder).open();
    const place = placeOf(folder, 1);
    const mode = (path: string): number => statSync(path).mode & 0o777;
    const modes = [place.folder, place.card, place.lock, join(place.folder, 'socket')].map(mode);
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
  });

  test('lets nobody in without its token', async () => {
    const folder = dataFolder();
    const client = holderClient(folder);
    await client.open();
    const card = readCard(placeOf(folder, 1));
    if (card === undefined) throw new Error('There is no card');
    const events = { frame: () => {}, closed: () => {} };
    expect(await greet({ ...card, token: 'x'.repeat(64) }, events)).toBeUndefined();
    expect(await client.list()).toEqual([]); // And whoever was there stays.
  });

  test('serves one server at a time: the last that greets', async () => {
    const folder = dataFolder();
    const lost: string[] = [];
    const first = holderClient(folder, {}, (reason) => lost.push(reason));
    const pty = await first.spawn('a', request(['cat']));
    const seen = collect(pty);
    pty.write(bytes('to the first\r'));
    await until('the echo', () => seen.text().includes('to the first\r\nto the first'));
    const second = holderClient(folder);
    const [held] = await second.open();
    expect(await pty.exited).toMatchObject({ lost: 'another server has taken over' });
    expect(lost).toEqual(['another server has taken over']);
    if (held === undefined) throw new Error('Nothing is held');
    const again = second.adopt(held, seen.offset);
    const seenAgain = collect(again, seen.offset);
    again.write(bytes('to the second\r\x04'));
    expect(await again.exited).toMatchObject({ exitCode: 0 });
    expect(seenAgain.text()).toContain('to the second\r\nto the second');
  });

  test('gives what is not acknowledged to the next server, from any offset within a piece', async () => {
    const folder = dataFolder();
    const first = holderClient(folder);
    const pty = await first.spawn('a', request(['sh', '-c', 'printf 0123456789; sleep 1000']));
    const seen = collect(pty, 0, false);
    await until('the output', () => seen.text() === '0123456789');
    pty.acknowledge(4);
    await until('the acknowledgement', async () => (await first.list())[0]?.acknowledged === 4);
    first.dispose();
    const second = holderClient(folder);
    const [held] = await second.open();
    if (held === undefined) throw new Error('Nothing is held');
    expect(held).toMatchObject({ offset: 10, acknowledged: 4 });
    const from6 = collect(second.adopt(held, 6), 6, false);
    await until('the rest', () => from6.text() === '6789');
    second.dispose();
    // A log that is older than what was once acknowledged, as after a restored backup.
    const third = holderClient(folder);
    await third.open();
    const from2 = collect(third.adopt(held, 2), 2);
    await until('the gap', () => from2.offset === 10);
    expect(from2.gaps).toEqual([{ offset: 2, bytes: 4 }]);
    expect(from2.text()).toBe('6789');
  });

  test('ignores what it does not know, and so does the server', async () => {
    const folder = dataFolder();
    await holderClient(folder).open();
    const card = readCard(placeOf(folder, 1));
    if (card === undefined) throw new Error('There is no card');
    const tags: number[] = [];
    const greeted = await greet(card, { frame: (tag) => tags.push(tag), closed: () => {} });
    if (greeted === undefined) throw new Error('It did not answer');
    greeted.link.send(frame(0x7f, idBytes('x'), bytes('of a later version')));
    greeted.link.send(frame(TO_HOLDER.spawn, idBytes('bad'), bytes('{ no json')));
    greeted.link.send(jsonFrame(TO_HOLDER.list, {}));
    await until('the list', () => tags.includes(TO_SERVER.sessions));
    expect(tags).toEqual([TO_SERVER.sessions]);
    greeted.link.close();
    const pty = await holderClient(folder).spawn('a', request(['cat']));
    collect(pty);
    pty.take(0xff, bytes('of a later version'));
    pty.write(bytes('\x04'));
    expect(await pty.exited).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(folder, 'holder-1', 'log'))).toBe(true);
  });
});

/** bash reads a line without echo: its terminal's flags say so, which `stty` shows from outside. */
function readsSecret(pid: number): boolean {
  const { stdout } = Bun.spawnSync(['stty', '-a', '-F', `/proc/${pid}/fd/0`]);
  return / -echo /.test(stdout.toString());
}
