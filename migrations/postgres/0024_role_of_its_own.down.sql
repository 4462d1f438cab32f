DROP POLICY withheld_insert ON notifications;
DROP POLICY withheld ON notifications;
DROP POLICY withheld ON resource_subscriptions;
DROP POLICY withheld ON passkeys;
DROP POLICY withheld ON user_goals;
DROP POLICY withheld ON connected_apps;
DROP POLICY withheld ON access_tokens;
DROP POLICY system ON task_search;
ALTER TABLE task_search DISABLE ROW LEVEL SECURITY;
CREATE OR REPLACE VIEW people WITH (security_barrier) AS
    SELECT u.id, u.name, u.email FROM app_acquaintances() a JOIN users u ON u.id = a;
DROP FUNCTION app_people;
DO $$
DECLARE definer regprocedure;
BEGIN
    FOR definer IN SELECT oid FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND 'search_path=public, tallyboard_system, pg_temp' = ANY (proconfig)
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', definer);
    END LOOP;
END $$;
CREATE OR REPLACE FUNCTION app_is_system() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT current_setting('app.system', true) = 'on' OR current_setting('role') = 'tallyboard_app' $$;
