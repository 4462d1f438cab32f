CREATE OR REPLACE FUNCTION app_notify(notification uuid, reader uuid, wanted_topic text, what text, task uuid, team uuid, means text,
    at timestamptz, mail_at timestamptz) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ DECLARE shown bigint; BEGIN
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
        SELECT on_page INTO shown FROM told;
        RETURN shown;
    END $$;
DROP POLICY changing ON tasks;
CREATE POLICY changing ON tasks FOR UPDATE TO tallyboard_app
    USING (
        user_id = (SELECT app_user_id())
        OR team_id IN (SELECT app_my_teams('{owner,admin}'))
        OR id IN (SELECT app_my_shares('{edit}')))
    WITH CHECK (app_task_may_become(id, user_id, team_id));
DROP FUNCTION app_my_editable_teams;
ALTER TABLE teams DROP COLUMN members_edit;
