// `dispatch attach` in a real terminal: the session as it is, whatever becomes of the server or
// the sizes, and afterwards the terminal as it was.

import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { attach } from '../support/client.ts';
import { finished, FROM_SOURCE } from '../support/program.ts';
import { ShownTerminal } from '../support/shown-terminal.ts';
import { Survivor } from '../support/survivor.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(60_000);

const SHELL = ['bash', '--norc', '--noprofile', '-i'];
let survivor: Survivor;
const terminals: ShownTerminal[] = [];
beforeEach(async () => {
  survivor = new Survivor();
  await survivor.start();
});
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.dispose();
  await survivor.dispose();
});

function attached(args: string[], winsize?: { cols: number; rows: number }, more: Record<string, string> = {}): ShownTerminal {
  const environment = { DISPATCH_DATA: survivor.dataFolder, HOME: survivor.folder, ...more };
  const terminal = new ShownTerminal(['attach', ...args], environment, winsize);
  terminals.push(terminal);
  return terminal;
}

const sizes = async (id: string): Promise<string[]> =>
  (await survivor.events(id)).filter(({ type }) => type === 'resize').map(({ data }) => `${data.cols}×${data.rows}`);

test('it shows what is there, types into it, follows the window, and leaves the terminal as it was', async () => {
  const id = await survivor.terminal(SHELL, { env: { PS1: 'ready$ ' } });
  await survivor.type(id, 'echo from-$((40+1))\n');
  await survivor.prints(id, 'from-41');
  const shell = `trap '' QUIT; before=$(stty -g); echo kept; "$0" "$@"; echo code $?; [ "$before" = "$(stty -g)" ] && echo same settings; exec cat`;
  const environment = { DISPATCH_DATA: survivor.dataFolder, HOME: survivor.folder };
  const terminal = new ShownTerminal(['-c', shell, ...FROM_SOURCE, 'attach', id], environment, { cols: 70, rows: 20 }, ['bash']);
  terminals.push(terminal);
  await terminal.sees('from-41');
  await terminal.seesNot('kept');
  await terminal.seesNot('this terminal'); // It has taken the size.
  terminal.type('printf "%s\\n" the-$((40+2)) "$(stty size)"\r');
  await terminal.sees('the-42\n20 70');
  terminal.resize(60, 15);
  await until('the size', async () => (await sizes(id)).at(-1) === '60×15');
  terminal.type('stty size\r');
  await terminal.sees('15 60');
  terminal.type('\x1c\x1c');
  await terminal.sees('same settings');
  expect(terminal.text).toContain('kept');
  expect(terminal.text).toContain('[detached: bash goes on]\ncode 0');
  expect(terminal.text).not.toContain('the-42');
  const { bracketedPasteMode, applicationCursorKeys, wraparound } = terminal.core.coreService.decPrivateModes;
  expect({ bracketedPasteMode, applicationCursorKeys, wraparound }).toEqual({ bracketedPasteMode: false, applicationCursorKeys: false, wraparound: true });
  expect((await survivor.api(`/api/sessions/${id}`)).status).toBe('active');
});

test('one Ctrl+\\ is the program’s, and what the terminal answers is not', async () => {
  const id = await survivor.terminal(['bash', '-c', 'trap "echo quit-signal" QUIT; echo begun; while :; do printf "\\033[c\\033[6n"; read -t 0.2 -r line && printf "%s" "$line" | od -c; done']);
  const terminal = attached([id]);
  await terminal.sees('begun');
  terminal.type('\x1c');
  await terminal.sees('quit-signal');
  expect(terminal.raw).not.toContain('\x1b[c');
  expect(terminal.raw).not.toContain('\x1b[6n');
  expect((await survivor.events(id)).filter(({ type }) => type === 'input').map(({ data }) => data.bytes)).toEqual([1]);
});

test('it comes back by itself after a kill and after a restart, and misses nothing', async () => {
  const id = await survivor.terminal(SHELL, { env: { PS1: 'ready$ ' } });
  const terminal = attached([id]);
  await terminal.sees('ready$');
  terminal.type('kept=42; echo be""gun\r');
  await terminal.sees('begun');
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    terminal.type(`(sleep 0.3; echo while-${signal}-away) &\r`);
    await terminal.sees(`while-${signal}`);
    await survivor.program.end(signal);
    await terminal.sees(signal === 'SIGKILL' ? 'connection lost' : 'server');
    await survivor.start();
    await terminal.sees(`ready$ while-${signal}-away`);
    await terminal.seesNot('(Ctrl+\\ twice leaves)');
    terminal.type(`echo ${signal}-$kept\r`);
    await terminal.sees(`\n${signal}-42`);
  }
});

test('read-only: it types nothing, takes no size, shows what fits and says so', async () => {
  const id = await survivor.terminal(SHELL, { env: { PS1: 'ready$ ' }, cols: 100, rows: 30 });
  await survivor.prints(id, 'ready$ ');
  const terminal = attached(['--ro', id], { cols: 60, rows: 12 });
  await terminal.sees('read-only; session 100×30, this terminal 60×12');
  await survivor.type(id, 'for i in {1..40}; do echo row-$i; done; printf "%090d\\n" 7\n');
  await terminal.sees('row-40');
  expect(terminal.text.split('\n').length).toBeLessThanOrEqual(12);
  terminal.type('x');
  await terminal.sees('nothing was typed');
  expect(await sizes(id)).toEqual(['100×30']);
  terminal.type('\x03');
  expect(await terminal.ended()).toMatchObject({ exitCode: 0, text: expect.stringContaining('[detached: bash goes on]') });
  expect((await survivor.events(id)).filter(({ type }) => type === 'input')).toHaveLength(1);
});

