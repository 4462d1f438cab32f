DROP TRIGGER counted_insert ON tasks;
DROP TRIGGER counted_update ON tasks;
DROP TRIGGER counted_delete ON tasks;
DROP TRIGGER counted_insert ON task_shares;
DROP TRIGGER counted_update ON task_shares;
DROP TRIGGER counted_delete ON task_shares;
DROP FUNCTION app_rebuild_counters, app_count_tasks, app_count_task_shares, app_fold_counter_changes, app_add_days, app_quarter;
DROP TABLE counter_changes, user_counters, team_counters, user_days;
