-- Prepares each database for a role of its own, and for running without one (src/db/role.rs).

-- Whether this statement may see every row. In a SECURITY DEFINER function it may: such a function has a schema in its
-- search_path that doesn't exist, as a mark. (A custom setting would say it better, but only a superuser may give one to
-- a function.) Comparing the role's name, as before, would not tell the two apart where the owner is also the app's role.
CREATE OR REPLACE FUNCTION app_is_system() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT coalesce(current_setting('app.system', true), '') = 'on'
        OR current_setting('search_path') = 'public, tallyboard_system, pg_temp' $$;
DO $$
DECLARE definer regprocedure;
BEGIN
    FOR definer IN SELECT oid FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prosecdef AND 'search_path=public, pg_temp' = ANY (proconfig)
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, tallyboard_system, pg_temp', definer);
    END LOOP;
END $$;

-- A view has no search_path: a function reads for it.
CREATE FUNCTION app_people() RETURNS TABLE (id uuid, name text, email text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ SELECT u.id, u.name, u.email FROM app_acquaintances() a JOIN users u ON u.id = a $$;
REVOKE EXECUTE ON FUNCTION app_people FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_people TO tallyboard_app;
CREATE OR REPLACE VIEW people WITH (security_barrier) AS SELECT id, name, email FROM app_people();

-- What the app's role has no right to, and the owner has: held back by policies, for a database where both are one.
ALTER TABLE task_search ENABLE ROW LEVEL SECURITY;
CREATE POLICY system ON task_search TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY withheld ON access_tokens AS RESTRICTIVE FOR DELETE TO CURRENT_USER USING (app_is_system());
CREATE POLICY withheld ON connected_apps AS RESTRICTIVE FOR DELETE TO CURRENT_USER USING (app_is_system());
CREATE POLICY withheld ON user_goals AS RESTRICTIVE FOR DELETE TO CURRENT_USER USING (app_is_system());
CREATE POLICY withheld ON passkeys AS RESTRICTIVE FOR UPDATE TO CURRENT_USER USING (app_is_system());
CREATE POLICY withheld ON resource_subscriptions AS RESTRICTIVE FOR UPDATE TO CURRENT_USER USING (app_is_system());
CREATE POLICY withheld ON notifications AS RESTRICTIVE FOR DELETE TO CURRENT_USER USING (app_is_system());
CREATE POLICY withheld_insert ON notifications AS RESTRICTIVE FOR INSERT TO CURRENT_USER WITH CHECK (app_is_system());
