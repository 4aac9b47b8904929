// Whoever comes, goes, comes back, falls behind or resizes: through the real server every client
// shows what one shows that never left, and what the server's own screen shows.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../src/limits.ts';
import { Screen } from '../../src/pty/screen/screen.ts';
import { attach, screensDiffer, type TestClient } from '../support/client.ts';
import { Dice, seedOf } from '../support/dice.ts';
import { randomSequence } from '../support/random-output.ts';
import { recordings } from '../support/recordings.ts';
import { differences } from '../support/screen-state.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

/** STREAM_SEED makes the same cases again, STREAM_CASES more of them; where CI is set there are fewer. */
const seed = seedOf('STREAM_SEED');
const CASES = Number(process.env.STREAM_CASES ?? (process.env.CI === undefined ? 200 : 60));
const TOGETHER = 8;
const DIFFERENCES_SHOWN = 12;
const WHOLE = { scrollback: 100_000, bytesMax: limits.snapshotBytesMax };

let server: TestServer;
let workspaceId: string;
beforeAll(async () => {
  server = await startTestServer();
  workspaceId = (await server.workspace()).id;
});
afterAll(() => server.stop());

type Step = { print: Uint8Array } | { cols: number; rows: number };

const sizeOf = (dice: Dice): { cols: number; rows: number } => ({ cols: dice.between(2, 90), rows: dice.between(1, 30) });

function madeUp(dice: Dice): Step[] {
  return Array.from({ length: dice.between(5, 40) }, () => {
    if (dice.chance(0.06)) return sizeOf(dice);
    let text = '';
    for (let more = dice.between(1, 12); more > 0; more -= 1) text += randomSequence(dice);
    const bytes = Buffer.from(text);
    // Writes end anywhere, inside of sequences and characters too.
    return { print: dice.chance(0.3) ? bytes.subarray(0, dice.below(bytes.byteLength + 1)) : bytes };
  });
}

/** More than a window, in lines that tell one from another. */
function flood(dice: Dice): Step {
  const line = `${dice.below(1e6)} ${dice.pick(['plain', '\x1b[3mcolour\x1b[m', '日本語', '👍🏽'])} ${'.'.repeat(dice.below(60))}\r\n`;
  return { print: Buffer.from(line.repeat(Math.ceil(900_000 / line.length))) };
}

async function recorded(dice: Dice): Promise<Step[]> {
  const record = recordings[dice.pick(Object.keys(recordings))];
  const events = (await record?.()) ?? [];
  const steps = events.map(({ data }): Step => (data instanceof Uint8Array ? { print: data } : { cols: Number(data.cols), rows: Number(data.rows) }));
  const from = dice.below(Math.max(1, steps.length - 60));
  return steps.slice(from, from + 60);
}

/** All of a flood may have to be sent again, to several at a time. */
const END_MS = 30_000;

/** A terminal that prints what it is given, whole and in order. */
class Desk {
  readonly dice: Dice;
  readonly id: string;
  readonly stayed: TestClient;
  readonly #pipe: FileHandle;
  clients: TestClient[] = [];
  /** Those that may come back with what they had. */
  #left: TestClient[] = [];
  #stalled: TestClient[] = [];

  private constructor(dice: Dice, id: string, stayed: TestClient, pipe: FileHandle) {
    this.dice = dice;
    this.id = id;
    this.stayed = stayed;
    this.#pipe = pipe;
  }

  static async open(dice: Dice): Promise<Desk> {
    const fifo = join(mkdtempSync(join(server.root, 'desk-')), 'fifo');
    await Bun.spawn(['mkfifo', fifo]).exited;
    const command = ['sh', '-c', `stty raw -echo; exec cat '${fifo}'`];
    const { id } = await server.terminal(workspaceId, { command, ...sizeOf(dice) });
    const stayed = await attach(server, id, { screen: true, client: 'stayed', ...sizeOf(dice) });
    return new Desk(dice, id, stayed, await open(fifo, 'w'));
  }

