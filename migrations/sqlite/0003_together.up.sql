-- Lists are walked newest first, a page at a time: their indexes end in that order.
DROP INDEX tasks_status_idx;
CREATE INDEX tasks_status_idx ON tasks (user_id, status, created_at, id);
DROP INDEX tasks_created_idx;
CREATE INDEX tasks_created_idx ON tasks (user_id, created_at, id);
DROP INDEX tasks_team_idx;
CREATE INDEX tasks_team_idx ON tasks (team_id, status, created_at, id);
CREATE INDEX tasks_team_created_idx ON tasks (team_id, created_at, id);
CREATE INDEX task_shares_received_idx ON task_shares (shared_with_user_id, created_at, task_id);
-- The dashboard's split by permission is answered from the index alone.
DROP INDEX task_shares_with_idx;
CREATE INDEX task_shares_with_idx ON task_shares (shared_with_user_id, task_id, permission);

-- What one person may know of another. PostgreSQL's view shows acquaintances only.
CREATE VIEW people AS SELECT id, name, email FROM users;
