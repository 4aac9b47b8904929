// Logs to pack: a session's row without a program, events of every channel and form, and how
// a log looks through pages of any kind.

import { CHANNELS, type LogEvent, type NewEvent } from '../../src/sessions/event.ts';
import type { SessionStatus } from '../../src/sessions/session.ts';
import type { EventRange } from '../../src/sessions/store.ts';
import type { Dice } from './dice.ts';
import type { SessionParts } from './sessions.ts';

export function sessionRow(parts: Pick<SessionParts, 'rows' | 'workspace'>, runId: string, status: SessionStatus = 'stopped'): string {
  parts.rows.insert({
    runId,
    workspaceId: parts.workspace.id,
    kind: 'claude',
    name: runId,
    status,
    statusReason: null,
    createdAt: 0,
    lastActiveAt: 0,
    metaJson: {},
    exitCode: null,
    exitSignal: null,
    head: 0,
    firstSequence: 1,
  });
  return runId;
}

/** Bytes that are no text, text that looks like JSON, empty data, times that jump; JSON with all that strings may hold. */
export function mixedEvents(count: number, roll: Dice): NewEvent[] {
  const types = ['output', 'input', 'title', 'resize', 'status', 'bell'];
  let timestamp = 1_750_000_000_000;
  return Array.from({ length: count }, (_, index): NewEvent => {
    timestamp += roll.below(20) === 0 ? -roll.below(5000) : roll.below(1000);
    const channel = roll.pick(CHANNELS);
    const type = roll.pick(types);
    switch (roll.below(5)) {
      case 0:
        return { channel, type, timestamp, data: Uint8Array.from({ length: roll.below(600) }, () => roll.below(256)) };
      case 1:
        return { channel, type, timestamp, data: Buffer.from(`{"a":${index}}\r\n`.repeat(roll.below(40))) };
      case 2:
        return { channel, type, timestamp, data: { text: 'ünï\u0000cö\ud800de 🎉'.repeat(roll.below(4)), index, deep: [{ a: null }] } };
      case 3:
        return { channel, type, timestamp, data: {} };
      default:
        return { channel, type, data: Buffer.from(`line ${index}\n`) };
    }
  });
}

export function readAll(parts: Pick<SessionParts, 'events'>, runId: string, range: Partial<EventRange> = {}): LogEvent[] {
  const all: LogEvent[] = [];
  const upTo = range.upTo ?? Number.MAX_SAFE_INTEGER;
  for (let after = range.after ?? 0; ; ) {
    const page = parts.events.read(runId, { limit: 1000, bytesMax: 1_000_000, ...range, after, upTo });
    all.push(...page.events);
    if (page.examined >= upTo || page.examined === after) return all;
    after = page.examined;
  }
}

/** Packs all that may be. @returns how many packs were made */
export async function packAll(parts: Pick<SessionParts, 'packing'>, runId: string): Promise<number> {
  let packs = 0;
  while (await parts.packing.pack(runId)) packs += 1;
  return packs;
}
