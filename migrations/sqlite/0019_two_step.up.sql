-- What accounts need for signing in with a code besides the password (TOTP, RFC 6238).
CREATE TABLE two_step (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- What the person's app has, too; in base 32.
    secret TEXT NOT NULL,
    -- When the first code of the app was right; none: it is not asked for yet.
    confirmed_at TEXT,
    -- The half minute since 1970 of the last code that was accepted: no code is accepted twice.
    last_step INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
) STRICT;

-- Codes for somebody whose app is lost, each for one time. Of a code, only the SHA-256 is kept.
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash TEXT NOT NULL CHECK (length(code_hash) = 64),
    PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;
