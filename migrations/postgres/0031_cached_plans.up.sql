-- The functions that writes call keep their plans. PostgreSQL plans the body of a function in SQL at every call when the caller
-- can't see into it (SECURITY DEFINER), and keeps the plans of PL/pgSQL for the session. Measured with 16 connections: 1,150
-- updates a second with these, 400 without.
CREATE OR REPLACE FUNCTION app_my_teams(roles text[]) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN QUERY SELECT team_id FROM team_members WHERE user_id = app_user_id() AND role = ANY (roles);
    END $$;
CREATE OR REPLACE FUNCTION app_my_shares(permissions text[]) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN QUERY SELECT task_id FROM task_shares WHERE shared_with_user_id = app_user_id() AND permission = ANY (permissions);
    END $$;
CREATE OR REPLACE FUNCTION app_owns_team(team uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN EXISTS (SELECT FROM teams WHERE id = team AND owner_id = app_user_id());
    END $$;
CREATE OR REPLACE FUNCTION app_manages_task(task uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN EXISTS (SELECT FROM tasks WHERE id = task AND (user_id = app_user_id()
            OR team_id IN (SELECT app_my_teams('{owner,admin}'))));
    END $$;
CREATE OR REPLACE FUNCTION app_team_owner(team uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN (SELECT owner_id FROM teams WHERE id = team);
    END $$;
CREATE OR REPLACE FUNCTION app_task_may_become(task uuid, new_user uuid, new_team uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN EXISTS (SELECT FROM tasks old WHERE old.id = task
            -- It stays its owner's, or passes to its team's owner.
            AND (old.user_id = new_user
                OR (old.team_id = new_team AND new_user = app_team_owner(new_team) AND app_manages_task(task)))
            -- It stays in its team; its owner moves it; who manages it takes it out.
            AND (old.team_id IS NOT DISTINCT FROM new_team
                OR (old.user_id = app_user_id() AND new_team IN (SELECT app_my_teams('{owner,admin,member}')))
                OR (new_team IS NULL AND app_manages_task(task))));
    END $$;
CREATE OR REPLACE FUNCTION app_task_audience(task uuid) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN QUERY
        WITH seen AS (
            SELECT id, user_id, team_id FROM tasks WHERE id = task AND (
                user_id = app_user_id()
                OR team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}'))
                OR id IN (SELECT app_my_shares('{view,edit}'))))
        SELECT user_id FROM seen
        UNION SELECT s.shared_with_user_id FROM task_shares s JOIN seen ON seen.id = s.task_id
        UNION SELECT m.user_id FROM team_members m JOIN seen ON seen.team_id = m.team_id;
    END $$;
-- Whether the user may change this task. app_notify alone calls it.
CREATE FUNCTION app_changes_task(task uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN app_manages_task(task) OR task IN (SELECT app_my_shares('{edit}'));
    END $$;
REVOKE EXECUTE ON FUNCTION app_changes_task FROM PUBLIC;
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
                    WHEN 'task_changed' THEN app_changes_task(task)
                        AND EXISTS (SELECT FROM tasks WHERE id = task AND user_id = reader)
                    ELSE false END
            RETURNING id, user_id, on_page, mail_waits),
        mailed AS (
            INSERT INTO outbox (id, user_id, kind, created_at, next_attempt_at)
            SELECT id, user_id, 'notification', at, mail_at FROM told WHERE mail_waits = 1)
        SELECT on_page INTO shown FROM told;
        RETURN shown;
    END $$;
CREATE OR REPLACE FUNCTION app_my_conversation(wanted uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN EXISTS (SELECT FROM conversations WHERE id = wanted AND user_id = app_user_id());
    END $$;
