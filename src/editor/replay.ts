// A document at any moment of its past: from a text that was kept, by the events after it.
// Pure: whoever has the events has the text.

import type { Text } from '@codemirror/state';
import type { LogEvent } from '../sessions/event.ts';
import { pathOfEvent } from './document.ts';
import { loggedUpdates } from './updates.ts';

/** A text at a version; no event up to `sequence` is needed for it. */
export interface TextAt {
  path: string;
  version: number;
  sequence: number;
  text: Text;
}

/** How far: to a version, or to an event. */
export type Until = { version: number } | { sequence: number };

/**
 * @param events of the session, in order, from `start` on; those of other documents are passed over
 * @returns the text at the version, or as it was after the event; as far as the events go
 */
export function textAt(start: TextAt, events: Iterable<LogEvent>, until: Until): TextAt {
  let at = start;
  for (const event of events) {
    if ('sequence' in until ? event.sequence > until.sequence : at.version >= until.version) break;
    if (event.type !== 'change' || event.data instanceof Uint8Array || pathOfEvent(event) !== start.path) continue;
    const updates = loggedUpdates(event.data);
    const before = Number(event.data.version) - updates.length;
    if (before < at.version) continue;
    if (before > at.version) break; // What lies between was dropped.
    let { text, version } = at;
    for (const { changes } of updates) {
      if ('version' in until && version >= until.version) break;
      text = changes.apply(text);
      version += 1;
    }
    at = { path: at.path, version, sequence: event.sequence, text };
  }
  return at;
}
