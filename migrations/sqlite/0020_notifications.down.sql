CREATE TABLE notification_mails (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topic TEXT NOT NULL CHECK (topic IN ('due_today', 'weekly_review')),
    next_at TEXT NOT NULL,
    PRIMARY KEY (user_id, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_mails_next_idx ON notification_mails (next_at);
INSERT INTO notification_mails
    SELECT user_id, topic, next_at FROM notification_choices WHERE by_mail = 1 AND next_at IS NOT NULL;
DROP TABLE notification_choices;
DROP TABLE notifications;
DELETE FROM outbox WHERE kind = 'notification';
CREATE TABLE outbox_old (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('password_link', 'invitation', 'due_today', 'weekly_review')),
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
