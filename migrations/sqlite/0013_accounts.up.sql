-- Since when an account is disabled; none: it is not.
ALTER TABLE users ADD COLUMN disabled_at TEXT;

-- Links by which the owner of an account chooses a password, once. Of the secret in the link, only the SHA-256 is kept.
CREATE TABLE password_links (
    secret_hash TEXT PRIMARY KEY CHECK (length(secret_hash) = 64),
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX password_links_user_idx ON password_links (user_id);
CREATE INDEX password_links_expiry_idx ON password_links (expires_at);
