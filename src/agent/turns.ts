// The turns of a live conversation: one at a time. A prompt goes when the agent rests, else it
// waits; after a turn that somebody cancelled, or that failed, what waits asks first.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import { AgentGone } from './peer.ts';
import { type Prompt, promptJson, PromptQueue } from './prompts.ts';

export interface Turn {
  prompt: string;
  /** ms. */
  since: number;
  /** What the agent does in it, for people. */
  detail: string;
  cancelled: boolean;
}

export interface TurnsParts {
  append: (events: NewEvent[]) => void;
  changed: () => void;
  /** Resolves with why the turn ended. */
  run: (prompt: Prompt) => Promise<string>;
  /** Tells the agent to end the turn. */
  cancel: (by: string) => void;
  /** A turn failed: what to log of it. */
  failed: (error: unknown) => void;
  /** Something has to be said. */
  warn: (message: string) => void;
}

export class Turns {
  readonly queue: PromptQueue;
  readonly #parts: TurnsParts;
  #ready = false;
  #current: Turn | undefined;
  #idleSince = Date.now();
  /** Given since the agent began to start, the first of them. */
  #first: string | undefined;
  #late: ReturnType<typeof setTimeout> | undefined;
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: TurnsParts) {
    this.#parts = parts;
    this.queue = new PromptQueue(parts.append);
  }

  get current(): Turn | undefined {
    return this.#current;
  }

  get ready(): boolean {
    return this.#ready;
  }

  get idleSince(): number {
    return this.#idleSince;
  }

  /** @throws AppError conflict when too many wait */
  say(prompt: Prompt): 'sent' | 'queued' {
    if (this.#ready && this.#current === undefined) {
      this.#send(prompt);
      return 'sent';
    }
    this.queue.add(prompt);
    // Said to an agent that starts again: meant for it, whatever waits from before.
    if (!this.#ready) this.#first ??= prompt.id;
    this.#parts.changed();
    return 'queued';
  }

  /** @throws AppError conflict while the agent works, or when the prompt has gone */
  sendQueued(id: string): void {
    if (!this.#ready || this.#current !== undefined) {
      throw new AppError('conflict', 'The agent is busy: the prompt goes when it is done. Cancel the turn to send it now.');
    }
    const prompt = this.queue.take(id);
    if (prompt !== undefined) this.#send(prompt);
  }

  /** The agent can be spoken to. @param go whether what waits goes by itself */
  open(go: boolean): void {
    this.#ready = true;
    this.#idleSince = Date.now();
    if (this.#current !== undefined) return;
    const first = this.#first;
    if (go) this.#next();
    else if (first !== undefined && this.queue.list().some(({ id }) => id === first)) this.sendQueued(first);
  }

  /** @returns whether there was a turn to cancel */
  cancel(by: string): boolean {
    const turn = this.#current;
    if (turn === undefined) return false;
    if (!turn.cancelled) this.#parts.append([{ channel: 'stdin', type: 'cancel', data: { prompt: turn.prompt, client: by } }]);
    turn.cancelled = true;
    this.#parts.cancel(by);
    clearTimeout(this.#late);
    this.#late = setTimeout(() => {
      if (this.#current === turn) this.#parts.warn('The agent does not react to being cancelled. Stop the session to end it.');
    }, limits.agentCancelMs);
    this.#parts.changed();
    return true;
  }

  /** A turn that another server began, and what it ends with. */
  adopt(prompt: string, since: number, end: Promise<string>): void {
    const turn: Turn = { prompt, since, detail: 'working', cancelled: false };
    this.#current = turn;
    this.#await(turn, end);
  }

  /** Nothing more is logged from here. */
  leave(): void {
    this.#ready = false;
    clearTimeout(this.#late);
    clearTimeout(this.#telling);
    this.#current = undefined;
  }

  /** What the agent does now. It may change a thousand times a second: that is told as often as news go out. */
  doing(detail: string): void {
    if (this.#current === undefined || this.#current.detail === detail) return;
    this.#current.detail = detail;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#parts.changed();
    }, 1000 / limits.newsPerSecondMax);
  }

  /** No answer comes any more. */
  close(reason: 'interrupted' | 'cancelled'): void {
    this.#ready = false;
    clearTimeout(this.#late);
    clearTimeout(this.#telling);
    if (this.#current !== undefined) this.#ended(this.#current, reason);
  }

  #send(prompt: Prompt): void {
    this.#parts.append([{ channel: 'stdin', type: 'prompt', data: promptJson(prompt) }]);
    const turn: Turn = { prompt: prompt.id, since: Date.now(), detail: 'thinking', cancelled: false };
    this.#current = turn;
    this.#parts.changed();
    this.#await(turn, this.#parts.run(prompt));
  }

  #await(turn: Turn, end: Promise<string>): void {
    void end.then(
      (reason) => {
        if (this.#current !== turn) return;
        this.#ended(turn, turn.cancelled ? 'cancelled' : reason);
        // After a cancel people decide themselves what goes next.
        if (!turn.cancelled) this.#next();
      },
      (error: unknown) => {
        // Where the agent is gone, `close` ends the turn.
        if (this.#current !== turn || error instanceof AgentGone) return;
        this.#parts.failed(error);
        this.#ended(turn, turn.cancelled ? 'cancelled' : 'error');
      },
    );
  }

  #ended(turn: Turn, reason: string): void {
    clearTimeout(this.#late);
    this.#current = undefined;
    this.#idleSince = Date.now();
    this.#parts.append([{ channel: 'system', type: 'stop', data: { prompt: turn.prompt, reason } }]);
    this.#parts.changed();
  }

  #next(): void {
    const prompt = this.queue.take();
    if (prompt !== undefined) this.#send(prompt);
  }
}
