// Before any test: the programs that the tests drive are there, or what to install is said. After
// all of them: what they shared goes.

import { afterAll } from 'bun:test';
import { existsSync, renameSync } from 'node:fs';
import { end } from './support/at-end.ts';

afterAll(end);

/** Program to its Debian package. */
const NEEDED: readonly [string, string][] = [
  ['chromium', 'chromium'],
  ['vim', 'vim'],
  ['htop', 'htop'],
  ['less', 'less'],
  ['fish', 'fish'],
  ['zsh', 'zsh'],
  ['git', 'git'],
];

// What is bundled for the browser, from the source as it is; another run may be reading the last one.
const bundle = `build/editor.${process.pid}.js`;
const bundled = Bun.spawnSync([process.execPath, 'build', 'public/editor/main.js', '--minify', '--target', 'browser', '--outfile', bundle]);
if (bundled.exitCode !== 0) throw new Error(`The editor could not be bundled: ${bundled.stderr.toString()}`);
renameSync(bundle, 'build/editor.js');

const missing = NEEDED.filter(([program]) => Bun.which(program) === null).map(([, name]) => name);
if (missing.length > 0) install(missing);

function install(packages: string[]): void {
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    process.stderr.write(`The tests need ${packages.join(', ')}: install with \`${command.join(' ')}\`, or what your system has in its place.\n`);
    process.exit(1);
  }
  process.stderr.write(`The tests need ${packages.join(', ')}: installing with apt.\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  Bun.spawnSync(['apt-get', 'update'], { env, stdout: 'ignore', stderr: 'inherit' });
  const { exitCode } = Bun.spawnSync(command, { env, stdout: 'ignore', stderr: 'inherit' });
  if (exitCode !== 0) {
    process.stderr.write(`\`${command.join(' ')}\` failed: install ${packages.join(', ')} by hand.\n`);
    process.exit(1);
  }
}
