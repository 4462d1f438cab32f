-- Since when an account is disabled; none: it is not.
ALTER TABLE users ADD COLUMN disabled_at timestamptz;

-- Links by which the owner of an account chooses a password, once. Of the secret in the link, only the SHA-256 is kept; the
-- app's role reads none of it.
CREATE TABLE password_links (
    secret_hash text PRIMARY KEY CHECK (length(secret_hash) = 64),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX password_links_user_idx ON password_links (user_id);
CREATE INDEX password_links_expiry_idx ON password_links (expires_at);

ALTER TABLE password_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE password_links FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON password_links TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
