-- Lists by day and by title. A task without a day is due at the end of time, so that it comes last.

-- Columns and not indexed expressions: under a policy only comparisons that are leakproof may use an index, and
-- those of columns are.
ALTER TABLE tasks
    ADD COLUMN due_key timestamptz GENERATED ALWAYS AS (coalesce(due_at, '9999-12-31 23:59:59+00'::timestamptz)) STORED,
    ADD COLUMN title_key text COLLATE "C" GENERATED ALWAYS AS (app_lower(title)) STORED;
DROP INDEX tasks_due_idx;
CREATE INDEX tasks_due_idx ON tasks (user_id, status, due_key, id);
CREATE INDEX tasks_title_idx ON tasks (user_id, status, title_key, id);
CREATE INDEX tasks_team_due_idx ON tasks (team_id, status, due_key, id) WHERE team_id IS NOT NULL;
CREATE INDEX tasks_team_title_idx ON tasks (team_id, status, title_key, id) WHERE team_id IS NOT NULL;
