-- When the account's email address was confirmed; none: others don't find the account by it.
ALTER TABLE users ADD COLUMN email_verified_at TEXT;
-- Nobody who can be found disappears.
UPDATE users SET email_verified_at = created_at;

-- The account's address when the link was made: another address ends the link.
ALTER TABLE password_links ADD COLUMN email TEXT;
UPDATE password_links SET email = (SELECT email FROM users WHERE id = user_id);
-- 1: it was mailed, so whoever has it reads the mails of that address.
ALTER TABLE password_links ADD COLUMN by_mail INTEGER NOT NULL DEFAULT 0;

CREATE TABLE outbox_new (
    id TEXT PRIMARY KEY,
    -- Whom the mail is for; of an invitation: who invites.
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('password_link', 'invitation', 'due_today', 'weekly_review', 'notification',
        'address_link') OR kind LIKE 'account\_%' ESCAPE '\'),
    invitation_id TEXT REFERENCES team_invitations (id) ON DELETE CASCADE,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    -- Where a mail goes that is not for the account's present address.
    email TEXT,
    CHECK ((kind = 'invitation') = (invitation_id IS NOT NULL))
) STRICT;
INSERT INTO outbox_new SELECT id, user_id, kind, invitation_id, attempts, created_at, next_attempt_at, NULL FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_next_idx ON outbox (next_attempt_at, id);
CREATE INDEX outbox_user_idx ON outbox (user_id);
CREATE INDEX outbox_invitation_idx ON outbox (invitation_id);
