-- Lists of tasks that somebody has saved under a name.
CREATE TABLE saved_filters (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
    -- The query of the page of tasks.
    query TEXT NOT NULL CHECK (length(query) <= 2000),
    created_at TEXT NOT NULL,
    UNIQUE (user_id, name)
) STRICT;
CREATE INDEX saved_filters_user_idx ON saved_filters (user_id, created_at, id);
