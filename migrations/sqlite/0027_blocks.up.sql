-- Whom somebody has blocked: the blocked can no longer find them, add them to a team or share with them.
CREATE TABLE blocks (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    blocked_user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Their name when they were blocked, if the user could see it then.
    name TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (user_id, blocked_user_id)
) STRICT;
CREATE INDEX blocks_blocked_idx ON blocks (blocked_user_id);
