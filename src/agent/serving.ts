// What an agent may ask of its client beside a person: files of the workspace, and terminals,
// which are sessions like any other, so that people can look into them.

import { AppError, invalid } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import type { ClientServing } from './asked.ts';
import { type FilePolicy, readTextFile, writeTextFile } from './files.ts';
import { numberIn, objectsIn, textIn } from './read.ts';

export interface TerminalState {
  /** What it printed, as text; `truncated` where the beginning is missing. */
  output: string;
  truncated: boolean;
  exit: { exitCode: number | null; signal: string | null } | null;
}

/** Terminal sessions, as the session core makes them. */
export interface Terminals {
  /** @returns the session's id. @throws AppError */
  create(meta: { command: string[]; cwd?: string; env?: Record<string, string> }, name: string): Promise<string>;
  /** One that was made for an agent before this server began. */
  claim(id: string): void;
  state(id: string, bytesMax: number): TerminalState;
  /** Resolves when the program has ended. */
  ended(id: string): Promise<void>;
  stop(id: string): Promise<void>;
}

export interface ServingParts {
  policy: FilePolicy;
  terminals: Terminals;
  append: (events: NewEvent[]) => void;
}

export class AgentServing implements ClientServing {
  readonly #parts: ServingParts;
  /** Of this agent; others it cannot name. Output limit by id. */
  readonly #terminals = new Map<string, number>();

  constructor(parts: ServingParts) {
    this.#parts = parts;
  }

  async serve(method: string, params: JsonObject): Promise<JsonObject | undefined> {
    switch (method) {
      case 'fs/read_text_file':
        return { content: readTextFile(this.#parts.policy, pathIn(params), numberIn(params.line), numberIn(params.limit)) };
      case 'fs/write_text_file':
        return this.#write(pathIn(params), textIn(params.content) ?? '');
      case 'terminal/create':
        return { terminalId: await this.#create(params) };
      case 'terminal/output':
        return this.#output(this.#terminal(params));
      case 'terminal/wait_for_exit': {
        const id = this.#terminal(params);
        await this.#parts.terminals.ended(id);
        return { ...(this.#parts.terminals.state(id, 0).exit ?? { exitCode: null, signal: null }) };
      }
      case 'terminal/kill':
        await this.#parts.terminals.stop(this.#terminal(params));
        return {};
      case 'terminal/release': {
        const id = this.#terminal(params);
        this.#terminals.delete(id);
        await this.#parts.terminals.stop(id);
        return {};
      }
      default:
        return undefined;
    }
  }

  recall(terminals: ReadonlyMap<string, number>): void {
    for (const [id, bytesMax] of terminals) {
      this.#terminals.set(id, bytesMax);
      this.#parts.terminals.claim(id);
    }
  }

  /** What the agent leaves behind ends with it. */
  dispose(): void {
    for (const id of this.#terminals.keys()) void this.#parts.terminals.stop(id).catch(() => {});
    this.#terminals.clear();
  }

  #write(path: string, content: string): JsonObject {
    const bytes = writeTextFile(this.#parts.policy, path, content);
    this.#parts.append([{ channel: 'system', type: 'file', data: { op: 'write', path, bytes } }]);
    return {};
  }

  async #create(params: JsonObject): Promise<string> {
    if (this.#terminals.size >= limits.agentTerminalsMax) {
      throw new AppError('conflict', `An agent has at most ${limits.agentTerminalsMax} terminals: release one first.`);
    }
    const program = textIn(params.command) ?? '';
    if (program === '') throw invalid('command', 'Must be a program.');
    const args = Array.isArray(params.args) ? params.args.filter((arg) => typeof arg === 'string') : [];
    // A whole line is for a shell; a program with its arguments is run as it is.
    const command = args.length === 0 && /\s/.test(program) ? ['/bin/sh', '-c', program] : [program, ...args];
    const cwd = textIn(params.cwd);
    const meta = { command, ...(cwd === undefined ? {} : { cwd }), env: environmentIn(params.env) };
    const id = await this.#parts.terminals.create(meta, [program, ...args].join(' '));
    const limit = numberIn(params.outputByteLimit) ?? limits.agentTerminalBytesMax;
    const bytesMax = Math.min(Math.max(0, limit), limits.agentTerminalBytesMax);
    this.#terminals.set(id, bytesMax);
    this.#parts.append([{ channel: 'system', type: 'terminal', data: { terminal: id, bytesMax } }]);
    return id;
  }

  #output(id: string): JsonObject {
    const { output, truncated, exit } = this.#parts.terminals.state(id, this.#terminals.get(id) ?? 0);
    return { output, truncated, ...(exit === null ? {} : { exitStatus: { ...exit } }) };
  }

  #terminal(params: JsonObject): string {
    const id = textIn(params.terminalId);
    if (id === undefined || !this.#terminals.has(id)) throw new AppError('not_found', 'There is no such terminal.');
    return id;
  }
}

function pathIn(params: JsonObject): string {
  const path = textIn(params.path);
  if (path === undefined) throw invalid('path', 'Must be an absolute path.');
  return path;
}

function environmentIn(value: JsonValue | undefined): Record<string, string> {
  const entries = objectsIn(value).flatMap(({ name, value: text }) => (typeof name === 'string' && typeof text === 'string' ? [[name, text] as const] : []));
  return Object.fromEntries(entries.filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('DISPATCH_')));
}

/** Whether a tool call's content names a terminal. */
export const terminalIn = (content: JsonValue | undefined): string | undefined =>
  isJsonObject(content) && content.type === 'terminal' ? textIn(content.terminal) : undefined;
