// Shell integration: bash, zsh and fish tell by marks in their output what their commands are. The
// scripts lie in the data folder and are handed to a shell when it starts; no file of the user's is
// touched, and the shell reads the user's own startup files as it would have without.

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import bash from './marks.bash' with { type: 'text' };
import fish from './marks.fish' with { type: 'text' };
import zsh from './marks.zsh' with { type: 'text' };

/** What a terminal starts: the program with its arguments, and its environment. */
export interface Launch {
  command: readonly string[];
  env: Record<string, string>;
}

/** Arguments of a shell that waits for a person; with any other it is left alone. */
const PLAIN = new Set(['-l', '-i', '-il', '-li', '--login', '--interactive']);

/** Where each script lies below the folder; zsh looks for a file of that name. */
const SCRIPTS: Record<string, string> = { 'marks.bash': bash, 'zsh/.zshenv': zsh, 'marks.fish': fish };

export class ShellIntegration {
  readonly #folder: string;
  #written = false;

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'shell');
  }

  /** The same program, with marks where it is a shell that can give them. */
  apply(launch: Launch): Launch {
    const [program = '', ...args] = launch.command;
    if (!args.every((argument) => PLAIN.has(argument))) return launch;
    switch (basename(program)) {
      case 'bash':
        return this.#bash(program, args, launch.env);
      case 'zsh':
        return this.#zsh(launch);
      case 'fish':
        return { ...launch, command: [program, ...args, '--init-command', `source ${quoted(this.#path('marks.fish'))}`] };
      default:
        return launch;
    }
  }

  /** As a POSIX shell bash reads ENV and nothing else: the script then reads all else, as bash. */
  #bash(program: string, args: readonly string[], env: Record<string, string>): Launch {
    const marks = {
      ENV: this.#path('marks.bash'),
      ...(env.ENV === undefined ? {} : { SHELL_MARKS_ENV: env.ENV }),
      ...(env.HISTFILE === undefined ? { SHELL_MARKS_HISTORY: '1' } : {}),
    };
    return { command: [program, '--posix', ...args], env: { ...env, ...marks } };
  }

  #zsh({ command, env }: Launch): Launch {
    const own = env.ZDOTDIR === undefined ? {} : { SHELL_MARKS_ZDOTDIR: env.ZDOTDIR };
    return { command, env: { ...env, ...own, ZDOTDIR: dirname(this.#path('zsh/.zshenv')) } };
  }

  #path(name: string): string {
    this.#write();
    return join(this.#folder, name);
  }

  /** Once per server: a shell that starts meanwhile reads the old one or the new one, never a part. */
  #write(): void {
    if (this.#written) return;
    for (const [name, text] of Object.entries(SCRIPTS)) {
      const path = join(this.#folder, name);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
      writeFileSync(`${path}.new`, text, { mode: 0o600 });
      chmodSync(`${path}.new`, 0o600);
      renameSync(`${path}.new`, path);
    }
    this.#written = true;
  }
}

/** For fish. */
const quoted = (path: string): string => `'${path.replace(/[\\']/g, '\\$&')}'`;
