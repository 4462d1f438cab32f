-- Moves the policies and grants of this database to another role: when it gets a role of its own, or loses it.
-- Tallyboard puts the name of the role where this file has tallyboard_app, as in the migrations.
DO $$
DECLARE
    policy record;
    object text;
    former name;
    formers name[];
    -- Users' transactions run as the tables' owner, because no role could be made.
    is_owner boolean := 'tallyboard_app' = session_user;
BEGIN
    SELECT array_agg(DISTINCT role) INTO formers
        FROM pg_policies CROSS JOIN unnest(roles) AS role
        WHERE schemaname = 'public' AND role NOT IN ('tallyboard_app', session_user);
    FOR policy IN SELECT * FROM pg_policies
        WHERE schemaname = 'public' AND policyname <> 'system' AND policyname NOT LIKE 'withheld%'
    LOOP
        IF policy.roles <> ARRAY['tallyboard_app'::name] THEN
            EXECUTE format('ALTER POLICY %I ON public.%I TO %I', policy.policyname, policy.tablename, 'tallyboard_app');
        END IF;
        -- The functions that the policies call read as the same owner: without this they would call themselves.
        IF is_owner AND coalesce(policy.qual, '') || coalesce(policy.with_check, '') NOT LIKE '%app_is_system()%' THEN
            EXECUTE format('ALTER POLICY %I ON public.%I', policy.policyname, policy.tablename)
                || coalesce(' USING (NOT app_is_system() AND (' || policy.qual || '))', '')
                || coalesce(' WITH CHECK (NOT app_is_system() AND (' || policy.with_check || '))', '');
        END IF;
    END LOOP;

    -- The app's role has no right to the search index. The owner has: only a policy can keep it out, and under a policy
    -- LIKE can't use the index, so searching is slower then.
    IF is_owner THEN
        ALTER TABLE task_search FORCE ROW LEVEL SECURITY;
    ELSE
        ALTER TABLE task_search NO FORCE ROW LEVEL SECURITY;
    END IF;

    FOREACH former IN ARRAY coalesce(formers, '{}') LOOP
        FOR object IN
            SELECT format('TABLE public.%I', relname) FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
                    AND pg_get_userbyid(relowner) = current_user
            UNION ALL
            SELECT format('FUNCTION %s', oid::regprocedure) FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) = current_user
            UNION ALL
            SELECT 'SCHEMA public'
        LOOP
            EXECUTE format('REVOKE ALL ON %s FROM %I', object, former);
        END LOOP;
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO tallyboard_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON users, sessions, teams, team_members, tasks, task_shares, conversations, messages,
    idempotency_keys, answers, assistant_usage, saved_filters, notification_choices TO tallyboard_app;
GRANT SELECT, INSERT, UPDATE ON access_tokens, connected_apps, team_invitations, user_goals TO tallyboard_app;
GRANT SELECT, INSERT, DELETE ON resource_subscriptions, passkeys, blocks, received_invitations, trash TO tallyboard_app;
GRANT SELECT, INSERT ON audit_log TO tallyboard_app;
GRANT SELECT, UPDATE (read_at, mail_waits) ON notifications TO tallyboard_app;
GRANT SELECT ON people, team_invitation_uses, counter_changes, user_counters, team_counters, user_days TO tallyboard_app;
GRANT INSERT ON outbox TO tallyboard_app;
GRANT EXECUTE ON FUNCTION app_user_id, app_is_system, app_my_teams, app_my_shares, app_owns_team, app_manages_task,
    app_task_exists, app_team_exists, app_find_user, app_user_exists, app_conversation_exists, app_team_owner,
    app_team_owning_member, app_acquaintances, app_people, app_task_may_become, app_take_out_of_team, app_my_conversation,
    app_task_audience, app_search_tasks, app_notify, app_is_blocked_by,
    app_my_editable_teams TO tallyboard_app;
