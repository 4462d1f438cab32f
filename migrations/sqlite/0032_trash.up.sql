-- Deleted tasks. They leave `tasks`, so that lists, numbers, searches, feeds and exports need no condition that leaves them out.
CREATE TABLE trash (
    -- The task's.
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    team_id TEXT REFERENCES teams (id) ON DELETE SET NULL,
    -- The task and its shares, as JSON.
    content TEXT NOT NULL,
    deleted_at TEXT NOT NULL,
    deleted_by TEXT REFERENCES users (id) ON DELETE SET NULL,
    -- The name of the personal token or the app that deleted it.
    deleted_via TEXT
) STRICT;
CREATE INDEX trash_user_idx ON trash (user_id, deleted_at DESC, id DESC);
CREATE INDEX trash_team_idx ON trash (team_id, deleted_at DESC, id DESC) WHERE team_id IS NOT NULL;
CREATE INDEX trash_deleted_by_idx ON trash (deleted_by);
CREATE INDEX trash_deleted_at_idx ON trash (deleted_at);
