-- Whom somebody has blocked: the blocked can no longer find them, add them to a team or share with them.
CREATE TABLE blocks (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    blocked_user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Their name when they were blocked, if the user could see it then.
    name text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, blocked_user_id)
);
CREATE INDEX blocks_blocked_idx ON blocks (blocked_user_id);

ALTER TABLE blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE blocks FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON blocks TO tallyboard_app;
CREATE POLICY system ON blocks TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
-- The blocked person doesn't see the row.
CREATE POLICY own ON blocks TO tallyboard_app
    USING (user_id = (SELECT app_user_id())) WITH CHECK (user_id = (SELECT app_user_id()));
CREATE POLICY withheld ON blocks AS RESTRICTIVE FOR UPDATE TO CURRENT_USER USING (app_is_system());

-- Whether a person has blocked the user, and nothing else about that person's blocks.
CREATE FUNCTION app_is_blocked_by(person uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM blocks WHERE user_id = person AND blocked_user_id = app_user_id()) $$;
REVOKE EXECUTE ON FUNCTION app_is_blocked_by FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_is_blocked_by TO tallyboard_app;
