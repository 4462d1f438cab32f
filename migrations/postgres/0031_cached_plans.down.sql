-- As they were.
CREATE OR REPLACE FUNCTION app_my_teams(roles text[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ SELECT team_id FROM team_members WHERE user_id = app_user_id() AND role = ANY (roles) $$;
CREATE OR REPLACE FUNCTION app_my_shares(permissions text[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ SELECT task_id FROM task_shares WHERE shared_with_user_id = app_user_id() AND permission = ANY (permissions) $$;
CREATE OR REPLACE FUNCTION app_owns_team(team uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM teams WHERE id = team AND owner_id = app_user_id()) $$;
CREATE OR REPLACE FUNCTION app_manages_task(task uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM tasks WHERE id = task AND (user_id = app_user_id()
              OR team_id IN (SELECT app_my_teams('{owner,admin}')))) $$;
CREATE OR REPLACE FUNCTION app_team_owner(team uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ SELECT owner_id FROM teams WHERE id = team $$;
CREATE OR REPLACE FUNCTION app_task_may_become(task uuid, new_user uuid, new_team uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$
        SELECT EXISTS (SELECT FROM tasks old WHERE old.id = task
            -- It stays its owner's, or passes to its team's owner.
            AND (old.user_id = new_user
                OR (old.team_id = new_team AND new_user = app_team_owner(new_team) AND app_manages_task(task)))
            -- It stays in its team; its owner moves it; who manages it takes it out.
            AND (old.team_id IS NOT DISTINCT FROM new_team
                OR (old.user_id = app_user_id() AND new_team IN (SELECT app_my_teams('{owner,admin,member}')))
                OR (new_team IS NULL AND app_manages_task(task))))
    $$;
CREATE OR REPLACE FUNCTION app_task_audience(task uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$
        WITH seen AS (
            SELECT id, user_id, team_id FROM tasks WHERE id = task AND (
                user_id = app_user_id()
                OR team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}'))
                OR id IN (SELECT app_my_shares('{view,edit}'))))
        SELECT user_id FROM seen
        UNION SELECT s.shared_with_user_id FROM task_shares s JOIN seen ON seen.id = s.task_id
        UNION SELECT m.user_id FROM team_members m JOIN seen ON seen.team_id = m.team_id
    $$;
CREATE OR REPLACE FUNCTION app_notify(notification uuid, reader uuid, wanted_topic text, what text, task uuid, team uuid, means text,
    at timestamptz, mail_at timestamptz) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
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
CREATE OR REPLACE FUNCTION app_my_conversation(wanted uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM conversations WHERE id = wanted AND user_id = app_user_id()) $$;
DROP FUNCTION app_changes_task;
