-- What creating a task writes: indexes hold only the rows that somebody looks for in them (docs/PERFORMANCE.md, Writes).
DROP INDEX counter_changes_team_idx;
CREATE INDEX counter_changes_team_idx ON counter_changes (team_id) WHERE team_id IS NOT NULL;
DROP INDEX tasks_team_idx;
CREATE INDEX tasks_team_idx ON tasks (team_id, status, created_at, id) WHERE team_id IS NOT NULL;
DROP INDEX tasks_team_created_idx;
CREATE INDEX tasks_team_created_idx ON tasks (team_id, created_at, id) WHERE team_id IS NOT NULL;
DROP INDEX tasks_completed_idx;
CREATE INDEX tasks_completed_idx ON tasks (user_id, completed_at) WHERE completed_at IS NOT NULL;
