CREATE OR REPLACE FUNCTION app_changes_task(task uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ BEGIN
        RETURN app_manages_task(task) OR task IN (SELECT app_my_shares('{edit}'));
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
