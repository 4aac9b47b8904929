-- A document's text at a version: edits up to `through` need not be read for it.
CREATE TABLE document_checkpoints (
  run_id TEXT NOT NULL REFERENCES sessions (run_id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  version INTEGER NOT NULL,
  number INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  through INTEGER NOT NULL CHECK (through >= sequence),
  text BLOB NOT NULL,
  facts TEXT NOT NULL CHECK (json_type(facts) = 'object'),
  closed INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  PRIMARY KEY (run_id, path, version)
);
