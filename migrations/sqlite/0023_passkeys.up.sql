-- Passkeys (WebAuthn): what a person's device or password manager signs them in with.
CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- What the device calls the passkey; in base 64.
    credential_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The public key, and what the device says of itself; JSON.
    credential TEXT NOT NULL,
    -- When the last challenge was made that the passkey has signed: no challenge is accepted twice.
    last_challenge_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT
) STRICT;
CREATE INDEX passkeys_user_idx ON passkeys (user_id, created_at, id);
