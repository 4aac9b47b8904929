// The one spelling of every table and column. What the columns mean is contract; the SQL
// that makes them is in ./migrations, and a test holds the two against each other.

import { blob, customType, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { JsonObject } from '../json.ts';
import type { Channel } from '../sessions/event.ts';

/** Bytes stay a BLOB, JSON stays readable TEXT: nothing is guessed when it comes back. */
const bytesOrText = customType<{ data: Uint8Array | string; driverData: Uint8Array | string }>({
  dataType: () => 'blob',
});

export const workspaces = sqliteTable('workspaces', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  path: text('path').notNull().unique(),
  status: text('status', { enum: ['active', 'archived', 'error'] }).notNull(),
  statusReason: text('status_reason'),
  metadata: text('metadata', { mode: 'json' }).$type<JsonObject>().notNull(),
  created: integer('created').notNull(),
  lastAccessed: integer('last_accessed').notNull(),
});

export const sessions = sqliteTable('sessions', {
  runId: text('run_id').primaryKey(),
  workspaceId: text('workspace_id')
    .notNull()
    .references(() => workspaces.id, { onDelete: 'cascade' }),
  kind: text('kind', { enum: ['terminal', 'claude', 'fileEditor'] }).notNull(),
  name: text('name').notNull(),
  status: text('status', { enum: ['starting', 'active', 'stopped', 'error'] }).notNull(),
  statusReason: text('status_reason'),
  createdAt: integer('created_at').notNull(),
  lastActiveAt: integer('last_active_at').notNull(),
  metaJson: text('meta_json', { mode: 'json' }).$type<JsonObject>().notNull(),
  exitCode: integer('exit_code'),
  exitSignal: text('exit_signal'),
  /** Latest sequence given out; 0 before the first event. */
  head: integer('head').notNull().default(0),
  /** First sequence still kept; head + 1 when none is. */
  firstSequence: integer('first_sequence').notNull().default(1),
  /** Output bytes of the present run that are in the log. */
  holderOffset: integer('holder_offset').notNull().default(0),
});

export const sessionEvents = sqliteTable(
  'session_events',
  {
    id: text('id').primaryKey(),
    /** Of no session any more while deleted_sessions names it: then it goes, piece by piece. */
    runId: text('run_id').notNull(),
    sequence: integer('sequence').notNull(),
    timestamp: integer('timestamp').notNull(),
    channel: text('channel', { enum: ['stdin', 'stdout', 'stderr', 'system'] }).notNull(),
    type: text('type').notNull(),
    /** Output: the bytes as they came. All else: JSON text. */
    data: bytesOrText('data').notNull(),
  },
  (table) => [uniqueIndex('session_events_run_sequence').on(table.runId, table.sequence)],
);

/** Many events in one row; no event is ever in both. Of no session any more, as those. */
export const sessionPacks = sqliteTable(
  'session_packs',
  {
    runId: text('run_id').notNull(),
    firstSequence: integer('first_sequence').notNull(),
    lastSequence: integer('last_sequence').notNull(),
    events: integer('events').notNull(),
    /** Before they were compressed. */
    bytes: integer('bytes').notNull(),
    /** Timestamp of the first event, and the highest of all. */
    oldest: integer('oldest').notNull(),
    newest: integer('newest').notNull(),
    /** Channel and type of what is in it: whoever looks for others need not open it. */
    kinds: text('kinds', { mode: 'json' }).$type<[Channel, string][]>().notNull(),
    /** zstd of what ./pack.ts makes. */
    packed: blob('packed', { mode: 'buffer' }).$type<Uint8Array>().notNull(),
  },
  (table) => [uniqueIndex('session_packs_run_last').on(table.runId, table.lastSequence)],
);

/** A screen at a sequence. */
export const sessionSnapshots = sqliteTable(
  'session_snapshots',
  {
    runId: text('run_id')
      .notNull()
      .references(() => sessions.runId, { onDelete: 'cascade' }),
    sequence: integer('sequence').notNull(),
    /** Counts the snapshots of a session; decides which of the older ones stay. */
    number: integer('number').notNull(),
    cols: integer('cols').notNull(),
    rows: integer('rows').notNull(),
    /** What makes the screen in a reset terminal, as zstd. */
    vt: blob('vt', { mode: 'buffer' }).$type<Uint8Array>().notNull(),
    created: integer('created').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.sequence] })],
);

