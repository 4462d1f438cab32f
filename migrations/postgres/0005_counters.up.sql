-- The dashboard's numbers are kept, not counted: reading them costs the same with a million tasks as with ten.
--
-- Triggers append each change to counter_changes, in the transaction of the change. Appending waits for nobody, so
-- writers in one team do not wait for each other and cannot deadlock. About every 64th statement folds the table
-- into the totals and empties it. A number is its total and the changes that wait: `sum` over both, in one
-- statement, because two statements see two snapshots.

CREATE TABLE counter_changes (
    user_id uuid NOT NULL,
    team_id uuid,
    -- Quarters of an hour since 1970; NULL for shares. Every time zone's days consist of such quarters.
    quarter integer,
    pending bigint NOT NULL DEFAULT 0,
    created bigint NOT NULL DEFAULT 0,
    completed bigint NOT NULL DEFAULT 0,
    view_only bigint NOT NULL DEFAULT 0,
    can_edit bigint NOT NULL DEFAULT 0
);
CREATE INDEX counter_changes_user_idx ON counter_changes (user_id, quarter);
CREATE INDEX counter_changes_team_idx ON counter_changes (team_id);

-- Tasks that a user owns, and tasks shared with them. No foreign keys: when a user or a team is deleted, the
-- numbers go to zero by the triggers, and folding deletes rows that are zero.
CREATE TABLE user_counters (
    user_id uuid PRIMARY KEY,
    pending bigint NOT NULL,
    completed bigint NOT NULL,
    view_only bigint NOT NULL,
    can_edit bigint NOT NULL
);
CREATE INDEX user_counters_zero_idx ON user_counters (user_id)
    WHERE pending = 0 AND completed = 0 AND view_only = 0 AND can_edit = 0;

CREATE TABLE team_counters (
    team_id uuid PRIMARY KEY,
    pending bigint NOT NULL,
    completed bigint NOT NULL
);
CREATE INDEX team_counters_zero_idx ON team_counters (team_id) WHERE pending = 0 AND completed = 0;

-- A user's tasks by the quarter of an hour in which they were created and completed: a row a UTC day, with a
-- JSON array of its 96 quarters. `total` is the sum of both arrays.
CREATE TABLE user_days (
    user_id uuid NOT NULL,
    day integer NOT NULL,
    created text NOT NULL,
    completed text NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (user_id, day)
);
CREATE INDEX user_days_zero_idx ON user_days (user_id, day) WHERE total = 0;

-- These tables change often and stay small.
ALTER TABLE counter_changes SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE user_counters SET (fillfactor = 70);
ALTER TABLE team_counters SET (fillfactor = 70);

-- STABLE as date_part is: otherwise PostgreSQL calls the function instead of inlining it.
CREATE FUNCTION app_quarter(moment timestamptz) RETURNS integer LANGUAGE sql STABLE
    AS $$ SELECT floor(date_part('epoch', moment) / 900)::integer $$;

