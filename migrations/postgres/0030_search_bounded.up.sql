-- A search that gives up when too many tasks match, asks the index for the rarest letters of the words only, and isn't
-- compiled: `enable_seqscan = off` makes plans look so expensive that JIT took 40 ms of every search.
DROP FUNCTION app_search_tasks(text);

-- The tasks that contain a LIKE pattern and that the user may read; NULL when more than `most` tasks, of anybody, contain
-- it. `pieces` are three patterns for parts of the words: the index is asked for these alone, because reading what it has
-- on three letters that are in every task takes long. LATERAL with OFFSET 0 and no sequential scan: found by the index, then
-- looked up by their ids, whatever the planner thinks of the patterns. `|| ''` keeps the whole pattern from the index.
CREATE FUNCTION app_search_tasks(pattern text, pieces text[], most integer) RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    SET enable_seqscan = off SET enable_bitmapscan = on SET jit = off
    AS $$
        WITH hits AS MATERIALIZED (
            SELECT task_id FROM task_search
            WHERE content LIKE (SELECT app_lower(pieces[1])) AND content LIKE (SELECT app_lower(pieces[2]))
                AND content LIKE (SELECT app_lower(pieces[3])) AND content || '' LIKE (SELECT app_lower(pattern))
            LIMIT most + 1)
        SELECT CASE WHEN (SELECT COUNT(*) FROM hits) <= most THEN ARRAY(
            SELECT h.task_id FROM hits h
            CROSS JOIN LATERAL (SELECT user_id, team_id FROM tasks WHERE id = h.task_id OFFSET 0) t
            WHERE t.user_id = app_user_id()
                OR t.team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}'))
                OR h.task_id IN (SELECT app_my_shares('{view,edit}')))
        END
    $$;
REVOKE EXECUTE ON FUNCTION app_search_tasks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_search_tasks TO tallyboard_app;
