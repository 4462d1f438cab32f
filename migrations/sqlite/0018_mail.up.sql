-- Mails that wait to be sent. A mail is written at the moment when it is sent: neither words nor secrets are stored.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    -- Whom the mail is for; of an invitation: who invites.
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('password_link', 'invitation', 'due_today', 'weekly_review')),
    invitation_id TEXT REFERENCES team_invitations (id) ON DELETE CASCADE,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    CHECK ((kind = 'invitation') = (invitation_id IS NOT NULL))
) STRICT;
CREATE INDEX outbox_next_idx ON outbox (next_attempt_at, id);
CREATE INDEX outbox_user_idx ON outbox (user_id);
CREATE INDEX outbox_invitation_idx ON outbox (invitation_id);

-- To which address an invitation was mailed; none: its link was shown to who created it.
ALTER TABLE team_invitations ADD COLUMN email TEXT;

-- The mails that somebody wants regularly, each with the time of the next one.
CREATE TABLE notification_mails (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topic TEXT NOT NULL CHECK (topic IN ('due_today', 'weekly_review')),
    next_at TEXT NOT NULL,
    PRIMARY KEY (user_id, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_mails_next_idx ON notification_mails (next_at);
