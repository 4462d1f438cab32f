-- Everybody whose list a task is in, told to who may read the task: whom to push its events to.
CREATE FUNCTION app_task_audience(task uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
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
REVOKE EXECUTE ON FUNCTION app_task_audience FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_task_audience TO tallyboard_app;
