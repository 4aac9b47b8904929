// Screens in their worker, over a real log: they follow it, answer and tell once, serve many
// sessions at a time, and come back from what is kept.

import { afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Events } from '../../src/db/events.ts';
import { openDatabase } from '../../src/db/open.ts';
import { sessionSnapshots, workspaces } from '../../src/db/schema.ts';
import { SessionRows } from '../../src/db/sessions.ts';
import { Snapshots } from '../../src/db/snapshots.ts';
import { limits } from '../../src/limits.ts';
import { ScreenFollower } from '../../src/pty/screen/follower.ts';
import type { DerivedEvent, StoredSnapshot } from '../../src/pty/screen/protocol.ts';
import { Screen } from '../../src/pty/screen/screen.ts';
import { Screens } from '../../src/pty/screen/screens.ts';
import { ScreenServer } from '../../src/pty/screen/worker.ts';
import type { NewEvent } from '../../src/sessions/event.ts';
import { differences } from '../support/screen-state.ts';
import { until } from '../support/until.ts';

const WHOLE = { scrollback: 100_000, bytesMax: limits.snapshotBytesMax };

/** A log with its screens. */
class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'dispatch-screens-'));
  readonly database = openDatabase(this.folder);
  readonly events = new Events(this.database);
  readonly rows = new SessionRows(this.database.db);
  readonly snapshots = new Snapshots(this.database.db);
  readonly answers: [string, string][] = [];
  readonly derived: DerivedEvent[] = [];
  readonly stored: StoredSnapshot[] = [];
  readonly workers: Worker[] = [];
  readonly screens: Screens;

  constructor() {
    const path = this.folder;
    const row = { id: 'w', name: 'w', path, status: 'active' as const, metadata: {}, created: 0, lastAccessed: 0 };
    this.database.db.insert(workspaces).values(row).run();
    this.screens = new Screens({
      spawn: () => {
        const worker = new Worker(new URL('../../src/screen-worker.ts', import.meta.url), { workerData: { dataFolder: this.folder } });
        this.workers.push(worker);
        return worker;
      },
      scrollback: () => 1000,
      onAnswer: (runId, bytes) => this.answers.push([runId, Buffer.from(bytes).toString()]),
      onDerived: (_, events) => this.derived.push(...events),
      onKeyframe: () => {},
      onStored: (runId, snapshot) => {
        this.stored.push(snapshot);
        this.snapshots.save(runId, snapshot);
      },
      report: () => {},
    });
  }

  session(runId: string): string {
    const at = { createdAt: 0, lastActiveAt: 0, exitCode: null, exitSignal: null, head: 0, firstSequence: 1, statusReason: null };
    this.rows.insert({ runId, workspaceId: 'w', kind: 'terminal', name: runId, status: 'active', metaJson: {}, ...at });
    this.append(runId, { channel: 'system', type: 'resize', data: { cols: 60, rows: 10 } });
    return runId;
  }

  /** @returns the head after it */
  append(runId: string, ...events: NewEvent[]): number {
    const head = this.events.append(runId, events).at(-1)?.sequence ?? 0;
    this.screens.signal(runId, head);
    return head;
  }

  print(runId: string, text: string): number {
    return this.append(runId, { channel: 'stdout', type: 'output', data: Buffer.from(text) });
  }

  /** A log of `megabytes` that nobody was told of yet. */
  flood(runId: string, megabytes: number): number {
    const piece = Buffer.from('the quick brown fox jumps over the lazy dog 0123456789\r\n'.repeat(1170));
    const events: NewEvent[] = Array.from({ length: megabytes * 16 }, () => ({ channel: 'stdout', type: 'output', data: piece }));
    return this.events.append(runId, events).at(-1)?.sequence ?? 0;
  }

  /** An emulator that saw the whole log. */
  stayed(runId: string, head: number): Screen {
    const screen = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 1000 });
    const range = { after: 0, upTo: head, limit: 1_000_000, bytesMax: Infinity };
    for (const event of this.events.read(runId, range).events) screen.take(event);
    return screen;
  }

  async close(): Promise<void> {
    await this.screens.dispose();
    this.database.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let desk: Desk | undefined;
const open = (): Desk => (desk = new Desk());
afterEach(async () => {
  await desk?.close();
  desk = undefined;
});

describe('screens in their worker', () => {
  test('follow the log, and give what an emulator has that saw all of it', async () => {
    const d = open();
    const id = d.session('a');
    d.screens.follow(id, 1, 0);
    d.print(id, 'one\r\n\x1b[31mtwo\x1b[5;3r\x1b[?2004h');
    d.append(id, { channel: 'system', type: 'resize', data: { cols: 40, rows: 8 } });
    const head = d.print(id, 'three\x1b]2;a title\x07');
    const snapshot = await d.screens.snapshot(id, head, WHOLE);
    expect([snapshot.sequence, snapshot.cols, snapshot.rows]).toEqual([head, 40, 8]);
    const came = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 1000 });
    came.restore(snapshot);
    expect(differences(d.stayed(id, head).emulator.core, came.emulator.core)).toEqual([]);
    expect(await d.screens.shown(id, head, 'text')).toMatchObject({ sequence: head, shown: came.text() });
    await until('the title', () => d.derived.length > 0);
    expect(d.derived.map(({ type, data }) => [type, data])).toEqual([['title', { title: 'a title' }]]);
  });

  test('answer what is new, once, and nothing that was printed before', async () => {
    const d = open();
    const id = d.session('a');
    const before = d.print(id, '\x1b[6n');
    d.screens.follow(id, before, before);
    const head = d.print(id, 'x\x1b[6n\x1b[c');
    await until('the answers', () => d.answers.length === 2);
    expect(d.answers).toEqual([
      [id, '\x1b[1;2R'],
      [id, '\x1b[?1;2c'],
    ]);
    await d.screens.snapshot(id, head, WHOLE);
    expect(d.answers).toHaveLength(2);
  });

  test('tell of titles and bells in order, ten of each a second at most, and of the last one always', async () => {
    const d = open();
    const id = d.session('a');
    d.screens.follow(id, 1, 1);
    for (let count = 0; count < 500; count += 1) d.print(id, `\x1b]2;title ${count}\x07\x07`);
    await until('the last title', () => d.derived.some(({ data }) => data.title === 'title 499'));
    await until('the last bell', () => d.derived.at(-1)?.sequence === 501);
    expect(d.derived.length).toBeLessThan(100);
    const sequences = d.derived.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(d.derived[0]?.data).toEqual({ title: 'title 0' });
  });

  test('serve a quiet session while another one floods', async () => {
    const d = open();
    const loud = d.session('loud');
    const quiet = d.session('quiet');
    d.screens.follow(loud, 1, 0);
    d.screens.follow(quiet, 1, 0);
    const end = d.flood(loud, 48);
    d.screens.signal(loud, end);
    await until('the flood to be read', () => d.screens.position(loud) > 1);
    d.print(quiet, '\x1b[6n');
    await until('an answer in the quiet session', () => d.answers.length === 1);
    expect(d.screens.position(loud)).toBeLessThan(end);
    const during = await d.screens.snapshot(loud, end, WHOLE);
    expect(during.sequence).toBeLessThan(end);
    expect(Buffer.from(during.vt).toString()).toContain('quick brown fox');
    await until('the end of the flood', () => d.screens.position(loud) === end);
  });

  test('keep a snapshot every so much output, and start from it', async () => {
    const d = open();
    const id = d.session('a');
    d.screens.follow(id, 1, 0);
    const flooded = d.flood(id, 40);
    d.screens.signal(id, flooded);
    await until('the end of the flood', () => d.screens.position(id) === flooded);
    await until('the snapshots of it', () => d.stored.length === 2);
    const head = d.print(id, 'the end');
    d.screens.ended(id, head);
    await until('the last snapshot', () => d.snapshots.latest(id)?.sequence === head);
    // What came before it could be gone: it is not read again.
    d.database.sqlite.run('DELETE FROM session_events WHERE sequence < ?', [flooded]);
    await d.screens.dispose();
    const again = new Screens({
      spawn: () => new Worker(new URL('../../src/screen-worker.ts', import.meta.url), { workerData: { dataFolder: d.folder } }),
      scrollback: () => 1000,
      onAnswer: () => {},
      onDerived: () => {},
      onStored: () => {},
      onKeyframe: () => {},
      report: () => {},
    });
    try {
      const { sequence, shown } = await again.shown(id, head, 'text');
      expect([sequence, shown.split('\n').at(-1)]).toEqual([head, 'the end']);
    } finally {
      await again.dispose();
    }
  });

  test('show a session that ended before anyone looked', async () => {
    const d = open();
    const id = d.session('a');
    const head = d.print(id, 'was here');
    expect((await d.screens.shown(id, head, 'text')).shown).toBe('was here');
    expect((await d.screens.shown(id, head, 'html')).shown).toContain('was here');
    expect((await d.screens.shown(id, head, 'ansi')).shown).toBe('was here');
    expect(d.answers).toEqual([]);
  });

  test('come back when the worker dies, and answer nothing twice', async () => {
    const d = open();
    const id = d.session('a');
    d.screens.follow(id, 1, 0);
    d.print(id, 'kept \x1b[c');
    await until('the answer', () => d.answers.length === 1);
    const asked = d.screens.snapshot(id, 1_000, WHOLE).catch((error: unknown) => String(error));
    await d.workers[0]?.terminate();
    expect(await asked).toContain('rebuilt');
    await until('another worker', () => d.workers.length === 2);
    const head = d.print(id, 'and back \x1b[5n');
    await until('an answer of the new one', () => d.answers.length === 2);
    expect(d.answers[1]).toEqual([id, '\x1b[0n']);
    expect((await d.screens.shown(id, head, 'text')).shown).toBe('kept and back');
  });

  test('refuse the screen of a deleted session', async () => {
    const d = open();
    const id = d.session('a');
    d.screens.follow(id, 1, 0);
    const end = d.flood(id, 8);
    const asked = d.screens.shown(id, end, 'text').catch((error: unknown) => String(error));
    d.screens.drop(id);
    expect(await asked).toContain('deleted');
  });
});

