-- What a person says of lines of a diff, until and after it is sent to an agent.
CREATE TABLE review_comments (
  id TEXT PRIMARY KEY NOT NULL,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  source TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('old', 'new')),
  line INTEGER NOT NULL CHECK (line >= 1),
  line_text TEXT NOT NULL,
  text TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  sent_session_id TEXT,
  sent INTEGER
);
CREATE INDEX review_comments_workspace ON review_comments (workspace_id, created);

-- Changes to files that were discarded and can be taken back.
CREATE TABLE discarded_changes (
  id TEXT PRIMARY KEY NOT NULL,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('file', 'link', 'gone')),
  mode INTEGER NOT NULL,
  object TEXT,
  after TEXT,
  created INTEGER NOT NULL
);
CREATE INDEX discarded_changes_workspace ON discarded_changes (workspace_id, created);
