DROP TRIGGER indexed_insert ON tasks;
DROP TRIGGER indexed_update ON tasks;
DROP FUNCTION app_search_tasks, app_index_task, app_search_text, app_lower;
-- The extension stays: others may use it.
DROP TABLE task_search;
