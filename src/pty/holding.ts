// Who keeps the programs of this server's terminals: a holder, which outlives the server, or
// this process. A program that another server left in a holder is adopted in either case.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { endMembers } from './ending.ts';
import { HolderClient } from './holder/client.ts';
import { otherHolders } from './holder/foreign.ts';
import type { HeldSession, SpawnRequest } from './holder/frames.ts';
import type { HeldPty } from './holder/held-pty.ts';
import { processOf } from './processes.ts';
import { type OpenPty, Pty } from './pty.ts';

/** What a terminal needs of it. */
export interface Programs {
  /** @throws AppError why the program could not be started */
  start(id: string, request: SpawnRequest): Promise<OpenPty>;
  /** The program that another server left alive, if there is one; what it printed comes from `offset` on. */
  adopt(id: string, offset: number): OpenPty | undefined;
}

export interface HoldingOptions {
  dataFolder: string;
  /** Whether new programs go to a holder. */
  holder: boolean;
  report: (line: string) => void;
}

/** Programs of this process: they end with it. */
export const OWN_PROGRAMS: Programs = {
  start: async (_, { command, cwd, env, cols, rows }) => new Pty({ command, cwd, env, winsize: { cols, rows } }),
  adopt: () => undefined,
};

export class Holding implements Programs {
  readonly #options: HoldingOptions;
  readonly #client: HolderClient;
  /** What was held when we came, and nobody has adopted. */
  readonly #found: Map<string, HeldSession>;

  private constructor(options: HoldingOptions, client: HolderClient, found: HeldSession[]) {
    this.#options = options;
    this.#client = client;
    this.#found = new Map(found.map((session) => [session.id, session]));
  }

  /** Finds the holder of the data folder; one that must be started comes up meanwhile. @throws AppError unavailable */
  static async open(options: HoldingOptions): Promise<Holding> {
    const { dataFolder, holder, report } = options;
    const client = new HolderClient({
      dataFolder,
      onLost(reason, { holder: pid, programs }) {
        report(`terminals were lost: ${reason}`);
        void endOrphans(pid, programs);
      },
    });
    let found: HeldSession[] | undefined;
    try {
      found = await client.find();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const advice = 'Programs may live in it: try again, or end it (holder-1/card.json in the data folder has its process id)';
      throw new AppError('unavailable', `${error.message} ${advice}`);
    }
    // Not waited for: the first start of a program does, and is told of a failure.
    if (found === undefined && holder) client.open().catch((error: unknown) => report(String(error)));
    return new Holding(options, client, found ?? []);
  }

  start(id: string, request: SpawnRequest): Promise<OpenPty> {
    return this.#options.holder ? this.#client.spawn(id, request) : OWN_PROGRAMS.start(id, request);
  }

  /** A program with pipes in the place of a terminal; undefined where no holder is to keep it. */
  async startPiped(id: string, request: Pick<SpawnRequest, 'command' | 'cwd' | 'env'>): Promise<HeldPty | undefined> {
    return this.#options.holder ? this.#client.spawn(id, { ...request, mode: 'pipes', cols: 0, rows: 0 }) : undefined;
  }

  adopt(id: string, offset: number): HeldPty | undefined {
    const session = this.#found.get(id);
    if (session === undefined) return undefined;
    this.#found.delete(id);
    return this.#client.adopt(session, offset);
  }

  /** What no session goes on with ends, and the holder forgets it. To be called once all were adopted. */
  dropRest(): void {
    for (const session of this.#found.values()) {
      const pty = this.#client.adopt(session, session.offset);
      pty.listen({ output() {}, gap() {} });
      void pty.exited.then(() => pty.release());
      if (session.exit === null) void endMembers(session.pid);
    }
    this.#found.clear();
  }

  /** Tells of holders that a program of another version left. */
  async reportOthers(): Promise<void> {
    for (const other of await otherHolders(this.#options.dataFolder)) {
      const living = (await other.list()).filter(({ exit }) => exit === null).length;
      other.dispose();
      const advice = 'start that version to go on with them, or end them with `dispatch stop --all`';
      if (living > 0) this.#options.report(`Dispatch ${other.program} still holds ${living} programs: ${advice}`);
    }
  }

  /** Leaves; what is held lives on. */
  dispose(): void {
    this.#client.dispose();
  }
}

const LOOKS = 20;

/** Programs whose terminal went with their holder end, also those that do not heed its loss. */
async function endOrphans(holder: number, programs: number[]): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (processOf(holder) === undefined) return void (await Promise.all(programs.map(endMembers)));
    await Bun.sleep(limits.orphansLookMs);
  }
}
