// Real shells tell of their commands, and are otherwise what they are without that: startup files,
// exit codes, traps, history, job control.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let home: string;
let workspace: string;
beforeAll(async () => {
  home = temporaryFolder();
  writeFileSync(join(home, '.bashrc'), 'echo bashrc was read; PS1="[$?] bash> "; HISTCONTROL=ignoreboth\n');
  writeFileSync(join(home, '.bash_profile'), 'echo profile was read; . ~/.bashrc; shopt -q login_shell && echo is a login shell\n');
  writeFileSync(join(home, '.zshenv'), 'echo zshenv was read\n');
  writeFileSync(join(home, '.zprofile'), 'echo zprofile was read\n');
  writeFileSync(join(home, '.zshrc'), 'echo zshrc was read "${ZDOTDIR-none}"; PS1="zsh> "; mine() { print -n "(code $?)" }; precmd_functions+=(mine)\n');
  mkdirSync(join(home, '.config/fish'), { recursive: true });
  writeFileSync(join(home, '.config/fish/config.fish'), 'echo config was read; function fish_prompt; printf "fish> "; end; function fish_greeting; end\n');
  server = await startTestServer({ environment: { HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_DATA_HOME: join(home, '.local') } });
  workspace = (await server.workspace()).id;
});
afterAll(async () => {
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

/** A shell that is typed into, line by line: each line once the one before has ended. */
class Shell {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  static async start(...command: string[]): Promise<Shell> {
    const shell = new Shell((await server.terminal(workspace, { command })).id);
    await shell.prompts(1);
    return shell;
  }

  async line(text: string): Promise<void> {
    const before = (await this.#phases()).filter((phase) => phase === 'prompt').length;
    await this.send(`${text}\r`);
    await this.prompts(before + 1);
  }

  async send(text: string): Promise<void> {
    await server.api(`/api/sessions/${this.id}/input`, { method: 'POST', body: { text } });
  }

  async commands(query = ''): Promise<Record<string, unknown>[]> {
    return (await server.api(`/api/sessions/${this.id}/commands?${query}`)).body.commands;
  }

  async output(sequence: unknown): Promise<string> {
    return (await server.api(`/api/sessions/${this.id}/commands/${String(sequence)}/output`)).body;
  }

  async text(): Promise<string> {
    return (await server.api(`/api/sessions/${this.id}/recording?format=text`)).body;
  }

  async folder(): Promise<unknown> {
    const { body } = await server.api(`/api/sessions/${this.id}/history?type=cwd&limit=1000`);
    return body.events.at(-1)?.data.path;
  }

  async prompts(count: number): Promise<void> {
    let seen: string[] = [];
    await until(() => `prompt ${count}: ${seen.join(' ')}`, async () => {
      seen = await this.#phases();
      return seen.filter((phase) => phase === 'prompt').length >= count;
    });
  }

  async #phases(): Promise<string[]> {
    const { body } = await server.api(`/api/sessions/${this.id}/history?type=command&limit=1000`);
    return body.events.map(({ data }: { data: { phase: string } }) => data.phase);
  }
}

const SHELLS: [name: string, command: string[], readFirst: string[]][] = [
  ['bash as a login shell', ['bash', '-l'], ['profile was read', 'bashrc was read', 'is a login shell']],
  ['bash', ['bash'], ['bashrc was read']],
  ['zsh as a login shell', ['zsh', '-l'], ['zshenv was read', 'zprofile was read', 'zshrc was read none']],
  ['fish', ['fish'], ['config was read']],
];

for (const [name, command, readFirst] of SHELLS) {
  describe(name, () => {
    test.concurrent('reads its own startup files, and tells of commands with line, folder, exit and output', async () => {
      const shell = await Shell.start(...command);
      const begun = await shell.text();
      let from = 0;
      for (const words of readFirst) expect(from = begun.indexOf(words, from)).toBeGreaterThanOrEqual(0);
      await shell.line('echo one; echo two');
      await shell.line('mkdir -p "a ü%b"; cd "a ü%b"');
      await shell.line("printf 'x\\\\y\\n'; sh -c 'exit 3'");
      const found = await shell.commands();
      expect(found.map(({ line, exit }) => [line, exit])).toEqual([
        ['echo one; echo two', 0],
        ['mkdir -p "a ü%b"; cd "a ü%b"', 0],
        ["printf 'x\\\\y\\n'; sh -c 'exit 3'", 3],
      ]);
      expect(await shell.output(found[0]?.sequence)).toBe('one\ntwo');
      expect(await shell.output(found[2]?.sequence)).toBe('x\\y');
      expect(String(found[2]?.cwd)).toEndWith('/a ü%b');
      expect(await shell.folder()).toBe(found[2]?.cwd);
      expect(found.every(({ durationMs, started, ended }) => typeof durationMs === 'number' && String(ended) >= String(started))).toBe(true);
      expect((await shell.commands('failed=1')).map(({ exit }) => exit)).toEqual([3]);
      expect((await shell.commands(`after=${String(found[0]?.sequence)}&limit=1`)).map(({ line }) => line)).toEqual([found[1]?.line]);
      expect((await shell.commands(`before=${String(found[2]?.sequence)}&limit=1`)).map(({ line }) => line)).toEqual([found[1]?.line]);
    });
  });
}

describe('bash with its marks', () => {
  test.concurrent('keeps exit codes, traps, history and jobs as they are without', async () => {
    const shell = await Shell.start('bash');
    await shell.line('trap \'last=$BASH_COMMAND\' DEBUG');
    await shell.line('false');
    await shell.line('echo "code $?"');
    await shell.line('echo "last $last"; trap - DEBUG');
    await shell.line('sleep 100 & jobs; kill %1; wait 2>/dev/null; shopt -qo posix || echo no posix');
    await shell.line('history | tail -n 3; echo "$HISTFILE"; env | grep -c MARKS; echo "ENV ${ENV-unset}"');
    const outputs = await Promise.all((await shell.commands()).map(({ sequence }) => shell.output(sequence)));
    expect(outputs[2]).toBe('code 1');
    expect(outputs[3]).toStartWith('last echo "last');
    expect(outputs[4]).toContain('Running');
    expect(outputs[4]).toContain('no posix');
    expect(outputs[5]).toContain('sleep 100 & jobs');
    expect(outputs[5]).toContain(`${home}/.bash_history\n0\nENV unset`);
    expect(await shell.text()).toContain('[0] bash>');
  });

  test.concurrent('a line that the history leaves out is the one that stands on the screen', async () => {
    const shell = await Shell.start('bash');
    await shell.line('echo same');
    await shell.line('echo same');
    await shell.line(' echo not in the history');
    expect((await shell.commands()).map(({ line }) => line)).toEqual(['echo same', 'echo same', 'echo not in the history']);
  });

  test.concurrent('an own PROMPT_COMMAND still sees the exit code, and an exported one is no trouble to a shell within', async () => {
    const other = join(home, 'other');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, '.bashrc'), "export PROMPT_COMMAND='PS1=\"($?) own> \"'\n");
    const shell = new Shell((await server.terminal(workspace, { command: ['bash'], env: { HOME: other } })).id);
    await shell.prompts(1);
    await shell.line('sh -c "exit 7"');
    expect(await shell.text()).toContain('(7) own>');
    await shell.line('echo "eval \\"\\$PROMPT_COMMAND\\"; echo within" | bash --norc');
    const [failed, within] = await shell.commands();
    expect(failed).toMatchObject({ line: 'sh -c "exit 7"', exit: 7 });
    expect(await shell.output(within?.sequence)).toBe('within');
  });

  test.concurrent('a burst of commands is told truly: what is left out is counted, and the last one is there', async () => {
    const shell = await Shell.start('bash');
    await shell.send(Array.from({ length: 60 }, (_, number) => `${number % 20 === 7 ? 'false' : ':'} ${number}\r`).join(''));
    const found = await until('all of them', async () => {
      const commands = await shell.commands();
      const count = commands.reduce((sum, { folded }) => sum + 1 + Number(folded), 0);
      return count === 60 && commands.at(-1)?.ended !== null ? commands : undefined;
    });
    expect(found.length).toBeLessThan(60);
    expect(found.at(-1)).toMatchObject({ line: ': 59', exit: 0 });
    expect(found.reduce((sum, { exit, foldedFailed }) => sum + (exit === 1 ? 1 : 0) + Number(foldedFailed), 0)).toBe(3);
  });

  test('what is typed at its prompt is recorded, as before', async () => {
    const shell = await Shell.start('bash', '-l');
    await shell.line('echo plain');
    const { body } = await server.api(`/api/sessions/${shell.id}/history?type=input&limit=10`);
    expect(body.events.map(({ data }: { data: { text?: string } }) => data.text)).toEqual(['echo plain\r']);
  });
});

