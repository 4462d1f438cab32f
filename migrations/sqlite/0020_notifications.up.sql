-- What somebody wants to be told, and how: 1 is wanted. Whoever has no row is told nothing.
CREATE TABLE notification_choices (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topic TEXT NOT NULL CHECK (topic IN ('shared_with_me', 'added_to_team', 'task_changed', 'due_today', 'weekly_review')),
    on_page INTEGER NOT NULL CHECK (on_page IN (0, 1)),
    in_browser INTEGER NOT NULL CHECK (in_browser IN (0, 1)),
    by_mail INTEGER NOT NULL CHECK (by_mail IN (0, 1)),
    -- Of what comes at a time of the day: when the next one is due.
    next_at TEXT,
    PRIMARY KEY (user_id, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_choices_next_idx ON notification_choices (next_at) WHERE next_at IS NOT NULL;
INSERT INTO notification_choices SELECT user_id, topic, 0, 0, 1, next_at FROM notification_mails;
DROP TABLE notification_mails;

-- What somebody was told. It is a record: the subject is the title of the task or the name of the team at that moment, and
-- the task or the team may be gone since.
CREATE TABLE notifications (
    id TEXT PRIMARY KEY,
    -- Who is told.
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    event TEXT NOT NULL CHECK (event IN ('task_shared', 'added_to_team', 'task_updated', 'task_completed', 'task_reopened',
        'task_deleted', 'tasks_due', 'week_ended')),
    subject TEXT NOT NULL,
    task_id TEXT,
    team_id TEXT,
    -- Who did it; none: nobody did.
    actor_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    actor_name TEXT,
    -- The client program, token or app by which they did it; none: they were signed in.
    via TEXT,
    on_page INTEGER NOT NULL,
    in_browser INTEGER NOT NULL,
    -- 1 until it was mailed.
    mail_waits INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    read_at TEXT
) STRICT;
CREATE INDEX notifications_user_idx ON notifications (user_id, created_at, id);
CREATE INDEX notifications_unread_idx ON notifications (user_id, created_at) WHERE read_at IS NULL AND on_page = 1;
CREATE INDEX notifications_actor_idx ON notifications (actor_id);
CREATE INDEX notifications_created_idx ON notifications (created_at);

-- The mail of a notification has the notification's id.
CREATE TABLE outbox_new (
    id TEXT PRIMARY KEY,
    -- Whom the mail is for; of an invitation: who invites.
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('password_link', 'invitation', 'due_today', 'weekly_review', 'notification')),
    invitation_id TEXT REFERENCES team_invitations (id) ON DELETE CASCADE,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    CHECK ((kind = 'invitation') = (invitation_id IS NOT NULL))
) STRICT;
INSERT INTO outbox_new SELECT id, user_id, kind, invitation_id, attempts, created_at, next_attempt_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_next_idx ON outbox (next_attempt_at, id);
CREATE INDEX outbox_user_idx ON outbox (user_id);
CREATE INDEX outbox_invitation_idx ON outbox (invitation_id);
