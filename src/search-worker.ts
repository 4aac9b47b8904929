// The threads of the search: the one that keeps the index, and the one that answers. Each is
// handed its own connection to the log, for reading only, and what a session's kind makes of it.

import { parentPort, workerData } from 'node:worker_threads';
import { Text } from '@codemirror/state';
import { ConversationText } from './agent/conversation-text.ts';
import { Checkpoints } from './db/checkpoints.ts';
import { Events } from './db/events.ts';
import { openForReading } from './db/reading.ts';
import { SearchedSessions } from './db/searched.ts';
import { DocumentText } from './editor/document-text.ts';
import { textAt } from './editor/replay.ts';
import { assert } from './errors.ts';
import type { JsonObject } from './json.ts';
import { lowerThisThread } from './libc.ts';
import { limits } from './limits.ts';
import { TerminalText } from './pty/screen/terminal-text.ts';
import { Following } from './search/following.ts';
import { Finding } from './search/finding.ts';
import type { LoggedSession } from './search/indexer.ts';
import type { FromFinder, FromIndexer, ToFinder, ToIndexer } from './search/protocol.ts';
import type { TextReader } from './search/text-reader.ts';

const port = parentPort;
assert(port !== null, 'this file is the entry of a worker');
const { dataFolder, epoch, role } = workerData as { dataFolder: string; epoch: number; role: 'index' | 'find' };
const tell = (message: FromIndexer | FromFinder): void => port.postMessage(message);

const database = openForReading(dataFolder);
const sessions = new SearchedSessions(database);

if (role === 'find') {
  const finding = new Finding({ dataFolder, facts: sessions, tell });
  port.on('message', (message: ToFinder) => finding.receive(message));
} else {
  lowerThisThread();
  const events = new Events(database);
  const checkpoints = new Checkpoints(database.db);
  const following = new Following({
    dataFolder,
    epoch,
    tell,
    report: (line) => tell({ kind: 'report', line }),
    log: {
      changed: () => sessions.changed(),
      sessions: (which) => sessions.list(which),
      session: (runId) => sessions.one(runId),
      read: (runId, range) => events.read(runId, range),
    },
    openReader: (session, state) => openReader(session, state, (path, version) => documentAt(events, checkpoints, session.runId, path, version)),
  });
  port.on('message', (message: ToIndexer) => following.receive(message));
}
tell({ kind: 'ready' });

function openReader({ kind }: LoggedSession, state: JsonObject, documentText: (path: string, version: number) => Text | undefined): TextReader {
  if (kind === 'claude') return new ConversationText(state);
  if (kind === 'fileEditor') return new DocumentText(state, documentText);
  return new TerminalText(state);
}

/** From the last text that was kept before, by the edits after it. */
function documentAt(events: Events, checkpoints: Checkpoints, runId: string, path: string, version: number): Text | undefined {
  const kept = checkpoints.upTo(runId, path, { version });
  if (kept === undefined) return undefined;
  let at = { path, version: kept.version, sequence: kept.through, text: Text.of(kept.text.split('\n')) };
  for (let after = kept.sequence; at.version < version; ) {
    const page = events.read(runId, { after, upTo: Number.MAX_SAFE_INTEGER, limit: limits.searchSliceEvents, bytesMax: limits.searchSliceBytes, type: 'change' });
    at = textAt(at, page.events, { version });
    if (page.events.length === 0) break;
    after = page.events.at(-1)?.sequence ?? page.examined;
  }
  return at.version === version ? at.text : undefined;
}
