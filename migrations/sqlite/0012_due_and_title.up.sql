-- Lists by day and by title. A task without a day is due at the end of time, so that it comes last.

ALTER TABLE tasks ADD COLUMN due_key TEXT GENERATED ALWAYS AS (coalesce(due_at, '9999-12-31T23:59:59+00:00')) VIRTUAL;
-- SQLite's lower() knows the letters of ASCII alone.
ALTER TABLE tasks ADD COLUMN title_key TEXT GENERATED ALWAYS AS (lower(title)) VIRTUAL;
DROP INDEX tasks_due_idx;
CREATE INDEX tasks_due_idx ON tasks (user_id, status, due_key, id);
CREATE INDEX tasks_title_idx ON tasks (user_id, status, title_key, id);
CREATE INDEX tasks_team_due_idx ON tasks (team_id, status, due_key, id) WHERE team_id IS NOT NULL;
CREATE INDEX tasks_team_title_idx ON tasks (team_id, status, title_key, id) WHERE team_id IS NOT NULL;
