-- Many events of a session in one row, compressed: the older part of its log, from the first
-- event that is kept and without a gap. What comes after the last pack is in session_events.
CREATE TABLE session_packs (
  run_id TEXT NOT NULL,
  first_sequence INTEGER NOT NULL CHECK (first_sequence >= 1),
  last_sequence INTEGER NOT NULL,
  events INTEGER NOT NULL CHECK (events > 0 AND events = last_sequence - first_sequence + 1),
  bytes INTEGER NOT NULL,
  oldest INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  kinds TEXT NOT NULL CHECK (json_type(kinds) = 'array'),
  packed BLOB NOT NULL
);
CREATE UNIQUE INDEX session_packs_run_last ON session_packs (run_id, last_sequence);
CREATE TRIGGER session_packs_immutable BEFORE UPDATE ON session_packs
BEGIN SELECT RAISE(ABORT, 'session_packs are immutable'); END;
