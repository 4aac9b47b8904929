-- A screen at a sequence, from which it is rebuilt: what came before need not be read.
CREATE TABLE session_snapshots (
  run_id TEXT NOT NULL REFERENCES sessions (run_id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  number INTEGER NOT NULL,
  cols INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  vt BLOB NOT NULL,
  created INTEGER NOT NULL,
  PRIMARY KEY (run_id, sequence)
);

-- How far output has been looked through for the events that it brings about.
CREATE TABLE session_projections (
  run_id TEXT PRIMARY KEY NOT NULL REFERENCES sessions (run_id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL
);
