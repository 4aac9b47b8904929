// The terminal as a kind of session: what its meta may say, and how its program starts.

import { statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { AppError, invalid } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import type { Host, Kind } from '../sessions/kind.ts';
import type { SessionLog } from '../sessions/log.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { cwdOf } from './cwd.ts';
import { childEnvironment } from './environment.ts';
import { OWN_PROGRAMS, type Programs } from './holding.ts';
import type { RecordInput } from './input.ts';
import type { OpenPty } from './pty.ts';
import type { Screens } from './screen/screens.ts';
import type { Launch } from './shell/integration.ts';
import { Terminal, type TerminalOptions } from './terminal.ts';
import { clampWinsize, type Winsize } from './winsize.ts';

const DEFAULT_WINSIZE: Winsize = { cols: 80, rows: 24 };

/**
 * Leave the alternate screen, soft reset, colours off, a line of its own: then the divider. The
 * cursor is saved first, for without an alternate screen `1049l` still goes to where it was saved.
 */
const DIVIDER = '\x1b7\x1b[?1049l\x1b[!p\x1b[0m\r\n\x1b[2m── resumed ──\x1b[0m\r\n';

export interface TerminalKindParts {
  /** Real path of `candidate` inside the workspace. @throws AppError invalid */
  insideWorkspace: (workspacePath: string, candidate: string) => string;
  /** Setting terminal.recordInput as it holds in the workspace. */
  recordInput: (workspace: Workspace) => RecordInput;
  /** Setting workspaces.defaultShell as it holds in the workspace; null for the user's own. */
  defaultShell: (workspace: Workspace) => string | null;
  /** Makes a shell tell of its commands, where the workspace wants that. */
  integrate?: (launch: Launch, workspace: Workspace) => Launch;
  /** Environment of this server, from which the children's is made. */
  environment: Record<string, string | undefined>;
  /** Who keeps the programs; this process where nothing is given. */
  programs?: Programs;
  screens: () => Pick<Screens, 'follow' | 'signal' | 'keep' | 'ended' | 'drop'>;
  /** Up to where a session's output was looked through for titles, bells and the like. */
  derivedThrough: (runId: string) => number;
}

interface Meta {
  command?: string[];
  cwd?: string;
  env?: Record<string, string>;
  cols?: number;
  rows?: number;
}

export class TerminalKind implements Kind {
  readonly name = 'terminal';
  readonly #parts: TerminalKindParts;
  readonly #programs: Programs;
  readonly #live = new Map<string, Terminal>();

  constructor(parts: TerminalKindParts) {
    this.#parts = parts;
    this.#programs = parts.programs ?? OWN_PROGRAMS;
  }

  meta(given: JsonObject, workspace: Workspace): JsonObject {
    const checked = checkedMeta(given);
    if (checked.cwd !== undefined) this.#cwd(checked.cwd, workspace);
    return given;
  }

  defaultName(meta: JsonObject): string {
    const program = checkedMeta(meta).command?.[0];
    const name = program?.split('/').at(-1)?.replace(/\p{Cc}/gu, '').slice(0, limits.sessionNameLengthMax).trim();
    return name === undefined || name === '' ? 'Terminal' : name;
  }

  opening(meta: JsonObject, resumed: boolean, log: SessionLog): NewEvent[] {
    const winsize = lastWinsize(log) ?? winsizeOf(checkedMeta(meta));
    const opening: NewEvent[] = [{ channel: 'system', type: 'resize', data: { ...winsize } }];
    if (resumed) opening.push({ channel: 'system', type: 'output', data: Buffer.from(DIVIDER) });
    return opening;
  }

  async start(host: Host): Promise<Terminal> {
    const { workspace } = host;
    const meta = checkedMeta(host.meta);
    const cwd = this.#folder(host, meta.cwd);
    const layers = [{ PWD: cwd }, envOf(workspace.metadata.env), meta.env ?? {}];
    const env = childEnvironment(host.runId, this.#parts.environment, ...layers);
    const shell = this.shell(workspace);
    const command = meta.command ?? [shell, '-l'];
    const winsize = lastWinsize(host.log) ?? winsizeOf(meta);
    const plain: Launch = { command, env: { SHELL: shell, HOME: homedir(), ...env } };
    const launch = this.#parts.integrate?.(plain, workspace) ?? plain;
    const request = { command: [...launch.command], cwd, env: launch.env, mode: 'pty' as const, ...winsize };
    return this.#terminal(host, await this.#programs.start(host.runId, request), { offset: 0, cwd, winsize: () => winsize });
  }

  adopt(host: Host, offset: number): Terminal | undefined {
    const pty = this.#programs.adopt(host.runId, offset);
    // A look into the log for each would make the start of a server slow.
    const winsize = (): Winsize => lastWinsize(host.log) ?? winsizeOf(checkedMeta(host.meta));
    return pty && this.#terminal(host, pty, { offset, cwd: undefined, winsize });
  }

  #terminal(host: Host, pty: OpenPty, start: Pick<TerminalOptions, 'offset' | 'cwd' | 'winsize'>): Terminal {
    const { workspace } = host;
    const meta = checkedMeta(host.meta);
    const { head } = host.log; // What is printed after it is answered, also where that was there before us.
    const terminal = new Terminal({
      host,
      ...start,
      pty,
      recordInput: () => this.#parts.recordInput(workspace),
      oneCommand: givesCommand(meta.command ?? []),
      unwatched: () => this.#parts.screens().keep(host.runId),
    });
    this.#began(host, terminal, head);
    return terminal;
  }

  /** Where the program begins: where it was before a resume, unless that is gone. @throws AppError invalid */
  #folder({ log, workspace }: Host, wanted: string | undefined): string {
    const last = cwdOf(log.latest('cwd'));
    if (last !== undefined && isFolder(last)) return last;
    const cwd = wanted === undefined ? workspace.path : this.#cwd(wanted, workspace);
    if (!isFolder(cwd)) throw new AppError('invalid', 'The folder that the program should start in is gone.');
    return cwd;
  }

  /** Its screen follows what it prints from now on, and answers it. */
  #began({ runId, log }: Host, terminal: Terminal, head: number): void {
    const screens = this.#parts.screens();
    this.#live.set(runId, terminal);
    screens.follow(runId, head, this.#parts.derivedThrough(runId));
    screens.signal(runId, log.head);
    const unlisten = log.listen({
      event: ({ sequence }) => screens.signal(runId, sequence),
      closed: (why) => why === 'deleted' && screens.drop(runId),
    });
    void terminal.exited.then(() => {
      this.#live.delete(runId);
      unlisten();
      screens.ended(runId, log.head);
    });
  }

  /** The live terminal of a session, if it is one and lives. */
  terminal(runId: string): Terminal | undefined {
    return this.#live.get(runId);
  }

  /** The shell that a session of this workspace would be given. */
  shell(workspace: Workspace): string {
    const chosen = workspace.metadata.shell;
    if (typeof chosen === 'string' && chosen !== '') return chosen;
    return this.#parts.defaultShell(workspace) ?? this.#parts.environment.SHELL ?? userInfo().shell ?? '/bin/sh';
  }

  #cwd(candidate: string, workspace: Workspace): string {
    try {
      return this.#parts.insideWorkspace(workspace.path, candidate);
    } catch (error) {
      if (error instanceof AppError) throw invalid('meta.cwd', error.message);
      throw error;
    }
  }
}

