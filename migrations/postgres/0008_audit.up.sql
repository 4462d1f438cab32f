-- Who did what, on what, when, from where: ids and names of fields, never their words. Written in the transaction of the
-- change; the app's role may add rows and read them, and nothing else.
CREATE TABLE audit_log (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The team whose owner and admins may read the row. It stays when the team is deleted.
    team_id uuid,
    action text NOT NULL CHECK (length(action) BETWEEN 1 AND 50),
    target_kind text,
    target_id uuid,
    -- The fields that changed, with commas between.
    fields text,
    -- The personal token, when it was not the user's own session, and the name of its client program.
    token text,
    client text,
    ip text,
    request_id uuid
);
CREATE INDEX audit_log_user_idx ON audit_log (user_id, at, id);
CREATE INDEX audit_log_team_idx ON audit_log (team_id, at, id) WHERE team_id IS NOT NULL;
CREATE INDEX audit_log_at_idx ON audit_log (at);

-- Rows from before this time may be deleted. A trigger reads it on SQLite, which has no roles.
CREATE TABLE audit_retention (keep_from timestamptz NOT NULL);
INSERT INTO audit_retention (keep_from) VALUES ('0001-01-01');

ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON audit_log TO tallyboard_app;
CREATE POLICY system ON audit_log TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY reading ON audit_log FOR SELECT TO tallyboard_app USING (
    user_id = (SELECT app_user_id()) OR team_id IN (SELECT app_my_teams('{owner,admin}')));
CREATE POLICY adding ON audit_log FOR INSERT TO tallyboard_app WITH CHECK (user_id = (SELECT app_user_id()));