/** A screen at a sequence, with little above it: for looking at the past. */
export const sessionKeyframes = sqliteTable(
  'session_keyframes',
  {
    runId: text('run_id').notNull(),
    sequence: integer('sequence').notNull(),
    cols: integer('cols').notNull(),
    rows: integer('rows').notNull(),
    /** As a snapshot's. */
    vt: blob('vt', { mode: 'buffer' }).$type<Uint8Array>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.sequence] })],
);

/** Events that a person looks for; a trigger fills it. */
export const sessionMarks = sqliteTable(
  'session_marks',
  {
    runId: text('run_id').notNull(),
    sequence: integer('sequence').notNull(),
    timestamp: integer('timestamp').notNull(),
    type: text('type').notNull(),
    data: text('data', { mode: 'json' }).$type<JsonObject>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.sequence] }), index('session_marks_type').on(table.runId, table.type, table.sequence)],
);

/** How far output has been looked through for the events that it brings about. */
export const sessionProjections = sqliteTable('session_projections', {
  runId: text('run_id')
    .primaryKey()
    .references(() => sessions.runId, { onDelete: 'cascade' }),
  sequence: integer('sequence').notNull(),
});

/** A document's text at a version. */
export const documentCheckpoints = sqliteTable(
  'document_checkpoints',
  {
    runId: text('run_id')
      .notNull()
      .references(() => sessions.runId, { onDelete: 'cascade' }),
    path: text('path').notNull(),
    version: integer('version').notNull(),
    /** Counts the checkpoints of a document; decides which of the older ones stay. */
    number: integer('number').notNull(),
    /** Of the event after which it was made. */
    sequence: integer('sequence').notNull(),
    /** Text and facts hold up to this event. */
    through: integer('through').notNull(),
    /** zstd of UTF-8. */
    text: blob('text', { mode: 'buffer' }).$type<Uint8Array>().notNull(),
    facts: text('facts', { mode: 'json' }).$type<JsonObject>().notNull(),
    /** Taken off the list of open documents. */
    closed: integer('closed', { mode: 'boolean' }).notNull().default(false),
    created: integer('created').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.path, table.version] })],
);

/** Sessions whose row is gone and whose events may not be yet; a trigger fills it. */
export const deletedSessions = sqliteTable('deleted_sessions', {
  runId: text('run_id').primaryKey(),
});

export const settings = sqliteTable('settings', {
  category: text('category').primaryKey(),
  value: text('value', { mode: 'json' }).$type<JsonObject>().notNull(),
});

export const workspaceLayout = sqliteTable(
  'workspace_layout',
  {
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    clientId: text('client_id').notNull(),
    layout: text('layout', { mode: 'json' }).$type<JsonObject>().notNull(),
    updated: integer('updated').notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.clientId] })],
);

/** What a person says of a line of a diff. */
export const reviewComments = sqliteTable(
  'review_comments',
  {
    id: text('id').primaryKey(),
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    path: text('path').notNull(),
    source: text('source').notNull(),
    side: text('side', { enum: ['old', 'new'] }).notNull(),
    line: integer('line').notNull(),
    lineText: text('line_text').notNull(),
    text: text('text').notNull(),
    created: integer('created').notNull(),
    updated: integer('updated').notNull(),
    sentSessionId: text('sent_session_id'),
    sent: integer('sent'),
  },
  (table) => [index('review_comments_workspace').on(table.workspaceId, table.created)],
);

/** What was discarded and can be taken back. */
export const discardedChanges = sqliteTable(
  'discarded_changes',
  {
    id: text('id').primaryKey(),
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    path: text('path').notNull(),
    kind: text('kind', { enum: ['file', 'link', 'gone'] }).notNull(),
    mode: integer('mode').notNull(),
    object: text('object'),
    after: text('after'),
    created: integer('created').notNull(),
  },
  (table) => [index('discarded_changes_workspace').on(table.workspaceId, table.created)],
);

/** A signed-in browser. The token itself is only in its cookie. */
export const devices = sqliteTable('devices', {
  id: text('id').primaryKey(),
  tokenHash: text('token_hash').notNull().unique(),
  name: text('name').notNull(),
  created: integer('created').notNull(),
  lastSeen: integer('last_seen').notNull(),
});

/** Facts about this installation: the key's hash, the epoch, the machine's boot. */
export const server = sqliteTable('server', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
});