describe('screens of many sessions', () => {
  test('are not all in memory, however quickly one after the other is asked for', async () => {
    const events = [
      { sequence: 1, type: 'resize', data: { cols: 500, rows: 300 } },
      { sequence: 2, type: 'output', data: Buffer.from('a line\r\n'.repeat(2400)) },
    ];
    const read = (_: string, { after, upTo }: { after: number; upTo: number }) => events.filter(({ sequence }) => sequence > after && sequence <= upTo);
    let answered = 0;
    let most = 0;
    const server = new ScreenServer({ read, snapshot: () => undefined }, ({ kind }) => {
      if (kind === 'answered') answered += 1;
    });
    for (let count = 1; count <= 40; count += 1) {
      server.receive({ kind: 'ask', id: count, runId: `session ${count}`, head: 2, scrollback: 2000, waitMs: 10_000, question: { what: 'text' } });
      await until('the screen', () => answered === count);
      most = Math.max(most, server.memoryBytes);
    }
    server.dispose();
    expect(most).toBeGreaterThan(limits.screensBytesMax / 2);
    expect(most).toBeLessThan(limits.screensBytesMax + 32 * 1024 * 1024);
  });
});

describe('a screen that is put away', () => {
  test('is the same when it comes back, and asks the log only for what is new', () => {
    const d = open();
    const id = d.session('a');
    const reads: number[] = [];
    const follower = new ScreenFollower(
      id,
      1000,
      {
        read: (runId, range) => {
          reads.push(range.after);
          return d.events.read(runId, range).events;
        },
        snapshot: () => undefined,
      },
      { answer: () => {}, derive: () => {}, store: () => {}, storeKeyframe: () => {} },
    );
    follower.head = d.print(id, `\x1b[3;5r\x1b[?1049h${'text '.repeat(50)}\x1b[1mbold`);
    follower.advance();
    const loaded = follower.memoryBytes;
    follower.unload();
    expect(follower.memoryBytes).toBeLessThan(loaded / 4);
    const putAwayAt = follower.head;
    follower.head = d.print(id, '\r\nmore');
    follower.advance();
    expect(reads).toEqual([0, putAwayAt]);
    const answer = follower.answer({ what: 'snapshot', ...WHOLE });
    if (answer.what !== 'snapshot') throw new Error('no snapshot');
    const came = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 1000 });
    came.restore(answer.snapshot);
    expect(differences(d.stayed(id, follower.head).emulator.core, came.emulator.core)).toEqual([]);
  });

  test('counts its lines on', () => {
    const d = open();
    const id = d.session('a');
    const read = (runId: string, range: Parameters<Events['read']>[1]) => d.events.read(runId, range).events;
    const follower = new ScreenFollower(id, 50, { read, snapshot: () => undefined }, { answer: () => {}, derive: () => {}, store: () => {}, storeKeyframe: () => {} });
    const lines = (before?: number) => {
      const answer = follower.answer({ what: 'scrollback', before, limit: 3 });
      if (answer.what !== 'scrollback') throw new Error('no scrollback');
      return answer.scrollback;
    };
    follower.head = d.print(id, Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\r\n'));
    follower.advance();
    const shown = lines();
    expect(shown).toMatchObject({ firstLine: 40, lines: [{ n: 87, html: 'line 87' }, { n: 88 }, { n: 89, html: 'line 89' }] });
    follower.unload();
    expect(lines(87).lines).toEqual([84, 85, 86].map((n) => ({ n, html: `line ${n}` })));
    expect(lines(87).generation).toBe(shown.generation);
    follower.head = d.print(id, '\r\n<b>\r\n');
    follower.advance();
    expect(lines()).toMatchObject({ firstLine: 42, generation: shown.generation });
    expect(lines(41).lines).toEqual([]);
    follower.head = d.append(id, { channel: 'system', type: 'resize', data: { cols: 20, rows: 5 } });
    follower.advance();
    expect(lines().generation).not.toBe(shown.generation);
    expect(lines().lines.at(-1)?.html).toBe('line 96');
  });
});

describe('kept snapshots', () => {
  test('are the latest ones, ever fewer of the older, and go with their session', () => {
    const d = open();
    const id = d.session('a');
    for (let sequence = 1; sequence <= 500; sequence += 1) {
      d.snapshots.save(id, { sequence, cols: 80, rows: 24, vt: new Uint8Array([1]) });
    }
    const kept = d.database.db.select().from(sessionSnapshots).all().map((row) => row.sequence);
    expect(kept.length).toBeLessThan(40);
    expect(kept.slice(-3)).toEqual([498, 499, 500]);
    expect(kept[0]).toBeLessThan(300);
    expect(d.snapshots.latest(id, 400)?.sequence).toBeLessThanOrEqual(400);
    d.rows.delete(id);
    expect(d.snapshots.latest(id)).toBeUndefined();
  });

  test('say how far events were derived', () => {
    const d = open();
    const id = d.session('a');
    expect(d.snapshots.derivedThrough(id)).toBe(0);
    d.snapshots.setDerivedThrough(id, 7);
    d.snapshots.setDerivedThrough(id, 9);
    expect(d.snapshots.derivedThrough(id)).toBe(9);
  });
});