/** An absolute path, for what a program tells of itself may be anything. */
const isFolder = (path: string): boolean => path.startsWith('/') && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The size that the session had last, before a resume or under another server. */
function lastWinsize(log: SessionLog): Winsize | undefined {
  const data = log.latest('resize')?.data;
  if (data === undefined || data instanceof Uint8Array) return undefined;
  return winsizeOf({ cols: Number(data.cols), rows: Number(data.rows) });
}

/** `sh -c '…'` and `sh script` do one thing and end; `sh -l` waits for a person. */
function givesCommand(command: readonly string[]): boolean {
  return command.slice(1).some((argument) => !argument.startsWith('-') || /^-[a-z]*c$/i.test(argument));
}

export function winsizeOf(meta: { cols?: number; rows?: number }): Winsize {
  return clampWinsize({ cols: meta.cols ?? DEFAULT_WINSIZE.cols, rows: meta.rows ?? DEFAULT_WINSIZE.rows });
}

function checkedMeta(given: JsonObject): Meta {
  const meta: Meta = {};
  for (const [field, value] of Object.entries(given)) {
    if (field === 'command') meta.command = checkedCommand(value);
    else if (field === 'cwd') meta.cwd = checkedText(value, 'meta.cwd', limits.pathBytesMax);
    else if (field === 'env') meta.env = checkedEnv(value);
    else if (field === 'cols') meta.cols = checkedCount(value, field, limits.winsizeColsMin, limits.winsizeColsMax);
    else if (field === 'rows') meta.rows = checkedCount(value, field, limits.winsizeRowsMin, limits.winsizeRowsMax);
    else throw invalid(`meta.${field}`, 'A terminal takes command, cwd, env, cols and rows; nothing else.');
  }
  return meta;
}

function checkedText(value: JsonValue, field: string, bytesMax: number): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0') || Buffer.byteLength(value) > bytesMax) {
    throw invalid(field, `Must be a text of 1 to ${bytesMax} bytes without NUL.`);
  }
  return value;
}

function checkedCommand(value: JsonValue): string[] {
  const field = 'meta.command';
  if (!Array.isArray(value) || value.length === 0 || value.length > limits.commandArgumentsMax) {
    const most = limits.commandArgumentsMax;
    throw invalid(field, `Must be a list of 1 to ${most} texts: the program, then its arguments.`);
  }
  const command = value.map((part, index) => {
    if (typeof part === 'string' && !part.includes('\0') && (index > 0 || part !== '')) return part;
    throw invalid(`${field}.${index}`, 'Must be a text without NUL.');
  });
  if (Buffer.byteLength(command.join('\0')) > limits.commandBytesMax) {
    throw invalid(field, `Must be at most ${limits.commandBytesMax} bytes.`);
  }
  return command;
}

function checkedEnv(value: JsonValue): Record<string, string> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw invalid('meta.env', 'Must be an object of names and texts.');
  }
  const entries = Object.entries(value);
  if (entries.length > limits.envNamesMax) throw invalid('meta.env', `Must have at most ${limits.envNamesMax} names.`);
  for (const [name, text] of entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith('DISPATCH_')) {
      throw invalid(`meta.env.${name}`, 'A name has letters, digits and _, no digit first, and not DISPATCH_.');
    }
    if (typeof text !== 'string' || text.includes('\0') || Buffer.byteLength(text) > limits.envValueBytesMax) {
      throw invalid(`meta.env.${name}`, `Must be a text of at most ${limits.envValueBytesMax} bytes without NUL.`);
    }
  }
  return envOf(value);
}

/** The texts of an environment map. */
function envOf(value: JsonValue | undefined): Record<string, string> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  const isText = (entry: [string, JsonValue]): entry is [string, string] => typeof entry[1] === 'string';
  return Object.fromEntries(Object.entries(value).filter(isText));
}

function checkedCount(value: JsonValue, field: 'cols' | 'rows', min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalid(`meta.${field}`, `Must be a whole number from ${min} to ${max}.`);
  }
  return value;
}
