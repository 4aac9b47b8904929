// A shell with marks shows what the same shell shows without: whatever its startup files hold and
// whatever is set at its prompt, no prompt breaks and nothing of ours is seen.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

interface Typed {
  shell: 'bash' | 'zsh' | 'fish';
  /** Its startup file. */
  rc: string;
  /** Other startup files. */
  first?: Readonly<Record<string, string>>;
  /** Each is typed when the prompt of the line before it stands. */
  lines: readonly string[];
  /** Commands that are told; undefined where it does not matter. */
  told?: readonly (readonly [line: string, exit: number | null])[];
}

const FILES = { bash: '.bashrc', zsh: '.zshrc', fish: '.config/fish/config.fish' } as const;
const PROMPTS = { bash: "PS1='\\#> '\n", zsh: "setopt prompt_subst; n=0; precmd() { ((n += 1)) }; PS1='$n> '\n", fish: 'set -g fish_greeting; set -g n 0; function count --on-event fish_prompt; set -g n (math $n + 1); end; function fish_prompt; echo "$n> "; end\n' } as const;

let server: TestServer;
let count = 0;
const workspaces: string[] = [];
beforeAll(async () => {
  server = await startTestServer();
  for (const shellIntegration of [true, false]) {
    const { id } = await server.workspace(`marks-${shellIntegration ? 'yes' : 'not'}`, { settings: { terminal: { shellIntegration } } });
    workspaces.push(id);
  }
});
afterAll(() => server.stop());

/** What stands on the screen after all lines, with the folders of this one called alike. */
async function shown(workspaceId: string, { shell, rc, first = {}, lines }: Typed): Promise<{ screen: string; home: string; id: string }> {
  const home = join(server.root, `home-${(count += 1)}`);
  mkdirSync(join(home, FILES[shell], '..'), { recursive: true });
  for (const [path, text] of Object.entries({ ...first, [FILES[shell]]: PROMPTS[shell] + rc })) writeFileSync(join(home, path), text);
  const { id } = await server.terminal(workspaceId, { command: [shell], cols: 100, rows: 50, env: { HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_DATA_HOME: join(home, '.local') } });
  const screen = async (): Promise<string> => (await server.api(`/api/sessions/${id}/screen?format=text`)).body;
  const prompts = (nth: number): Promise<string> => {
    let last = '';
    return until(() => `prompt ${nth} in:\n${last}`, async () => {
      last = await screen();
      return new RegExp(`(^|\\n|\\D)${nth}>\\s*$`).test(last) ? last : undefined;
    });
  };
  await prompts(1);
  for (const [index, line] of lines.entries()) {
    await server.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text: `${line}\r` } });
    await prompts(index + 2);
  }
  const last = await prompts(lines.length + 1);
  return { screen: last.replaceAll(home, '~'), home, id };
}

/** Told a little later than shown. */
async function commandsOf(id: string, count: number): Promise<[string, number | null][]> {
  const commands = await until(`${count} commands`, async () => {
    const { body } = await server.api(`/api/sessions/${id}/commands`);
    return body.commands.length >= count ? body.commands : undefined;
  });
  return commands.map(({ line, exit }: { line: string; exit: number | null }) => [line, exit]);
}

async function same(typed: Typed): Promise<{ home: string }> {
  const [yes = '', not = ''] = workspaces;
  const [marked, plain] = await Promise.all([shown(yes, typed), shown(not, typed)]);
  expect(marked.screen).toBe(plain.screen);
  if (typed.told !== undefined) expect(await commandsOf(marked.id, typed.told.length)).toEqual(typed.told.map(([line, exit]) => [line, exit]));
  for (const { id } of [marked, plain]) await server.api(`/api/sessions/${id}/stop`, { method: 'POST' });
  return { home: marked.home };
}

const BASH: Record<string, Omit<Typed, 'shell'>> = {
  'what may not be changed stays as it is, without a complaint': { rc: 'readonly PS1\n', lines: ['echo a', 'false'] },
  'a PROMPT_COMMAND that may not be changed is left alone': { rc: 'readonly PROMPT_COMMAND="echo own"\n', lines: ['echo a'] },
  'prompts without variables in them show none of ours': { rc: '', lines: ['shopt -u promptvars', 'echo a', 'shopt -s promptvars', 'false'], told: [['shopt -u promptvars', null], ['false', 1]] },
  'unset variables are errors, of the user alone': { rc: 'set -u\n', lines: ['echo $none', 'echo b'], told: [['echo $none', 1], ['echo b', 0]] },
  'a trace shows the commands that were typed': { rc: '', lines: ['set -x', 'echo a', 'set +x'], told: [['set -x', 0], ['echo a', 0], ['set +x', 0]] },
  'functions and aliases named as what we use are not used': {
    rc: 'printf() { echo P; }; local() { echo L; }; trap() { echo T; }; shopt() { echo S; }\nalias printf=false history=false\n',
    lines: ['echo a', 'cd /'],
    told: [['echo a', 0], ['cd /', 0]],
  },
  'an exported prompt is the same in sh, and in a bash within that exports all': { rc: "export PS1='\\#> '\n", lines: ['PS1="2> " sh -c \'printf "%s" "${#PS1}"\'; echo', 'set -a', 'bash --norc -i <<< "echo within"; PS0=$PS0', 'bash --norc -i <<< "echo within"'] },
  'the first prompt tells how the startup files ended': { rc: "PS1='[$?] \\#> '\nfalse\n", lines: ['echo a'] },
  'options are those of a bash that never was posix': { rc: '', lines: ['shopt | md5sum; set -o | md5sum; bind -v | md5sum; echo $-'] },
};

for (const [name, typed] of Object.entries(BASH)) test.concurrent(`bash: ${name}`, async () => void (await same({ shell: 'bash', ...typed })));

const ZSH: Record<string, Omit<Typed, 'shell'>> = {
  'what may not be changed stays as it is, without a complaint': { rc: 'readonly PS1\n', lines: ['echo a', 'false'], told: [['echo a', 0], ['false', 1]] },
  'prompts without percent signs show none of ours': { rc: '', lines: ['unsetopt prompt_percent', 'echo a', 'setopt prompt_percent', 'false'] },
};
for (const [name, typed] of Object.entries(ZSH)) test.concurrent(`zsh: ${name}`, async () => void (await same({ shell: 'zsh', ...typed })));

test.concurrent('zsh: aliases and options of the first startup file are not read into the marks', async () => {
  const zshenv = 'alias local=false typeset=false if="echo IF"; setopt ksh_arrays nounset\n';
  await same({ shell: 'zsh', rc: '', first: { '.zshenv': zshenv }, lines: ['echo a', 'false'], told: [['echo a', 0], ['false', 1]] });
});

test.concurrent('fish: a prompt that ends with its line, as echo ends it, stays on one line', () =>
  same({ shell: 'fish', rc: '', lines: ['echo a', 'false'], told: [['echo a', 0], ['false', 1]] }).then(() => undefined));

test.concurrent('fish: the prompt that is shown, saved and taken away is the user’s own', async () => {
  const { home } = await same({ shell: 'fish', rc: '', lines: ['functions fish_prompt', 'funcsave fish_prompt', 'functions -e fish_prompt; function fish_prompt; printf "$n> "; end', 'echo b'] });
  expect(readFileSync(join(home, '.config/fish/functions/fish_prompt.fish'), 'utf8')).not.toContain('marks');
});
