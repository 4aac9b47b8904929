-- Screens of the past, close enough to each other that any moment is made in a fraction of a
-- second. They hang on no session's row: a long session has many, and they go piece by piece.
CREATE TABLE session_keyframes (
  run_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  cols INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  vt BLOB NOT NULL,
  PRIMARY KEY (run_id, sequence)
);

-- The events that a person looks for, found without opening a pack. Derived from the log alone;
-- of bells that follow one another closely only the first.
CREATE TABLE session_marks (
  run_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (run_id, sequence)
) WITHOUT ROWID;
CREATE INDEX session_marks_type ON session_marks (run_id, type, sequence);

CREATE TRIGGER session_events_marks AFTER INSERT ON session_events
WHEN new.type <> 'output' AND new.type <> 'input' -- Told first, for most are.
  AND new.type IN ('command', 'cwd', 'resize', 'attach', 'bell', 'status', 'gap', 'prompt', 'permission', 'decision', 'save', 'conflict')
  AND typeof(new.data) = 'text'
  AND NOT (new.type = 'bell' AND EXISTS (
    SELECT 1 FROM session_marks
    WHERE run_id = new.run_id AND sequence > new.sequence - 200 AND type = 'bell'))
BEGIN
  INSERT OR IGNORE INTO session_marks (run_id, sequence, timestamp, type, data)
  VALUES (new.run_id, new.sequence, new.timestamp, new.type,
    CASE WHEN length(new.data) <= 8192 THEN new.data
      ELSE json_object('text', substr(json_extract(new.data, '$.text'), 1, 200)) END);
END;
INSERT OR IGNORE INTO session_marks (run_id, sequence, timestamp, type, data)
SELECT run_id, sequence, timestamp, type, data FROM session_events
WHERE type IN ('command', 'cwd', 'resize', 'attach', 'status', 'gap', 'prompt', 'permission', 'decision', 'save', 'conflict')
  AND typeof(data) = 'text' AND length(data) <= 8192;
