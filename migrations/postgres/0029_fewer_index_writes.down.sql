DROP INDEX counter_changes_team_idx;
CREATE INDEX counter_changes_team_idx ON counter_changes (team_id);
DROP INDEX tasks_team_idx;
CREATE INDEX tasks_team_idx ON tasks (team_id, status, created_at, id);
DROP INDEX tasks_team_created_idx;
CREATE INDEX tasks_team_created_idx ON tasks (team_id, created_at, id);
DROP INDEX tasks_completed_idx;
CREATE INDEX tasks_completed_idx ON tasks (user_id, completed_at);
