DROP TRIGGER tasks_indexed_insert;
DROP TRIGGER tasks_indexed_update;
DROP TRIGGER tasks_indexed_delete;
DROP TABLE task_search;
DROP TABLE task_search_rows;
