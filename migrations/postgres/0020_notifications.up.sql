-- What somebody wants to be told, and how: 1 is wanted. Whoever has no row is told nothing.
CREATE TABLE notification_choices (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topic text NOT NULL CHECK (topic IN ('shared_with_me', 'added_to_team', 'task_changed', 'due_today', 'weekly_review')),
    on_page bigint NOT NULL CHECK (on_page IN (0, 1)),
    in_browser bigint NOT NULL CHECK (in_browser IN (0, 1)),
    by_mail bigint NOT NULL CHECK (by_mail IN (0, 1)),
    -- Of what comes at a time of the day: when the next one is due.
    next_at timestamptz,
    PRIMARY KEY (user_id, topic)
);
CREATE INDEX notification_choices_next_idx ON notification_choices (next_at) WHERE next_at IS NOT NULL;
-- The policies hide what is there from the tables' owner, too.
SELECT set_config('app.system', 'on', true);
INSERT INTO notification_choices SELECT user_id, topic, 0, 0, 1, next_at FROM notification_mails;
DROP TABLE notification_mails;

-- What somebody was told. It is a record: the subject is the title of the task or the name of the team at that moment, and
-- the task or the team may be gone since.
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    -- Who is told.
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    event text NOT NULL CHECK (event IN ('task_shared', 'added_to_team', 'task_updated', 'task_completed', 'task_reopened',
        'task_deleted', 'tasks_due', 'week_ended')),
    subject text NOT NULL,
    task_id uuid,
    team_id uuid,
    -- Who did it; none: nobody did.
    actor_id uuid REFERENCES users (id) ON DELETE CASCADE,
    actor_name text,
    -- The client program, token or app by which they did it; none: they were signed in.
    via text,
    on_page bigint NOT NULL,
    in_browser bigint NOT NULL,
    -- 1 until it was mailed.
    mail_waits bigint NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz
);
CREATE INDEX notifications_user_idx ON notifications (user_id, created_at, id);
CREATE INDEX notifications_unread_idx ON notifications (user_id, created_at) WHERE read_at IS NULL AND on_page = 1;
CREATE INDEX notifications_actor_idx ON notifications (actor_id);
CREATE INDEX notifications_created_idx ON notifications (created_at);

-- The mail of a notification has the notification's id.
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
    CHECK (kind IN ('password_link', 'invitation', 'due_today', 'weekly_review', 'notification'));

-- Tells another person what the user has just done, if that person wants to be told. It answers whether the notification is
-- on their page; nothing when they are not told. Nobody is told of what does not concern them: of a task that is not theirs
-- and not shared with them, or of a team that they are not in.
CREATE FUNCTION app_notify(notification uuid, reader uuid, wanted_topic text, what text, task uuid, team uuid, means text,
    at timestamptz, mail_at timestamptz) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        WITH told AS (
            INSERT INTO notifications (id, user_id, event, subject, task_id, team_id, actor_id, actor_name, via,
                on_page, in_browser, mail_waits, created_at)
            SELECT notification, c.user_id, what,
                COALESCE((SELECT title FROM tasks WHERE id = task), (SELECT name FROM teams WHERE id = team)),
                task, team, app_user_id(), (SELECT name FROM users WHERE id = app_user_id()), means,
                c.on_page, c.in_browser, c.by_mail, at
            FROM notification_choices c WHERE c.user_id = reader AND c.topic = wanted_topic
                AND CASE wanted_topic
                    WHEN 'shared_with_me' THEN app_manages_task(task)
                        AND EXISTS (SELECT FROM task_shares WHERE task_id = task AND shared_with_user_id = reader)
                    WHEN 'added_to_team' THEN team IN (SELECT app_my_teams('{owner,admin}'))
                        AND EXISTS (SELECT FROM team_members WHERE team_id = team AND user_id = reader)
                    WHEN 'task_changed' THEN (app_manages_task(task) OR task IN (SELECT app_my_shares('{edit}')))
                        AND EXISTS (SELECT FROM tasks WHERE id = task AND user_id = reader)
                    ELSE false END
            RETURNING id, user_id, on_page, mail_waits),
        mailed AS (
            INSERT INTO outbox (id, user_id, kind, created_at, next_attempt_at)
            SELECT id, user_id, 'notification', at, mail_at FROM told WHERE mail_waits = 1)
        SELECT on_page FROM told
    $$;
REVOKE EXECUTE ON FUNCTION app_notify FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_notify TO tallyboard_app;

ALTER TABLE notification_choices ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_choices FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON notification_choices TO tallyboard_app;
CREATE POLICY system ON notification_choices TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON notification_choices TO tallyboard_app
    USING (user_id = (SELECT app_user_id())) WITH CHECK (user_id = (SELECT app_user_id()));

-- The app's role marks the user's own notifications as read, and as mailed.
ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE notifications FORCE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE (read_at, mail_waits) ON notifications TO tallyboard_app;
CREATE POLICY system ON notifications TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON notifications TO tallyboard_app
    USING (user_id = (SELECT app_user_id())) WITH CHECK (user_id = (SELECT app_user_id()));
