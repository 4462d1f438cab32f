-- Accounts at the provider of sign-ins (OpenID Connect) that sign in accounts here.
CREATE TABLE identities (
    -- The provider's address, and what it calls the account.
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_by_user ON identities (user_id);
