-- Apps that people have connected by saying yes on the consent page.
CREATE TABLE connected_apps (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- What the protocol calls the app: an id that we gave it, or the address of its metadata document.
    client_id text NOT NULL CHECK (length(client_id) BETWEEN 1 AND 2048),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The host whose document has the name; none: the app has named itself.
    host text,
    -- `write` includes `read`.
    scope text NOT NULL CHECK (scope IN ('read', 'write')),
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX connected_apps_user_idx ON connected_apps (user_id, created_at, id);

-- What the authorization server keeps between two requests. Secrets are keys by their SHA-256 only; the app's role reads none
-- of it.
CREATE TABLE oauth_records (
    kind text NOT NULL CHECK (kind IN ('client', 'consent', 'code', 'access', 'refresh', 'device', 'family')),
    key text NOT NULL,
    -- Whose it is; none: nobody has said yes yet.
    app_id uuid REFERENCES connected_apps (id) ON DELETE CASCADE,
    client_id text,
    -- All tokens that come from one yes.
    family text,
    -- What a person types from the screen of a device.
    user_code text,
    -- What an access token may do.
    scope text CHECK (scope IN ('read', 'write')),
    record text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE UNIQUE INDEX oauth_records_user_code_key ON oauth_records (user_code) WHERE user_code IS NOT NULL;
CREATE INDEX oauth_records_family_idx ON oauth_records (family) WHERE family IS NOT NULL;
CREATE INDEX oauth_records_app_idx ON oauth_records (app_id) WHERE app_id IS NOT NULL;
CREATE INDEX oauth_records_client_idx ON oauth_records (client_id) WHERE client_id IS NOT NULL;
CREATE INDEX oauth_records_expiry_idx ON oauth_records (expires_at);

ALTER TABLE connected_apps ENABLE ROW LEVEL SECURITY;
ALTER TABLE connected_apps FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connected_apps TO tallyboard_app;
CREATE POLICY system ON connected_apps TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON connected_apps TO tallyboard_app USING (user_id = (SELECT app_user_id()));

ALTER TABLE oauth_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE oauth_records FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON oauth_records TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
