-- Ids are lower-case UUIDv7 text, times RFC 3339 text in UTC (both sort as they should).

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    password_hash TEXT NOT NULL,
    time_zone TEXT NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 64),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT,
    user_agent TEXT
) STRICT;
CREATE INDEX sessions_user_idx ON sessions (user_id, created_at);

CREATE TABLE teams (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX teams_owner_idx ON teams (owner_id);
CREATE INDEX teams_created_idx ON teams (created_at);

CREATE TABLE team_members (
    id TEXT PRIMARY KEY,
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    created_at TEXT NOT NULL,
    CONSTRAINT team_members_once UNIQUE (team_id, user_id)
) STRICT;
CREATE INDEX team_members_user_idx ON team_members (user_id, team_id);
CREATE INDEX team_members_role_idx ON team_members (role);
CREATE UNIQUE INDEX team_members_one_owner ON team_members (team_id) WHERE role = 'owner';

CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- A team that goes leaves its tasks to their owners.
    team_id TEXT REFERENCES teams (id) ON DELETE SET NULL,
    title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    description TEXT CHECK (length(description) <= 1000),
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'completed')),
    due_at TEXT,
    completed_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT tasks_completed_at CHECK ((status = 'completed') = (completed_at IS NOT NULL))
) STRICT;
CREATE INDEX tasks_status_idx ON tasks (user_id, status);
CREATE INDEX tasks_created_idx ON tasks (user_id, created_at);
CREATE INDEX tasks_updated_idx ON tasks (user_id, updated_at);
CREATE INDEX tasks_completed_idx ON tasks (user_id, completed_at);
CREATE INDEX tasks_team_idx ON tasks (team_id, status);

CREATE TABLE task_shares (
    id TEXT PRIMARY KEY,
    task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    shared_with_user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    shared_by_user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    permission TEXT NOT NULL DEFAULT 'view' CHECK (permission IN ('view', 'edit')),
    created_at TEXT NOT NULL,
    CONSTRAINT task_shares_once UNIQUE (task_id, shared_with_user_id),
    CONSTRAINT task_shares_not_self CHECK (shared_with_user_id <> shared_by_user_id)
) STRICT;
CREATE INDEX task_shares_with_idx ON task_shares (shared_with_user_id, task_id);
CREATE INDEX task_shares_permission_idx ON task_shares (task_id, permission);
CREATE INDEX task_shares_by_idx ON task_shares (shared_by_user_id);

CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT CHECK (length(title) BETWEEN 1 AND 200),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX conversations_user_idx ON conversations (user_id, created_at);

CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    content TEXT NOT NULL CHECK (length(content) BETWEEN 1 AND 10000),
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX messages_conversation_idx ON messages (conversation_id, created_at);
CREATE INDEX messages_user_idx ON messages (user_id);

-- What a POST with an Idempotency-Key answered; status is NULL while it runs.
CREATE TABLE idempotency_keys (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request TEXT NOT NULL,
    status INTEGER,
    body TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);
