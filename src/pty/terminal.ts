// One running terminal: the PTY, its output on the way to the log, its input with who typed,
// its winsize with who leads, and the clients that look. Everything that changes the screen
// is appended before it is done, so the log alone can rebuild it.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Exit, Host, Program } from '../sessions/kind.ts';
import type { ActivityState, ClientInfo } from '../sessions/session.ts';
import { CwdWatch } from './cwd.ts';
import { endTerminal } from './ending.ts';
import { OutputGather } from './gather.ts';
import { editsOpenly, inputData, isShell, keepsText, natureOf, type RecordInput } from './input.ts';
import { sessionMark } from './environment.ts';
import { processOf, ProcessWatch } from './processes.ts';
import { type OpenPty, termiosOf } from './pty.ts';
import { type Winsize, type WinsizeChange, WinsizeRule } from './winsize.ts';

/** An attached connection, as the terminal sees it. */
export interface TerminalClient {
  readonly client: string;
  readonly name: string;
  readonly mode: 'rw' | 'ro';
  /** Whether a person can see it: its page may be hidden. */
  readonly looks: boolean;
  /** Size or leader changed. */
  winsize(current: Winsize, leads: boolean): void;
  release(why: 'restarting' | 'deleted'): void;
}

export interface TerminalOptions {
  host: Host;
  winsize: () => Winsize;
  pty: OpenPty;
  /** Output before it is in the log: of another server's program. */
  offset: number;
  /** Where the program began; undefined where that is in the log. */
  cwd: string | undefined;
  recordInput: () => RecordInput;
  /** The program works until it ends, also where it is a shell: one that was given a command. */
  oneCommand: boolean;
  /** The last client has gone. */
  unwatched: () => void;
}

export class Terminal implements Program {
  readonly exited: Promise<Exit>;
  readonly #host: Host;
  readonly #pty: OpenPty;
  readonly #recordInput: () => RecordInput;
  readonly #rule: WinsizeRule<TerminalClient>;
  readonly #clients = new Set<TerminalClient>();
  readonly #output: OutputGather;
  /** The program itself: what it is called, and who has the foreground of its terminal. */
  readonly #program: ProcessWatch;
  readonly #cwd: CwdWatch;
  readonly #since = Date.now();
  /** Present where the program is the holder's. */
  readonly leave?: () => void;
  #stopping: Promise<void> | undefined;
  #departed: string[] = [];
  #ended = false;
  #seen: { state: ActivityState; since: number; detail: string | null };
  #look: ReturnType<typeof setTimeout> | undefined;
  readonly #oneCommand: boolean;
  readonly #unwatched: () => void;