test('an own ZDOTDIR holds, and an own code in a hook of zsh', async () => {
  const own = join(home, 'zdot');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, '.zshrc'), 'echo own zshrc "$ZDOTDIR"; PS1="own> "; precmd() { print -n "(code $?)" }\n');
  const { id } = await server.terminal(workspace, { command: ['zsh'], env: { ZDOTDIR: own } });
  const shell = new Shell(id);
  await shell.prompts(1);
  await shell.line('(exit 4)');
  expect(await shell.text()).toContain(`own zshrc ${own}`);
  expect(await shell.text()).toContain('(code 4)');
  expect((await shell.commands()).map(({ line, exit }) => [line, exit])).toEqual([['(exit 4)', 4]]);
});

test('without the setting, and for a command, a shell is started as it is given', async () => {
  const { body: plain } = await server.api('/api/workspaces', { method: 'POST', body: { path: join(server.root, 'plain'), create: true, metadata: { settings: { terminal: { shellIntegration: false } } } } });
  const off = await server.terminal(plain.id, { command: ['bash', '-i'] });
  const given = await server.terminal(workspace, { command: ['bash', '-c', 'echo "$- ${ENV-unset}"'] });
  await until('the command', async () => (await new Shell(given.id).text()).includes('unset'));
  await new Shell(off.id).send('echo "posix ${POSIXLY_CORRECT-no}"; type -t __marks_prompt || echo none\r');
  await until('the shell', async () => /posix no\s+none/.test(await new Shell(off.id).text()));
});

test('the scripts are the owner’s alone, and the user’s files are untouched', () => {
  const script = join(server.dataFolder, 'shell/marks.bash');
  expect(statSync(script).mode & 0o777).toBe(0o600);
  expect(statSync(join(server.dataFolder, 'shell/zsh')).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(home, '.zshenv'), 'utf8')).toBe('echo zshenv was read\n');
  expect(hostname()).not.toBe('');
});
