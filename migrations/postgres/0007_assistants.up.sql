-- Personal access tokens: what a program or an assistant signs in with. Only a hash of the secret is kept.
CREATE TABLE access_tokens (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- SHA-256, in hexadecimal digits. The secret has 200 random bits, so it needs no slow hash.
    secret_hash text NOT NULL CHECK (length(secret_hash) = 64),
    -- The first characters of the secret, for recognition.
    prefix text NOT NULL,
    -- `write` includes `read`.
    scope text NOT NULL CHECK (scope IN ('read', 'write')),
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX access_tokens_secret_key ON access_tokens (secret_hash);
CREATE INDEX access_tokens_user_idx ON access_tokens (user_id, created_at);

-- Which resources an assistant of an older protocol wants to hear about. In the database, because any instance may
-- have to answer its next request. `credential_id` is the token or the session that it signs in with.
CREATE TABLE resource_subscriptions (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential_id uuid NOT NULL,
    uri text NOT NULL CHECK (length(uri) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, credential_id, uri)
);

-- The pending tasks of a user by the time when they are due.
CREATE INDEX tasks_due_idx ON tasks (user_id, due_at) WHERE status = 'pending' AND due_at IS NOT NULL;

ALTER TABLE access_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_tokens FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON access_tokens TO tallyboard_app;
CREATE POLICY system ON access_tokens TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON access_tokens TO tallyboard_app USING (user_id = (SELECT app_user_id()));

ALTER TABLE resource_subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE resource_subscriptions FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON resource_subscriptions TO tallyboard_app;
CREATE POLICY system ON resource_subscriptions TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON resource_subscriptions TO tallyboard_app USING (user_id = (SELECT app_user_id()));
