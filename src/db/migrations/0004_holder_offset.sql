-- Output bytes of the present run that are in the log: where its holder goes on from.
ALTER TABLE sessions ADD COLUMN holder_offset INTEGER NOT NULL DEFAULT 0;
