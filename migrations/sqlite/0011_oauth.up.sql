-- Apps that people have connected by saying yes on the consent page.
CREATE TABLE connected_apps (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- What the protocol calls the app: an id that we gave it, or the address of its metadata document.
    client_id TEXT NOT NULL CHECK (length(client_id) BETWEEN 1 AND 2048),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The host whose document has the name; none: the app has named itself.
    host TEXT,
    -- `write` includes `read`.
    scope TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at TEXT
) STRICT;
CREATE INDEX connected_apps_user_idx ON connected_apps (user_id, created_at, id);

-- What the authorization server keeps between two requests. Secrets are keys by their SHA-256 only.
CREATE TABLE oauth_records (
    kind TEXT NOT NULL CHECK (kind IN ('client', 'consent', 'code', 'access', 'refresh', 'device', 'family')),
    key TEXT NOT NULL,
    -- Whose it is; none: nobody has said yes yet.
    app_id TEXT REFERENCES connected_apps (id) ON DELETE CASCADE,
    client_id TEXT,
    -- All tokens that come from one yes.
    family TEXT,
    -- What a person types from the screen of a device.
    user_code TEXT,
    -- What an access token may do.
    scope TEXT CHECK (scope IN ('read', 'write')),
    record TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT;
CREATE UNIQUE INDEX oauth_records_user_code_key ON oauth_records (user_code) WHERE user_code IS NOT NULL;
CREATE INDEX oauth_records_family_idx ON oauth_records (family) WHERE family IS NOT NULL;
CREATE INDEX oauth_records_app_idx ON oauth_records (app_id) WHERE app_id IS NOT NULL;
CREATE INDEX oauth_records_client_idx ON oauth_records (client_id) WHERE client_id IS NOT NULL;
CREATE INDEX oauth_records_expiry_idx ON oauth_records (expires_at);
