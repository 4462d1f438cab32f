DELETE FROM outbox WHERE kind = 'address_link' OR kind LIKE 'account\_%' ESCAPE '\';
CREATE TABLE outbox_old (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('password_link', 'invitation', 'due_today', 'weekly_review', 'notification')),
    invitation_id TEXT REFERENCES team_invitations (id) ON DELETE CASCADE,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    CHECK ((kind = 'invitation') = (invitation_id IS NOT NULL))
) STRICT;
INSERT INTO outbox_old SELECT id, user_id, kind, invitation_id, attempts, created_at, next_attempt_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_old RENAME TO outbox;
CREATE INDEX outbox_next_idx ON outbox (next_attempt_at, id);
CREATE INDEX outbox_user_idx ON outbox (user_id);
CREATE INDEX outbox_invitation_idx ON outbox (invitation_id);

ALTER TABLE password_links DROP COLUMN by_mail;
ALTER TABLE password_links DROP COLUMN email;
ALTER TABLE users DROP COLUMN email_verified_at;
