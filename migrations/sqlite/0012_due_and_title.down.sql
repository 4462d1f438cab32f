DROP INDEX tasks_team_title_idx;
DROP INDEX tasks_team_due_idx;
DROP INDEX tasks_title_idx;
DROP INDEX tasks_due_idx;
CREATE INDEX tasks_due_idx ON tasks (user_id, due_at) WHERE status = 'pending' AND due_at IS NOT NULL;
ALTER TABLE tasks DROP COLUMN title_key;
ALTER TABLE tasks DROP COLUMN due_key;
