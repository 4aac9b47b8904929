// The agents that there are: Claude Code, and what the settings add. None of them is part of
// this program; what is missing is told with the line that installs it.

import { isAbsolute } from 'node:path';
import type { SettingValues } from '../settings/categories.ts';

export type AgentSettings = SettingValues['agents'];

export interface Agent {
  id: string;
  label: string;
  /** What starts it; empty while it is not there. */
  command: string[];
  env: Record<string, string>;
  /** Set when a conversation begins and nothing was chosen: never one that asks nobody. */
  mode: string | null;
  available: boolean;
  /** Why not, for a person; null while it is. */
  problem: string | null;
  /** The line that installs what is missing; of one that is available, what may turn out to be missing. */
  install: string | null;
  /** The command that signs a person in; null where we know none. */
  signIn: string[] | null;
}

/** As the API shows it: no environment, for keys may be in it. */
export type ApiAgent = Pick<Agent, 'id' | 'label' | 'available' | 'problem' | 'install' | 'signIn'>;

export const DEFAULT_AGENT = 'claude';
const INSTALL_CLI = 'npm install -g @anthropic-ai/claude-code';
const INSTALL_CLAUDE = 'npm install -g @agentclientprotocol/claude-agent-acp @anthropic-ai/claude-code';

/** @param path the PATH that agents will have */
export function agentsOf(settings: AgentSettings, path: string): Agent[] {
  const others = Object.entries(settings.agents ?? {}).filter(([id]) => id !== DEFAULT_AGENT);
  return [claude(settings, path), ...others.map(([id, one]) => other(id, one, path))];
}

export const apiAgent = ({ id, label, available, problem, install, signIn }: Agent): ApiAgent => ({ id, label, available, problem, install, signIn });

/** What to say, and do, when the agent finds nobody signed in. */
export function signInWords({ label, signIn }: Agent): string {
  const how = signIn === null ? 'sign in with its own program' : `run \`${signIn.join(' ')}\` in a terminal`;
  return `${label} is not signed in: ${how}, then try again.`;
}

function claude(settings: AgentSettings, path: string): Agent {
  const { adapterPath, claudePath, apiKey } = settings;
  const own = settings.agents?.[DEFAULT_AGENT];
  const adapter = find(adapterPath ?? 'claude-agent-acp', path);
  const cli = find(claudePath ?? 'claude', path);
  const command = own?.command ?? (adapter === null ? [] : scripted(adapter, path));
  const problem =
    command.length === 0
      ? adapterPath === null
        ? 'Claude’s adapter (claude-agent-acp) is not on the PATH of this server.'
        : 'Claude’s adapter is not where the settings say (agents, adapterPath).'
      : claudePath !== null && cli === null
        ? 'Claude Code is not where the settings say (agents, claudePath).'
        : null;
  return {
    id: DEFAULT_AGENT,
    label: own?.label ?? 'Claude',
    command,
    env: {
      ...(cli === null ? {} : { CLAUDE_CODE_EXECUTABLE: cli }),
      ...(apiKey === null ? {} : { ANTHROPIC_API_KEY: apiKey }),
      ...own?.env,
    },
    mode: 'default',
    available: problem === null,
    problem,
    // Some installations of the adapter bring a Claude Code, others do not.
    install: problem !== null ? INSTALL_CLAUDE : cli === null ? INSTALL_CLI : null,
    // Without a Claude Code of its own, the adapter brings one.
    signIn: cli !== null ? [cli, 'auth', 'login'] : command.length === 0 ? null : [...command, '--cli', 'auth', 'login'],
  };
}

function other(id: string, { label, command, env }: NonNullable<AgentSettings['agents']>[string], path: string): Agent {
  const [program = '', ...args] = command;
  const found = find(program, path);
  return {
    id,
    label,
    command: found === null ? [] : [found, ...args],
    env,
    mode: null,
    available: found !== null,
    problem: found === null ? `${program} is not on the PATH of this server: install it, or change the command in the settings (agents).` : null,
    install: null,
    signIn: null,
  };
}

function find(program: string, path: string): string | null {
  if (isAbsolute(program) && /\.[cm]?js$/.test(program)) return Bun.file(program).size > 0 ? program : null;
  return Bun.which(program, { PATH: path });
}

/** A script needs what runs it. */
function scripted(program: string, path: string): string[] {
  if (!/\.[cm]?js$/.test(program)) return [program];
  const runner = Bun.which('node', { PATH: path }) ?? Bun.which('bun', { PATH: path });
  return runner === null ? [program] : [runner, program];
}
