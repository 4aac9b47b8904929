// Real git repositories in temporary folders, with nobody's settings: an empty home, a name
// and an address by the environment.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { emptyHome } from './home.ts';

export const GIT_ENVIRONMENT: Record<string, string> = {
  PATH: process.env.PATH ?? '',
  HOME: emptyHome(),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};

export class Repository {
  readonly folder: string;

  /** In `folder`, which is made; without it in a temporary one. */
  constructor(folder = realpathSync(mkdtempSync(join(tmpdir(), 'dispatch-git-')))) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.git('init', '-q', '-b', 'main');
  }

  /** What git prints. @throws where it fails */
  git(...args: string[]): string {
    return gitIn(this.folder, ...args);
  }

  write(path: string, content: string | Uint8Array): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** All that there is, as one commit. */
  commit(message: string): string {
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', message);
    return this.git('rev-parse', 'HEAD').trim();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function gitIn(folder: string, ...args: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(['git', ...args], { cwd: folder, env: GIT_ENVIRONMENT });
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.toString()}`);
  return stdout.toString();
}
