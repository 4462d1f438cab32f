-- An index of every three letters in a row of titles and descriptions, in any letter's case.

-- Without pg_trgm a search reads every text: slow, and still right.
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'pg_trgm is not available, so searches are slow: %', SQLERRM;
END $$;

-- Lower case by Unicode where PostgreSQL has ICU; a database of the locale C lowers ASCII alone. The two small sigmas
-- are one letter: which of them `lower` makes depends on what follows.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') THEN
        CREATE FUNCTION app_lower(words text) RETURNS text LANGUAGE sql IMMUTABLE
            AS 'SELECT translate(lower(words COLLATE "und-x-icu"), ''ς'', ''σ'')';
    ELSE
        CREATE FUNCTION app_lower(words text) RETURNS text LANGUAGE sql IMMUTABLE
            AS 'SELECT translate(lower(words), ''ς'', ''σ'')';
    END IF;
END $$;
-- Character 1 keeps a match from going over from the title into the description.
CREATE FUNCTION app_search_text(title text, description text) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT app_lower(title || E'\x01' || coalesce(description, '')) $$;

-- A table of its own: `tasks` has row-level policies, and under a policy LIKE cannot use an index, because it is not
-- leakproof. The app's role has no right to this table; the function below answers only what the user may read.
CREATE TABLE task_search (
    task_id uuid PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
    content text NOT NULL
);
REVOKE ALL ON task_search FROM PUBLIC;

CREATE FUNCTION app_index_task() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        INSERT INTO task_search VALUES (NEW.id, app_search_text(NEW.title, NEW.description))
            ON CONFLICT (task_id) DO UPDATE SET content = excluded.content;
        RETURN NULL;
    END $$;
CREATE TRIGGER indexed_insert AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION app_index_task();
CREATE TRIGGER indexed_update AFTER UPDATE OF title, description ON tasks FOR EACH ROW
    WHEN ((OLD.title, OLD.description) IS DISTINCT FROM (NEW.title, NEW.description))
    EXECUTE FUNCTION app_index_task();

-- The tasks that contain a LIKE pattern and that the user may read. LATERAL with OFFSET 0 and no sequential scan:
-- found by the index, then looked up by their ids, whatever the planner thinks of the pattern.
CREATE FUNCTION app_search_tasks(pattern text) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off SET enable_bitmapscan = on
    AS $$
        SELECT s.task_id FROM task_search s
        CROSS JOIN LATERAL (SELECT user_id, team_id FROM tasks WHERE id = s.task_id OFFSET 0) t
        WHERE s.content LIKE app_lower(pattern) AND (
            t.user_id = app_user_id()
            OR t.team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}'))
            OR s.task_id IN (SELECT app_my_shares('{view,edit}')))
    $$;
REVOKE EXECUTE ON FUNCTION app_index_task, app_search_tasks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_search_tasks TO tallyboard_app;

-- What is there already; the policies hide it from the tables' owner, too.
SELECT set_config('app.system', 'on', true);
INSERT INTO task_search SELECT id, app_search_text(title, description) FROM tasks;
SELECT set_config('app.system', '', true);
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
        CREATE INDEX task_search_content_idx ON task_search USING gin (content gin_trgm_ops);
    END IF;
END $$;