-- One text of a day: the sum of two JSON arrays of 96 numbers.
CREATE FUNCTION app_add_days(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$
        SELECT '[' || string_agg((x::bigint + y::bigint)::text, ',' ORDER BY place) || ']'
        FROM ROWS FROM (json_array_elements_text(a::json), json_array_elements_text(b::json))
            WITH ORDINALITY AS quarters (x, y, place)
    $$;

CREATE FUNCTION app_fold_counter_changes() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        -- One at a time; whoever comes second leaves it to the first.
        IF NOT pg_try_advisory_xact_lock(hashtextextended('counter_changes', 0)) THEN
            RETURN;
        END IF;
        WITH change AS (DELETE FROM counter_changes RETURNING *),
        users AS (
            INSERT INTO user_counters AS total
            SELECT user_id, sum(pending), sum(completed), sum(view_only), sum(can_edit) FROM change GROUP BY user_id
            ON CONFLICT (user_id) DO UPDATE SET
                pending = total.pending + excluded.pending, completed = total.completed + excluded.completed,
                view_only = total.view_only + excluded.view_only, can_edit = total.can_edit + excluded.can_edit),
        teams AS (
            INSERT INTO team_counters AS total
            SELECT team_id, sum(pending), sum(completed) FROM change WHERE team_id IS NOT NULL GROUP BY team_id
            ON CONFLICT (team_id) DO UPDATE SET
                pending = total.pending + excluded.pending, completed = total.completed + excluded.completed),
        quarters AS (
            SELECT user_id, quarter, sum(created) AS created, sum(completed) AS completed
            FROM (
                SELECT user_id, quarter, created, completed FROM change WHERE quarter IS NOT NULL
                UNION ALL
                SELECT user_id, day * 96 + place, 0, 0
                FROM (SELECT DISTINCT user_id, quarter / 96 AS day FROM change WHERE quarter IS NOT NULL) AS days
                CROSS JOIN generate_series(0, 95) AS place) AS filled
            GROUP BY user_id, quarter)
        INSERT INTO user_days AS total
            SELECT user_id, quarter / 96,
                '[' || string_agg(created::text, ',' ORDER BY quarter) || ']',
                '[' || string_agg(completed::text, ',' ORDER BY quarter) || ']',
                sum(created + completed)
            FROM quarters GROUP BY user_id, quarter / 96
            ON CONFLICT (user_id, day) DO UPDATE SET
                created = app_add_days(total.created, excluded.created),
                completed = app_add_days(total.completed, excluded.completed),
                total = total.total + excluded.total;
        DELETE FROM user_counters WHERE pending = 0 AND completed = 0 AND view_only = 0 AND can_edit = 0;
        DELETE FROM team_counters WHERE pending = 0 AND completed = 0;
        DELETE FROM user_days WHERE total = 0;
    END $$;

-- For each statement, not for each row: deleting a user with a million tasks appends a row a quarter of an hour.
CREATE FUNCTION app_count_tasks() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE appended bigint;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO counter_changes (user_id, team_id, quarter, pending, created, completed)
                SELECT user_id, team_id, fact.quarter, sum(fact.pending), sum(fact.created), sum(fact.completed)
                FROM added CROSS JOIN LATERAL (VALUES
                    (app_quarter(created_at), (status = 'pending')::integer, 1, 0),
                    (app_quarter(completed_at), 0, 0, 1)) AS fact (quarter, pending, created, completed)
                WHERE fact.quarter IS NOT NULL
                GROUP BY 1, 2, 3;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO counter_changes (user_id, team_id, quarter, pending, created, completed)
                SELECT user_id, team_id, fact.quarter, -sum(fact.pending), -sum(fact.created), -sum(fact.completed)
                FROM removed CROSS JOIN LATERAL (VALUES
                    (app_quarter(created_at), (status = 'pending')::integer, 1, 0),
                    (app_quarter(completed_at), 0, 0, 1)) AS fact (quarter, pending, created, completed)
                WHERE fact.quarter IS NOT NULL
                GROUP BY 1, 2, 3;
        ELSE
            INSERT INTO counter_changes (user_id, team_id, quarter, pending, created, completed)
                SELECT user_id, team_id, fact.quarter, sum(fact.pending), sum(fact.created), sum(fact.completed)
                FROM (
                    SELECT 1 AS times, user_id, team_id, status, created_at, completed_at FROM added
                    UNION ALL
                    SELECT -1, user_id, team_id, status, created_at, completed_at FROM removed) AS task
                CROSS JOIN LATERAL (VALUES
                    (app_quarter(created_at), times * (status = 'pending')::integer, times, 0),
                    (app_quarter(completed_at), 0, 0, times)) AS fact (quarter, pending, created, completed)
                WHERE fact.quarter IS NOT NULL
                GROUP BY 1, 2, 3
                HAVING sum(fact.pending) <> 0 OR sum(fact.created) <> 0 OR sum(fact.completed) <> 0;
        END IF;
        GET DIAGNOSTICS appended = ROW_COUNT;
        IF appended > 32 OR (appended > 0 AND random() < 1.0 / 64) THEN
            PERFORM app_fold_counter_changes();
        END IF;
        RETURN NULL;
    END $$;
CREATE TRIGGER counted_insert AFTER INSERT ON tasks REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app_count_tasks();
CREATE TRIGGER counted_update AFTER UPDATE ON tasks REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION app_count_tasks();
CREATE TRIGGER counted_delete AFTER DELETE ON tasks REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION app_count_tasks();

CREATE FUNCTION app_count_task_shares() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE
        appended bigint := 0;
        removed_people bigint := 0;
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            INSERT INTO counter_changes (user_id, view_only, can_edit)
                SELECT shared_with_user_id, -count(*) FILTER (WHERE permission = 'view'), -count(*) FILTER (WHERE permission = 'edit')
                FROM removed GROUP BY 1;
            GET DIAGNOSTICS removed_people = ROW_COUNT;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO counter_changes (user_id, view_only, can_edit)
                SELECT shared_with_user_id, count(*) FILTER (WHERE permission = 'view'), count(*) FILTER (WHERE permission = 'edit')
                FROM added GROUP BY 1;
            GET DIAGNOSTICS appended = ROW_COUNT;
        END IF;
        -- A statement that changed nothing folds nothing.
        IF appended + removed_people > 0 AND random() < 1.0 / 64 THEN
            PERFORM app_fold_counter_changes();
        END IF;
        RETURN NULL;
    END $$;
CREATE TRIGGER counted_insert AFTER INSERT ON task_shares REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app_count_task_shares();
CREATE TRIGGER counted_update AFTER UPDATE ON task_shares REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION app_count_task_shares();
CREATE TRIGGER counted_delete AFTER DELETE ON task_shares REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION app_count_task_shares();

-- The app reads its user's numbers; only the triggers change them.
REVOKE EXECUTE ON FUNCTION app_fold_counter_changes, app_count_tasks, app_count_task_shares FROM PUBLIC;
ALTER TABLE counter_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE counter_changes FORCE ROW LEVEL SECURITY;
GRANT SELECT ON counter_changes TO tallyboard_app;
CREATE POLICY system ON counter_changes TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY reading ON counter_changes FOR SELECT TO tallyboard_app USING (
    user_id = (SELECT app_user_id()) OR team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}')));
ALTER TABLE user_counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_counters FORCE ROW LEVEL SECURITY;
GRANT SELECT ON user_counters TO tallyboard_app;
CREATE POLICY system ON user_counters TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY reading ON user_counters FOR SELECT TO tallyboard_app USING (user_id = (SELECT app_user_id()));
ALTER TABLE team_counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE team_counters FORCE ROW LEVEL SECURITY;
GRANT SELECT ON team_counters TO tallyboard_app;
CREATE POLICY system ON team_counters TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY reading ON team_counters FOR SELECT TO tallyboard_app USING (
    team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}')));
ALTER TABLE user_days ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_days FORCE ROW LEVEL SECURITY;
GRANT SELECT ON user_days TO tallyboard_app;
CREATE POLICY system ON user_days TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY reading ON user_days FOR SELECT TO tallyboard_app USING (user_id = (SELECT app_user_id()));

-- Replaces all counters by counting. The caller holds a lock that keeps writers away.
CREATE FUNCTION app_rebuild_counters() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        DELETE FROM counter_changes;
        DELETE FROM user_counters;
        DELETE FROM team_counters;
        DELETE FROM user_days;
        INSERT INTO counter_changes (user_id, team_id, quarter, pending, created, completed)
            SELECT user_id, team_id, fact.quarter, sum(fact.pending), sum(fact.created), sum(fact.completed)
            FROM tasks CROSS JOIN LATERAL (VALUES
                (app_quarter(created_at), (status = 'pending')::integer, 1, 0),
                (app_quarter(completed_at), 0, 0, 1)) AS fact (quarter, pending, created, completed)
            WHERE fact.quarter IS NOT NULL
            GROUP BY 1, 2, 3;
        INSERT INTO counter_changes (user_id, view_only, can_edit)
            SELECT shared_with_user_id, count(*) FILTER (WHERE permission = 'view'), count(*) FILTER (WHERE permission = 'edit')
            FROM task_shares GROUP BY 1;
        PERFORM app_fold_counter_changes();
    END $$;
REVOKE EXECUTE ON FUNCTION app_rebuild_counters FROM PUBLIC;

-- What is there already; the policies hide it from the tables' owner, too.
SELECT set_config('app.system', 'on', true);
LOCK TABLE tasks, task_shares IN SHARE MODE;
SELECT app_rebuild_counters();
SELECT set_config('app.system', '', true);
