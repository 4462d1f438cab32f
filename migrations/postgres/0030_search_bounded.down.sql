DROP FUNCTION app_search_tasks(text, text[], integer);
CREATE FUNCTION app_search_tasks(pattern text) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    SET enable_seqscan = off SET enable_bitmapscan = on
    AS $$
        SELECT s.task_id FROM task_search s
        CROSS JOIN LATERAL (SELECT user_id, team_id FROM tasks WHERE id = s.task_id OFFSET 0) t
        WHERE s.content LIKE app_lower(pattern) AND (
            t.user_id = app_user_id()
            OR t.team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}'))
            OR s.task_id IN (SELECT app_my_shares('{view,edit}')))
    $$;
REVOKE EXECUTE ON FUNCTION app_search_tasks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_search_tasks TO tallyboard_app;
