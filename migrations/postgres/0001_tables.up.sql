-- The same tables as SQLite's; row-level security follows in 0002.

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    password_hash text NOT NULL,
    time_zone text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 64),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    user_agent text
);
CREATE INDEX sessions_user_idx ON sessions (user_id, created_at);

CREATE TABLE teams (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    owner_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX teams_owner_idx ON teams (owner_id);
CREATE INDEX teams_created_idx ON teams (created_at);

CREATE TABLE team_members (
    id uuid PRIMARY KEY,
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role text NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    created_at timestamptz NOT NULL,
    CONSTRAINT team_members_once UNIQUE (team_id, user_id)
);
CREATE INDEX team_members_user_idx ON team_members (user_id, team_id);
CREATE INDEX team_members_role_idx ON team_members (role);
CREATE UNIQUE INDEX team_members_one_owner ON team_members (team_id) WHERE role = 'owner';

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- A team that goes leaves its tasks to their owners.
    team_id uuid REFERENCES teams (id) ON DELETE SET NULL,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    description text CHECK (length(description) <= 1000),
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'completed')),
    due_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT tasks_completed_at CHECK ((status = 'completed') = (completed_at IS NOT NULL))
);
CREATE INDEX tasks_status_idx ON tasks (user_id, status);
CREATE INDEX tasks_created_idx ON tasks (user_id, created_at);
CREATE INDEX tasks_updated_idx ON tasks (user_id, updated_at);
CREATE INDEX tasks_completed_idx ON tasks (user_id, completed_at);
CREATE INDEX tasks_team_idx ON tasks (team_id, status);

CREATE TABLE task_shares (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    shared_with_user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    shared_by_user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    permission text NOT NULL DEFAULT 'view' CHECK (permission IN ('view', 'edit')),
    created_at timestamptz NOT NULL,
    CONSTRAINT task_shares_once UNIQUE (task_id, shared_with_user_id),
    CONSTRAINT task_shares_not_self CHECK (shared_with_user_id <> shared_by_user_id)
);
CREATE INDEX task_shares_with_idx ON task_shares (shared_with_user_id, task_id);
CREATE INDEX task_shares_permission_idx ON task_shares (task_id, permission);
CREATE INDEX task_shares_by_idx ON task_shares (shared_by_user_id);

CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title text CHECK (length(title) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX conversations_user_idx ON conversations (user_id, created_at);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('user', 'assistant')),
    content text NOT NULL CHECK (length(content) BETWEEN 1 AND 10000),
    created_at timestamptz NOT NULL
);
CREATE INDEX messages_conversation_idx ON messages (conversation_id, created_at);
CREATE INDEX messages_user_idx ON messages (user_id);

-- What a POST with an Idempotency-Key answered; status is NULL while it runs.
CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request text NOT NULL,
    status integer,
    body text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);
