-- Whether members may change every task of the team, or only their own. Teams that exist already stay as they were.
ALTER TABLE teams ADD COLUMN members_edit text NOT NULL DEFAULT 'own' CHECK (members_edit IN ('all', 'own'));

-- The teams whose tasks the user may change. Policies can't see columns: app_task_may_become compares owner and team.
CREATE FUNCTION app_my_editable_teams() RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN QUERY SELECT m.team_id FROM team_members m JOIN teams t ON t.id = m.team_id
            WHERE m.user_id = app_user_id()
                AND (m.role IN ('owner', 'admin') OR (m.role = 'member' AND t.members_edit = 'all'));
    END $$;
REVOKE EXECUTE ON FUNCTION app_my_editable_teams FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_my_editable_teams TO tallyboard_app;
DROP POLICY changing ON tasks;
CREATE POLICY changing ON tasks FOR UPDATE TO tallyboard_app
    USING (
        user_id = (SELECT app_user_id())
        OR team_id IN (SELECT app_my_editable_teams())
        OR id IN (SELECT app_my_shares('{edit}')))
    WITH CHECK (app_task_may_become(id, user_id, team_id));

-- Changes by members notify the owner, too.
CREATE OR REPLACE FUNCTION app_changes_task(task uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN app_manages_task(task) OR task IN (SELECT app_my_shares('{edit}'))
            OR (SELECT team_id FROM tasks WHERE id = task) IN (SELECT app_my_editable_teams());
    END $$;
