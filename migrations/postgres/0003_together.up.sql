-- Lists are walked newest first, a page at a time: their indexes end in that order.
DROP INDEX tasks_status_idx;
CREATE INDEX tasks_status_idx ON tasks (user_id, status, created_at, id);
DROP INDEX tasks_created_idx;
CREATE INDEX tasks_created_idx ON tasks (user_id, created_at, id);
DROP INDEX tasks_team_idx;
CREATE INDEX tasks_team_idx ON tasks (team_id, status, created_at, id);
CREATE INDEX tasks_team_created_idx ON tasks (team_id, created_at, id);
CREATE INDEX task_shares_received_idx ON task_shares (shared_with_user_id, created_at, task_id);
-- The dashboard's split by permission is answered from the index alone.
DROP INDEX task_shares_with_idx;
CREATE INDEX task_shares_with_idx ON task_shares (shared_with_user_id, task_id, permission);

-- For inviting and sharing by address: an id for an exact address, and nothing else.
CREATE FUNCTION app_find_user(wanted text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT id FROM users WHERE lower(email) = lower(wanted) $$;
CREATE FUNCTION app_user_exists(wanted uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM users WHERE id = wanted) $$;
CREATE FUNCTION app_conversation_exists(wanted uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM conversations WHERE id = wanted) $$;
CREATE FUNCTION app_team_owner(team uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT owner_id FROM teams WHERE id = team $$;
CREATE FUNCTION app_team_owning_member(team uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT user_id FROM team_members WHERE team_id = team AND role = 'owner' $$;

-- Myself, those in my teams, those who share with me, those with whom tasks of mine are shared.
CREATE FUNCTION app_acquaintances() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT app_user_id()
        UNION SELECT user_id FROM team_members
            WHERE team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}'))
        UNION SELECT shared_by_user_id FROM task_shares WHERE shared_with_user_id = app_user_id()
        UNION SELECT t.user_id FROM task_shares s JOIN tasks t ON t.id = s.task_id
            WHERE s.shared_with_user_id = app_user_id()
        UNION SELECT s.shared_with_user_id FROM task_shares s JOIN tasks t ON t.id = s.task_id
            WHERE t.user_id = app_user_id() OR t.team_id IN (SELECT app_my_teams('{owner,admin}'))
    $$;

-- What one person may know of another. A view reads as its owner, who sees users only because a
-- user's transaction asks; it never shows a password's hash.
CREATE VIEW people WITH (security_barrier) AS
    SELECT u.id, u.name, u.email FROM app_acquaintances() a JOIN users u ON u.id = a;

-- What a task may become by the hand of who may change it. A policy can't see the row as it was;
-- this function still does, because it reads what the statement found when it began.
CREATE FUNCTION app_task_may_become(task uuid, new_user uuid, new_team uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
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
DROP POLICY changing ON tasks;
CREATE POLICY changing ON tasks FOR UPDATE TO tallyboard_app
    USING (
        user_id = (SELECT app_user_id())
        OR team_id IN (SELECT app_my_teams('{owner,admin}'))
        OR id IN (SELECT app_my_shares('{edit}')))
    WITH CHECK (app_task_may_become(id, user_id, team_id));

-- An admin who takes somebody's task out of the team can't see it any more, which a policy for
-- UPDATE would refuse.
CREATE FUNCTION app_take_out_of_team(task uuid, seen timestamptz) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        WITH taken AS (
            UPDATE tasks SET team_id = NULL
            WHERE id = task AND updated_at = seen AND app_manages_task(task) RETURNING id)
        SELECT EXISTS (SELECT FROM taken)
    $$;

-- Members: the contract's table. The owner's powers go by teams.owner_id, which a transfer changes last.
DROP POLICY creating ON team_members;
DROP POLICY changing ON team_members;
DROP POLICY deleting ON team_members;
CREATE POLICY creating ON team_members FOR INSERT TO tallyboard_app WITH CHECK (
    app_owns_team(team_id)
    OR (role IN ('member', 'viewer') AND team_id IN (SELECT app_my_teams('{admin}'))));
CREATE POLICY changing ON team_members FOR UPDATE TO tallyboard_app USING (
    app_owns_team(team_id)
    OR (role IN ('member', 'viewer') AND team_id IN (SELECT app_my_teams('{admin}'))));
CREATE POLICY deleting ON team_members FOR DELETE TO tallyboard_app USING (
    role <> 'owner' AND (
        user_id = (SELECT app_user_id())
        OR app_owns_team(team_id)
        OR (role IN ('member', 'viewer') AND team_id IN (SELECT app_my_teams('{admin}')))));
DROP POLICY changing ON teams;
CREATE POLICY changing ON teams FOR UPDATE TO tallyboard_app
    USING (id IN (SELECT app_my_teams('{owner,admin}')))
    WITH CHECK (owner_id = app_team_owning_member(id));

-- A message goes into a conversation of one's own.
CREATE FUNCTION app_my_conversation(wanted uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM conversations WHERE id = wanted AND user_id = app_user_id()) $$;
DROP POLICY own ON messages;
CREATE POLICY own ON messages TO tallyboard_app USING (user_id = (SELECT app_user_id()))
    WITH CHECK (user_id = (SELECT app_user_id()) AND app_my_conversation(conversation_id));

REVOKE EXECUTE ON FUNCTION app_find_user, app_user_exists, app_conversation_exists, app_team_owner, app_team_owning_member, app_acquaintances,
    app_task_may_become, app_take_out_of_team, app_my_conversation FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_find_user, app_user_exists, app_conversation_exists, app_team_owner, app_team_owning_member, app_acquaintances,
    app_task_may_become, app_take_out_of_team, app_my_conversation TO tallyboard_app;
GRANT SELECT ON people TO tallyboard_app;
