-- Who did what, on what, when, from where: ids and names of fields, never their words. Written in the transaction of the
-- change; nothing may change or delete a row before its time.
CREATE TABLE audit_log (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The team whose owner and admins may read the row. It stays when the team is deleted.
    team_id TEXT,
    action TEXT NOT NULL CHECK (length(action) BETWEEN 1 AND 50),
    target_kind TEXT,
    target_id TEXT,
    -- The fields that changed, with commas between.
    fields TEXT,
    -- The personal token, when it was not the user's own session, and the name of its client program.
    token TEXT,
    client TEXT,
    ip TEXT,
    request_id TEXT
) STRICT;
CREATE INDEX audit_log_user_idx ON audit_log (user_id, at, id);
CREATE INDEX audit_log_team_idx ON audit_log (team_id, at, id) WHERE team_id IS NOT NULL;
CREATE INDEX audit_log_at_idx ON audit_log (at);

-- Rows from before this time may be deleted.
CREATE TABLE audit_retention (keep_from TEXT NOT NULL) STRICT;
INSERT INTO audit_retention (keep_from) VALUES ('0000-01-01T00:00:00+00:00');

CREATE TRIGGER audit_log_stays BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log: rows are not changed');
END;
-- With its user, a row goes; the user is deleted first.
CREATE TRIGGER audit_log_is_kept BEFORE DELETE ON audit_log
WHEN EXISTS (SELECT 1 FROM users WHERE id = OLD.user_id) AND OLD.at >= (SELECT keep_from FROM audit_retention)
BEGIN
    SELECT RAISE(ABORT, 'audit_log: rows are kept');
END;
