-- Lists of tasks that somebody has saved under a name.
CREATE TABLE saved_filters (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
    -- The query of the page of tasks.
    query text NOT NULL CHECK (length(query) <= 2000),
    created_at timestamptz NOT NULL,
    UNIQUE (user_id, name)
);
CREATE INDEX saved_filters_user_idx ON saved_filters (user_id, created_at, id);

ALTER TABLE saved_filters ENABLE ROW LEVEL SECURITY;
ALTER TABLE saved_filters FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_filters TO tallyboard_app;
CREATE POLICY system ON saved_filters TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON saved_filters TO tallyboard_app
    USING (user_id = (SELECT app_user_id())) WITH CHECK (user_id = (SELECT app_user_id()));