  constructor({ host, winsize, pty, offset, cwd, recordInput, oneCommand, unwatched }: TerminalOptions) {
    this.#host = host;
    this.#oneCommand = oneCommand;
    this.#unwatched = unwatched;
    this.#recordInput = recordInput;
    this.#rule = new WinsizeRule(winsize);
    this.#seen = { state: 'idle', since: Date.now(), detail: null };
    this.#output = new OutputGather((events, holderOffset) => {
      host.log.append(events, { holderOffset, stored: () => pty.acknowledge?.(holderOffset) });
      host.touch(events.some(({ type }) => type === 'input') ? 'person' : 'program');
      this.#lookSoon();
    }, offset);
    this.#pty = pty;
    pty.listen({ output: (bytes) => this.#output.push(bytes), gap: (_, bytes) => this.#output.gap(bytes) });
    if (pty.leave !== undefined) this.leave = () => this.#leave();
    this.#program = new ProcessWatch(this.#pty.pid);
    this.#cwd = new CwdWatch(pty.pid, host.log, cwd);
    this.exited = pty.exited.then((end) => this.#end(end));
  }

  get winsize(): Winsize {
    return this.#rule.current;
  }

  /** From the API: recorded for `client`, never moves the lead. @throws AppError rate_limited */
  input(bytes: Uint8Array, client: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const refusal = this.#deliver(bytes, client, () => {
      this.#output.flush(); // Who gave it may look for it in the history at once.
      resolve();
    });
    if (refusal !== undefined) throw new AppError('rate_limited', refusal, { retryAfter: 1 });
    return promise;
  }

  /**
   * From an attached client. Taken whole or refused whole.
   * @returns why it was refused, or undefined
   */
  inputFrom(from: TerminalClient, bytes: Uint8Array): string | undefined {
    const nature = natureOf(bytes);
    // Every emulator that looks would answer a query; the program asked once, and the server's own answers.
    if (nature === 'reply') return undefined;
    const refusal = this.#deliver(bytes, from.client);
    if (refusal === undefined && nature === 'typed') this.#changed(this.#rule.lead(from));
    return refusal;
  }

  /** The screen's answer to what the program asked: nobody's input, so it is not recorded. */
  answer(bytes: Uint8Array): void {
    const room = this.#pty.pendingBytes + bytes.byteLength <= limits.inputPendingBytesMax;
    if (!this.#ended && room) this.#pty.write(bytes);
  }

  /** From the API, while no client leads. @throws AppError conflict */
  resize(winsize: Winsize): void {
    if (this.#rule.leader !== undefined) {
      throw new AppError('conflict', 'An attached device leads the size of this terminal.', { conflict: {} });
    }
    this.#changed(this.#rule.set(winsize), 'api');
  }

  resizeFrom(from: TerminalClient, winsize: Winsize): void {
    this.#changed(this.#rule.want(from, winsize), from.client);
  }

  leadBy(from: TerminalClient): void {
    this.#changed(this.#rule.lead(from), from.client);
  }

  /** Appends `attach`; the caller has begun to listen. `wanted` counts as the client's RESIZE. */
  attach(client: TerminalClient, wanted: Winsize | undefined): void {
    this.#clients.add(client);
    this.#append('attach', { ...presence(client), ...(client.looks ? {} : { away: true }) });
    const change = this.#rule.join(client, wanted);
    this.#changed(change, client.client, client);
    client.winsize(this.#rule.current, this.#rule.leader === client);
    this.#host.touch('person');
    this.#host.changed();
  }

  detach(client: TerminalClient, reason?: string): void {
    if (!this.#clients.delete(client)) return;
    const change = this.#rule.leave(client);
    if (!this.#ended) {
      this.#append('detach', { ...presence(client), ...(reason === undefined ? {} : { reason }) });
      this.#changed(change);
    }
    this.#host.changed();
    if (this.#clients.size === 0) this.#unwatched();
  }

  /** A client's page was hidden, or is seen again. */
  looked(): void {
    this.#host.changed();
  }

  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      this.#cwd.look();
      this.#departed = await endTerminal(this.#pty.pid, sessionMark(this.#host.runId));
      await this.#pty.exited;
    })();
    return this.#stopping;
  }

  activity(): { state: ActivityState; since: number; detail: string | null } {
    const leader = this.#program.look();
    const shellWaits = leader !== undefined && isShell(leader.name) && leader.foreground === leader.pgid;
    const working = leader !== undefined && (!shellWaits || this.#oneCommand);
    const inFront = working && leader.foreground > 0 ? processOf(leader.foreground) : undefined;
    const name = working ? (inFront ?? leader).name : null;
    const state = working ? 'working' : 'idle';
    const same = this.#seen.state === state && this.#seen.detail === name;
    if (!same) this.#seen = { state, since: Date.now(), detail: name };
    return this.#seen;
  }

  clients(): ClientInfo[] {
    return [...this.#clients].map((client) => ({
      client: client.client,
      name: client.name,
      mode: client.mode,
      leads: this.#rule.leader === client,
      ...(client.looks ? {} : { away: true as const }),
    }));
  }

  release(why: 'restarting' | 'deleted'): void {
    for (const client of [...this.#clients]) client.release(why);
  }

  endStored(): void {
    this.#pty.release?.();
  }

  #end({ exitCode, exitSignal, at = Date.now(), lost = null }: Awaited<OpenPty['exited']>): Exit {
    this.#ended = true;
    clearTimeout(this.#look);
    this.#program.dispose();
    this.#cwd.dispose();
    this.#output.end();
    if (lost !== null) return { exitCode, exitSignal, reason: lost, failed: true };
    const left = this.#departed.join(', ');
    const before = at < this.#since ? `ended ${new Date(at).toISOString()}, while no server ran` : null;
    return { exitCode, exitSignal, reason: left === '' ? before : `stopped; still running because they left the session: ${left}` };
  }

  #leave(): void {
    this.#cwd.look();
    this.#pty.leave?.();
    clearTimeout(this.#look);
    this.#output.leave();
    this.#ended = true;
  }

  /** Once per interval, also while output never pauses. */
  #lookSoon(): void {
    if (this.#ended) return;
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      this.#cwd.look();
      const before = this.#seen;
      if (this.activity() !== before) this.#host.changed();
    }, limits.activityLookMs);
  }

  #deliver(bytes: Uint8Array, client: string, recorded?: () => void): string | undefined {
    if (this.#ended) return 'The program has ended.';
    const unread = this.#pty.pendingBytes;
    if (unread + bytes.byteLength > limits.inputPendingBytesMax) {
      return `The program has not read the last ${unread} bytes: nothing of this was taken. Try again when it reads.`;
    }
    // Asked before the program has the bytes, for they may change the answer.
    const rule = this.#recordInput();
    const inFront = rule === 'redact' && this.#shellInFront();
    const copy = new Uint8Array(bytes); // The holder's answer comes when the frame's memory is used again.
    this.#pty.write(bytes, (flags) => {
      const audience = flags && { termios: termiosOf(flags), shellInFront: () => inFront };
      const keep = audience === undefined ? rule === 'all' : keepsText(rule, audience);
      this.#output.add({ channel: 'stdin', type: 'input', data: inputData(copy, client, keep) });
      recorded?.();
    });
    return undefined;
  }

  #shellInFront(): boolean {
    const leader = this.#program.look();
    return leader !== undefined && leader.foreground === leader.pgid && editsOpenly(leader.name);
  }

  #changed(change: WinsizeChange, client = this.#rule.leader?.client, except?: TerminalClient): void {
    if (change.apply !== undefined && !this.#ended) {
      this.#append('resize', { ...change.apply, ...(client === undefined ? {} : { client }) });
      this.#pty.resize(change.apply);
    }
    if (change.apply === undefined && !change.leaderChanged) return;
    for (const other of this.#clients) {
      if (other !== except) other.winsize(this.#rule.current, this.#rule.leader === other);
    }
    if (change.leaderChanged) this.#host.changed();
  }

  /** What was printed and typed so far comes first: of a size, what was printed at the old one. */
  #append(type: string, data: Record<string, string | number | boolean>): void {
    this.#output.flush();
    this.#host.log.append([{ channel: 'system', type, data }]);
  }
}

const presence = ({ client, name, mode }: TerminalClient): Record<string, string> => ({ client, name, mode });
