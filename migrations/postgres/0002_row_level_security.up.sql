-- A second wall behind the stores' own WHERE: every transaction of a user runs as tallyboard_app,
-- which owns nothing, and sees only what these policies let app.user_id see.
-- The tables' owner is held by them too (FORCE); it sees rows only after SET LOCAL app.system, which
-- sign-in and demo data use, and inside the functions below when a user's transaction calls them.

DO $$
BEGIN
    -- Roles belong to the whole cluster: another database may have made it.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tallyboard_app') THEN
        CREATE ROLE tallyboard_app NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, 'tallyboard_app', 'MEMBER') THEN
        EXECUTE format('GRANT tallyboard_app TO %I', current_user);
    END IF;
END $$;

GRANT USAGE ON SCHEMA public TO tallyboard_app;

-- The sub-select in the policies makes this one call a statement instead of one a row.
-- NULLIF: SET LOCAL leaves '' behind, not NULL.
CREATE FUNCTION app_user_id() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT NULLIF(current_setting('app.user_id', true), '')::uuid $$;

-- In a SECURITY DEFINER function current_user is the owner, and the setting role still the caller's.
CREATE FUNCTION app_is_system() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT current_setting('app.system', true) = 'on' OR current_setting('role') = 'tallyboard_app' $$;

-- Policies that read other protected tables would recurse; these functions read them as the owner.
CREATE FUNCTION app_my_teams(roles text[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT team_id FROM team_members WHERE user_id = app_user_id() AND role = ANY (roles) $$;
CREATE FUNCTION app_my_shares(permissions text[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT task_id FROM task_shares WHERE shared_with_user_id = app_user_id() AND permission = ANY (permissions) $$;
CREATE FUNCTION app_owns_team(team uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM teams WHERE id = team AND owner_id = app_user_id()) $$;
CREATE FUNCTION app_manages_task(task uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM tasks WHERE id = task AND (user_id = app_user_id()
              OR team_id IN (SELECT app_my_teams('{owner,admin}')))) $$;
-- These two say that a thing is there, and nothing of it: what tells 403 from 404.
CREATE FUNCTION app_team_exists(team uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM teams WHERE id = team) $$;
CREATE FUNCTION app_task_exists(task uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM tasks WHERE id = task) $$;

REVOKE EXECUTE ON FUNCTION app_my_teams, app_my_shares, app_owns_team, app_manages_task, app_task_exists, app_team_exists FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_user_id, app_is_system, app_my_teams, app_my_shares, app_owns_team, app_manages_task, app_task_exists,
    app_team_exists
    TO tallyboard_app;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO tallyboard_app;
CREATE POLICY system ON users TO CURRENT_USER
    USING (app_is_system()) WITH CHECK (app_is_system());
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO tallyboard_app;
CREATE POLICY system ON sessions TO CURRENT_USER
    USING (app_is_system()) WITH CHECK (app_is_system());
ALTER TABLE teams ENABLE ROW LEVEL SECURITY;
ALTER TABLE teams FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON teams TO tallyboard_app;
CREATE POLICY system ON teams TO CURRENT_USER
    USING (app_is_system()) WITH CHECK (app_is_system());
ALTER TABLE team_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE team_members FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON team_members TO tallyboard_app;
CREATE POLICY system ON team_members TO CURRENT_USER
    USING (app_is_system()) WITH CHECK (app_is_system());
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO tallyboard_app;
CREATE POLICY system ON tasks TO CURRENT_USER
    USING (app_is_system()) WITH CHECK (app_is_system());
ALTER TABLE task_shares ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_shares FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON task_shares TO tallyboard_app;
CREATE POLICY system ON task_shares TO CURRENT_USER
    USING (app_is_system()) WITH CHECK (app_is_system());
ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON conversations TO tallyboard_app;
CREATE POLICY system ON conversations TO CURRENT_USER
    USING (app_is_system()) WITH CHECK (app_is_system());
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON messages TO tallyboard_app;
CREATE POLICY system ON messages TO CURRENT_USER
    USING (app_is_system()) WITH CHECK (app_is_system());
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO tallyboard_app;
CREATE POLICY system ON idempotency_keys TO CURRENT_USER
    USING (app_is_system()) WITH CHECK (app_is_system());

-- One's own.
CREATE POLICY own ON users TO tallyboard_app USING (id = (SELECT app_user_id()));
CREATE POLICY own ON sessions TO tallyboard_app USING (user_id = (SELECT app_user_id()));
CREATE POLICY own ON conversations TO tallyboard_app USING (user_id = (SELECT app_user_id()));
CREATE POLICY own ON messages TO tallyboard_app USING (user_id = (SELECT app_user_id()));
CREATE POLICY own ON idempotency_keys TO tallyboard_app USING (user_id = (SELECT app_user_id()));

-- Tasks: the contract's table, row by row.
CREATE POLICY reading ON tasks FOR SELECT TO tallyboard_app USING (
    user_id = (SELECT app_user_id())
    OR team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}'))
    OR id IN (SELECT app_my_shares('{view,edit}')));
CREATE POLICY creating ON tasks FOR INSERT TO tallyboard_app WITH CHECK (
    user_id = (SELECT app_user_id())
    AND (team_id IS NULL OR team_id IN (SELECT app_my_teams('{owner,admin,member}'))));
CREATE POLICY changing ON tasks FOR UPDATE TO tallyboard_app USING (
    user_id = (SELECT app_user_id())
    OR team_id IN (SELECT app_my_teams('{owner,admin}'))
    OR id IN (SELECT app_my_shares('{edit}')));
CREATE POLICY deleting ON tasks FOR DELETE TO tallyboard_app USING (
    user_id = (SELECT app_user_id())
    OR team_id IN (SELECT app_my_teams('{owner,admin}')));

-- Teams and who is in them.
CREATE POLICY reading ON teams FOR SELECT TO tallyboard_app USING (
    owner_id = (SELECT app_user_id()) OR id IN (SELECT app_my_teams('{owner,admin,member,viewer}')));
CREATE POLICY creating ON teams FOR INSERT TO tallyboard_app WITH CHECK (owner_id = (SELECT app_user_id()));
CREATE POLICY changing ON teams FOR UPDATE TO tallyboard_app USING (id IN (SELECT app_my_teams('{owner,admin}')));
CREATE POLICY deleting ON teams FOR DELETE TO tallyboard_app USING (owner_id = (SELECT app_user_id()));

CREATE POLICY reading ON team_members FOR SELECT TO tallyboard_app USING (
    user_id = (SELECT app_user_id()) OR team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}')));
CREATE POLICY creating ON team_members FOR INSERT TO tallyboard_app WITH CHECK (
    app_owns_team(team_id) OR team_id IN (SELECT app_my_teams('{owner,admin}')));
CREATE POLICY changing ON team_members FOR UPDATE TO tallyboard_app USING (
    team_id IN (SELECT app_my_teams('{owner,admin}')));
CREATE POLICY deleting ON team_members FOR DELETE TO tallyboard_app USING (
    user_id = (SELECT app_user_id()) OR team_id IN (SELECT app_my_teams('{owner,admin}')));

-- Shares: who may manage the task manages them; the receiver may read and give up.
CREATE POLICY reading ON task_shares FOR SELECT TO tallyboard_app USING (
    shared_with_user_id = (SELECT app_user_id()) OR app_manages_task(task_id));
CREATE POLICY creating ON task_shares FOR INSERT TO tallyboard_app WITH CHECK (
    shared_by_user_id = (SELECT app_user_id()) AND app_manages_task(task_id));
CREATE POLICY changing ON task_shares FOR UPDATE TO tallyboard_app USING (app_manages_task(task_id));
CREATE POLICY deleting ON task_shares FOR DELETE TO tallyboard_app USING (
    shared_with_user_id = (SELECT app_user_id()) OR app_manages_task(task_id));