  async step(step: Step): Promise<void> {
    if ('print' in step && step.print.byteLength > limits.clientUnackedBytesMax) {
      await this.#come();
      this.#stall(true);
    }
    if ('print' in step) await this.#pipe.write(step.print);
    else this.dice.pick([this.stayed, ...this.clients]).resize(step.cols, step.rows);
    const { dice } = this;
    if (dice.chance(0.15)) await this.#come();
    if (dice.chance(0.1)) await this.#go();
    if (dice.chance(0.1)) this.#stall(false);
    if (dice.chance(0.1)) this.#stall(true);
    if (dice.chance(0.05)) dice.pick([this.stayed, ...this.clients]).lead();
    if (dice.chance(0.2)) await Bun.sleep(0);
  }

  async #come(): Promise<void> {
    const size = this.dice.chance(0.5) ? sizeOf(this.dice) : {};
    const back = this.dice.chance(0.5) ? this.#left.pop() : undefined;
    const had = back?.screen === undefined ? { screen: true } : { screen: back.screen, after: back.sequence, epoch: server.parts.epoch };
    this.clients.push(await attach(server, this.id, { client: `c${this.clients.length}`, ...size, ...had }));
  }

  async #go(): Promise<void> {
    const client = this.clients.shift();
    if (client === undefined) return;
    await client.close();
    this.#stalled = this.#stalled.filter((other) => other !== client);
    this.#left.push(client);
  }

  #stall(now: boolean): void {
    const from = now ? this.clients : this.#stalled;
    if (from.length === 0) return;
    const client = this.dice.pick(from);
    client.acks = !now;
    this.#stalled = now ? [...this.#stalled, client] : this.#stalled.filter((other) => other !== client);
    if (!now) client.ack();
  }

  /** What is wrong once all of them are at the head. */
  async compare(): Promise<string[]> {
    for (const client of this.#stalled) {
      client.acks = true;
      client.ack();
    }
    const all = [this.stayed, ...this.clients];
    const { screens, sessions } = server.parts;
    const log = sessions.log(this.id);
    await until(
      () => `all at ${log.head}: ${all.map(({ sequence, frames, close_ }) => `${sequence} ${frames.slice(-6).join(' ')} ${JSON.stringify(close_)}`).join('; ')}`,
      async () => {
        for (const { broken } of all) if (broken !== undefined) throw broken;
        return all.every(({ sequence, synced }) => sequence === log.head && synced !== undefined);
      },
      20_000,
    );
    const found = this.clients.flatMap((client, index) => screensDiffer(this.stayed, client).map((text) => `client ${index} (${client.snapshots.length} SNAPSHOTs): ${text}`));
    const own = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 1000 });
    await until('the server\'s screen at the same place', async () => {
      const snapshot = await screens.snapshot(this.id, log.head, WHOLE);
      if (snapshot.sequence !== this.stayed.sequence) return false;
      own.restore(snapshot);
      return true;
    });
    if (this.stayed.screen !== undefined) found.push(...differences(this.stayed.screen.emulator.core, own.emulator.core).map((text) => `server: ${text}`));
    return found;
  }

  /** Ends the program; who comes then sees the same. */
  async end(): Promise<string[]> {
    await this.#pipe.close();
    await this.stayed.hasClosed(END_MS);
    const later = await attach(server, this.id, { screen: true });
    expect((await later.hasClosed(END_MS)).code).toBe(4410);
    return screensDiffer(this.stayed, later).map((text) => `after the end: ${text}`);
  }
}

async function play(round: number): Promise<string[]> {
  const dice = new Dice(`${seed}/${round}`);
  const desk = await Desk.open(dice);
  const steps = dice.chance(0.4) ? await recorded(dice) : madeUp(dice);
  if (dice.chance(0.2)) steps.splice(dice.below(steps.length), 0, flood(dice), flood(dice));
  for (const step of steps) await desk.step(step);
  const found = await desk.compare();
  return [...found, ...(await desk.end())];
}

test(`every client shows what one shows that never left: ${CASES} cases`, async () => {
  // Programs of this machine are recorded once, before the others run.
  for (const record of Object.values(recordings)) await record();
  const rounds = Array.from({ length: CASES }, (_, round) => round);
  const players = Array.from({ length: TOGETHER }, async () => {
    for (let round = rounds.shift(); round !== undefined; round = rounds.shift()) {
      const name = `STREAM_SEED=${seed} round ${round}`;
      const found = await play(round).catch((error: unknown) => [String(error)]);
      expect([name, ...found.slice(0, DIFFERENCES_SHOWN)].join('\n')).toBe(name);
    }
  });
  await Promise.all(players);
}, 60_000 + CASES * 1000);
