// Who leads the winsize, and what it is. The leader is the last rw client that sent INPUT
// or LEAD, the first one until then; when it leaves, the most recently active one. Another's
// RESIZE is remembered, not applied; watching never resizes.

import { limits } from '../limits.ts';

export interface Winsize {
  cols: number;
  rows: number;
}

export interface WinsizeClient {
  mode: 'rw' | 'ro';
}

export interface WinsizeChange {
  /** Size to apply, where it differs from the present one. */
  apply?: Winsize;
  leaderChanged: boolean;
}

interface Known {
  wanted: Winsize | undefined;
  /** Order of the last INPUT or LEAD; 0 before the first. */
  activeAt: number;
}

export function clampWinsize({ cols, rows }: Winsize): Winsize {
  return {
    cols: Math.min(Math.max(cols, limits.winsizeColsMin), limits.winsizeColsMax),
    rows: Math.min(Math.max(rows, limits.winsizeRowsMin), limits.winsizeRowsMax),
  };
}

export class WinsizeRule<Client extends WinsizeClient> {
  readonly #clients = new Map<Client, Known>();
  #leader: Client | undefined;
  readonly #initial: () => Winsize;
  #known: Winsize | undefined;
  #clock = 0;

  /** `initial` is asked when the size is first needed: to know it may cost a look into the log. */
  constructor(initial: () => Winsize) {
    this.#initial = initial;
  }

  get current(): Winsize {
    return (this.#known ??= this.#initial());
  }

  get leader(): Client | undefined {
    return this.#leader;
  }

  /** `wanted`: what fits the client, where it said so. */
  join(client: Client, wanted: Winsize | undefined): WinsizeChange {
    this.#clients.set(client, { wanted: wanted && clampWinsize(wanted), activeAt: 0 });
    return this.#leader === undefined && client.mode === 'rw' ? this.#leadBy(client) : { leaderChanged: false };
  }

  leave(client: Client): WinsizeChange {
    this.#clients.delete(client);
    if (this.#leader !== client) return { leaderChanged: false };
    let next: Client | undefined;
    let latest = -1;
    for (const [other, known] of this.#clients) {
      if (other.mode !== 'rw' || known.activeAt <= latest) continue;
      next = other;
      latest = known.activeAt;
    }
    return this.#leadBy(next);
  }

  /** The client typed, or asked to lead. */
  lead(client: Client): WinsizeChange {
    const known = this.#clients.get(client);
    if (known === undefined || client.mode !== 'rw') return { leaderChanged: false };
    this.#clock += 1;
    known.activeAt = this.#clock;
    return this.#leader === client ? { leaderChanged: false } : this.#leadBy(client);
  }

  want(client: Client, wanted: Winsize): WinsizeChange {
    const known = this.#clients.get(client);
    if (known === undefined) return { leaderChanged: false };
    known.wanted = clampWinsize(wanted);
    return this.#leader === client ? this.#applied(known.wanted, false) : { leaderChanged: false };
  }

  /** A size from outside of the stream, while no client leads. */
  set(winsize: Winsize): WinsizeChange {
    return this.#applied(clampWinsize(winsize), false);
  }

  #leadBy(client: Client | undefined): WinsizeChange {
    this.#leader = client;
    const wanted = client && this.#clients.get(client)?.wanted;
    return wanted === undefined ? { leaderChanged: true } : this.#applied(wanted, true);
  }

  #applied(winsize: Winsize, leaderChanged: boolean): WinsizeChange {
    const { cols, rows } = this.current;
    if (winsize.cols === cols && winsize.rows === rows) return { leaderChanged };
    this.#known = winsize;
    return { apply: winsize, leaderChanged };
  }
}
