-- Passkeys (WebAuthn): what a person's device or password manager signs them in with.
CREATE TABLE passkeys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- What the device calls the passkey; in base 64.
    credential_id text NOT NULL UNIQUE,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The public key, and what the device says of itself; JSON.
    credential text NOT NULL,
    -- When the last challenge was made that the passkey has signed: no challenge is accepted twice.
    last_challenge_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX passkeys_user_idx ON passkeys (user_id, created_at, id);

ALTER TABLE passkeys ENABLE ROW LEVEL SECURITY;
ALTER TABLE passkeys FORCE ROW LEVEL SECURITY;
-- Only the system, which signs people in, changes one.
GRANT SELECT, INSERT, DELETE ON passkeys TO tallyboard_app;
CREATE POLICY system ON passkeys TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON passkeys TO tallyboard_app
    USING (user_id = (SELECT app_user_id())) WITH CHECK (user_id = (SELECT app_user_id()));
