// The environment that programs get: the user's own, without anything of this server or of
// what launched it, then the workspace's, then the session's.

const OWN = /^(DISPATCH_|TLS_|npm_)/;
const OWN_NAMES = new Set(['HOST', 'PORT', 'INIT_CWD', 'COLUMNS', 'LINES', 'TERM', 'TMUX', 'TMUX_PANE', 'STY']);
/** What `npx` and `bun run` put before the user's PATH. */
const LAUNCHER_PATH = /(\/node_modules\/\.bin|\/node-gyp-bin|\/bun-node-[^/]*)\/?$/;

/** The name that other terminals use for it too; by it what left the session is found again. */
const MARK = 'TERM_SESSION_ID';

export const sessionMark = (runId: string): string => `${MARK}=${runId}`;

export function childEnvironment(
  runId: string,
  base: Record<string, string | undefined>,
  ...layers: readonly Record<string, string>[]
): Record<string, string> {
  const env: Record<string, string> = {};
  const launched = Object.keys(base).some((name) => name.startsWith('npm_'));
  for (const [name, value] of Object.entries(base)) {
    if (value === undefined || OWN.test(name) || OWN_NAMES.has(name)) continue;
    env[name] = name === 'PATH' && launched ? withoutLauncher(value) : value;
  }
  return { ...env, TERM: 'xterm-256color', COLORTERM: 'truecolor', ...Object.assign({}, ...layers), [MARK]: runId };
}

function withoutLauncher(path: string): string {
  return path.split(':').filter((entry) => !LAUNCHER_PATH.test(entry)).join(':');
}
