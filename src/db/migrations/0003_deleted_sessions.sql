-- The history of a deleted session may be large, so it goes piece by piece: it hangs on the
-- session's row no longer, and whoever deletes that row leaves a note of what is left to do.
CREATE TABLE deleted_sessions (
  run_id TEXT PRIMARY KEY NOT NULL
);
CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions
BEGIN INSERT OR IGNORE INTO deleted_sessions (run_id) VALUES (old.run_id); END;

CREATE TABLE events_without_parent (
  id TEXT PRIMARY KEY NOT NULL,
  run_id TEXT NOT NULL,
  sequence INTEGER NOT NULL CHECK (sequence >= 1),
  timestamp INTEGER NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('stdin', 'stdout', 'stderr', 'system')),
  type TEXT NOT NULL,
  data BLOB NOT NULL
);
INSERT INTO events_without_parent (id, run_id, sequence, timestamp, channel, type, data)
SELECT id, run_id, sequence, timestamp, channel, type, data FROM session_events;
DROP TABLE session_events;
ALTER TABLE events_without_parent RENAME TO session_events;
CREATE UNIQUE INDEX session_events_run_sequence ON session_events (run_id, sequence);
-- An event is a fact: it may be dropped with its session or packed away, never changed.
CREATE TRIGGER session_events_immutable BEFORE UPDATE ON session_events
BEGIN SELECT RAISE(ABORT, 'session_events are immutable'); END;