test('another device takes the lead by typing: this terminal shows its size, and leads again when typed into', async () => {
  const id = await survivor.terminal(SHELL, { env: { PS1: 'ready$ ' } });
  const terminal = attached([id], { cols: 80, rows: 24 });
  await terminal.sees('ready$');
  const other = await attach(survivor, id, { cols: 120, rows: 40 });
  await other.isSynced();
  other.input('echo from-the-other\n');
  await terminal.sees('another device leads: type to take it');
  await terminal.sees('session 120×40, this terminal 80×24');
  terminal.type(' ');
  await terminal.seesNot('another device leads');
  terminal.type('stty size\r');
  await terminal.sees('24 80');
  await other.close();
});

test('colours, wide characters and marks are drawn as the session has them', async () => {
  const text = ['\\033[1;38;2;10;200;30;48;5;17mbold\\033[0m 日本語 x\\u0301y 👩‍💻|after', '\\033[4:3;58;5;9mcurly\\033[0m \\033[7minverse\\033[0m \\033[9mgone', '\\033[44m\\033[K\\033[0m', 'plain\\033[10;70Hdone'];
  const id = await survivor.terminal(['bash', '-c', `printf $'${text.join('\\r\\n')}'; read go`]);
  const terminal = attached([id]);
  await terminal.sees('done');
  const response = await fetch(`${survivor.url}/api/sessions/${id}/screen?format=html`, { headers: { authorization: `Bearer ${survivor.key}` } });
  const html = await response.text();
  expect(html).toContain('日本語');
  expect(html).toContain(terminal.html);
});

test('mouse, paste and keys are as the program wants them, and as before when it has ended; a reader has none of it', async () => {
  const id = await survivor.terminal(['sh', '-c', 'printf "\\033[?1000h\\033[?1006h\\033[?2004h\\033[?1hmodes"; read go']);
  const [terminal, reader] = [attached([id]), attached(['--ro', id])];
  const modes = ({ core }: ShownTerminal) => {
    const { bracketedPasteMode, applicationCursorKeys } = core.coreService.decPrivateModes;
    return [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding, bracketedPasteMode, applicationCursorKeys];
  };
  await terminal.sees('modes');
  await reader.sees('modes');
  expect([modes(terminal), modes(reader)]).toEqual([['VT200', 'SGR', true, true], ['NONE', 'DEFAULT', false, false]]);
  terminal.type('\x1b[<0;3;2M\r');
  await terminal.ended();
  expect(modes(terminal)).toEqual(['NONE', 'DEFAULT', false, false]);
});

test('a terminal that goes away is a detach', async () => {
  const id = await survivor.terminal(['sh', '-c', 'echo here; exec cat']);
  const terminal = attached([id]);
  await terminal.sees('here');
  terminal.process.terminal?.close();
  await terminal.process.exited;
  await until('the detach', async () => (await survivor.events(id)).some(({ type }) => type === 'detach'));
  expect((await survivor.api(`/api/sessions/${id}`)).status).toBe('active');
});

test('when the program ends it says how, and leaves what there was to see', async () => {
  const id = await survivor.terminal(['sh', '-c', 'printf "\\033]0;evil\\007"; echo last words; read go; exit 3']);
  const terminal = attached([id]);
  await terminal.sees('last words');
  terminal.type('\r');
  const { exitCode, text } = await terminal.ended();
  expect({ exitCode, text }).toMatchObject({ exitCode: 0, text: expect.stringMatching(/last words\n\n?\[ended: sh, exit code 3\]/) });
  const again = attached(['sh']);
  expect((await again.ended()).text).toMatch(/last words\n\n?\[ended: sh, exit code 3\]/);
});

test('what cannot be attached is told in one line', async () => {
  const id = await survivor.terminal(SHELL);
  const told = async (args: string[], more: Record<string, string> = {}): Promise<string> => {
    const terminal = attached(args, { cols: 200, rows: 24 }, more);
    const { exitCode, text } = await terminal.ended();
    expect(exitCode).toBeGreaterThan(0);
    expect(text.split('\n')).toHaveLength(1);
    return text;
  };
  expect(await told([])).toContain('name a session');
  expect(await told(['nothing-like-it'])).toContain('no such terminal');
  expect(await told([id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))])).toContain('no such session');
  expect(await told([id], { TERM_SESSION_ID: id })).toContain('that very session');
  await survivor.terminal(SHELL);
  expect(await told(['bash'])).toContain('any of 2 sessions');
  const environment = { DISPATCH_DATA: survivor.dataFolder, HOME: survivor.folder };
  expect((await finished(FROM_SOURCE, ['attach', id], environment)).output).toContain('needs a terminal');
  await survivor.kill();
  expect(await told([id])).toContain('no server runs');
});
