CREATE TABLE workspaces (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL CHECK (status IN ('active', 'archived', 'error')),
  status_reason TEXT,
  metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_type(metadata) = 'object'),
  created INTEGER NOT NULL,
  last_accessed INTEGER NOT NULL
);
CREATE INDEX workspaces_last_accessed ON workspaces (last_accessed DESC);

CREATE TABLE sessions (
  run_id TEXT PRIMARY KEY NOT NULL,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('terminal', 'claude', 'fileEditor')),
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('starting', 'active', 'stopped', 'error')),
  status_reason TEXT,
  created_at INTEGER NOT NULL,
  last_active_at INTEGER NOT NULL,
  meta_json TEXT NOT NULL DEFAULT '{}' CHECK (json_type(meta_json) = 'object'),
  exit_code INTEGER,
  exit_signal TEXT,
  head INTEGER NOT NULL DEFAULT 0,
  first_sequence INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX sessions_workspace ON sessions (workspace_id, last_active_at DESC);
CREATE INDEX sessions_status ON sessions (status);

CREATE TABLE session_events (
  id TEXT PRIMARY KEY NOT NULL,
  run_id TEXT NOT NULL REFERENCES sessions (run_id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL CHECK (sequence >= 1),
  timestamp INTEGER NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('stdin', 'stdout', 'stderr', 'system')),
  type TEXT NOT NULL,
  data BLOB NOT NULL
);
CREATE UNIQUE INDEX session_events_run_sequence ON session_events (run_id, sequence);
-- An event is a fact: it may be dropped with its session or packed away, never changed.
CREATE TRIGGER session_events_immutable BEFORE UPDATE ON session_events
BEGIN SELECT RAISE(ABORT, 'session_events are immutable'); END;

CREATE TABLE settings (
  category TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL CHECK (json_type(value) = 'object')
);

CREATE TABLE workspace_layout (
  workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  layout TEXT NOT NULL CHECK (json_type(layout) = 'object'),
  updated INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, client_id)
);

CREATE TABLE devices (
  id TEXT PRIMARY KEY NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  last_seen INTEGER NOT NULL
);

CREATE TABLE server (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
);
