-- What accounts need for signing in with a code besides the password (TOTP, RFC 6238). The app's role reads none of it.
CREATE TABLE two_step (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- What the person's app has, too; in base 32.
    secret text NOT NULL,
    -- When the first code of the app was right; none: it is not asked for yet.
    confirmed_at timestamptz,
    -- The half minute since 1970 of the last code that was accepted: no code is accepted twice.
    last_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL
);

-- Codes for somebody whose app is lost, each for one time. Of a code, only the SHA-256 is kept.
CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash text NOT NULL CHECK (length(code_hash) = 64),
    PRIMARY KEY (user_id, code_hash)
);

ALTER TABLE two_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE two_step FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON two_step TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
ALTER TABLE recovery_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON recovery_codes TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
