-- Accounts at the provider of sign-ins (OpenID Connect) that sign in accounts here. Only the system reads them.
CREATE TABLE identities (
    -- The provider's address, and what it calls the account.
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

ALTER TABLE identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE identities FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON identities TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
