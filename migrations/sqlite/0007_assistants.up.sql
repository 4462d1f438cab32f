-- Personal access tokens: what a program or an assistant signs in with. Only a hash of the secret is kept.
CREATE TABLE access_tokens (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- SHA-256, in hexadecimal digits. The secret has 200 random bits, so it needs no slow hash.
    secret_hash TEXT NOT NULL CHECK (length(secret_hash) = 64),
    -- The first characters of the secret, for recognition.
    prefix TEXT NOT NULL,
    -- `write` includes `read`.
    scope TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    expires_at TEXT,
    revoked_at TEXT
) STRICT;
CREATE UNIQUE INDEX access_tokens_secret_key ON access_tokens (secret_hash);
CREATE INDEX access_tokens_user_idx ON access_tokens (user_id, created_at);

-- Which resources an assistant of an older protocol wants to hear about. In the database, because any instance may
-- have to answer its next request. `credential_id` is the token or the session that it signs in with.
CREATE TABLE resource_subscriptions (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential_id TEXT NOT NULL,
    uri TEXT NOT NULL CHECK (length(uri) BETWEEN 1 AND 200),
    created_at TEXT NOT NULL,
    PRIMARY KEY (user_id, credential_id, uri)
) STRICT;

-- The pending tasks of a user by the time when they are due.
CREATE INDEX tasks_due_idx ON tasks (user_id, due_at) WHERE status = 'pending' AND due_at IS NOT NULL;
