// Tells a connection that is silent from one that is gone: a ping now and then, and an end
// where no pong came for too long.

import { limits } from '../limits.ts';

export interface HeartbeatTimes {
  /** ms between pings. */
  pingIntervalMs: number;
  /** ms without a pong after which the other side is gone. */
  pongTimeoutMs: number;
}

export interface HeartbeatActions {
  ping(): void;
  lost(): void;
}

export class Heartbeat {
  readonly #pings: ReturnType<typeof setInterval>;
  readonly #silence: ReturnType<typeof setTimeout>;

  constructor({ ping, lost }: HeartbeatActions, times: HeartbeatTimes = limits) {
    this.#pings = setInterval(ping, times.pingIntervalMs);
    this.#silence = setTimeout(lost, times.pongTimeoutMs);
  }

  pong(): void {
    this.#silence.refresh();
  }

  dispose(): void {
    clearInterval(this.#pings);
    clearTimeout(this.#silence);
  }
}
