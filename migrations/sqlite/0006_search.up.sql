-- An index of every three letters in a row of titles and descriptions, in any letter's case.

-- FTS5 knows rows by number. VACUUM may renumber `tasks.rowid`, so the numbers are kept here.
CREATE TABLE task_search_rows (
    number INTEGER PRIMARY KEY,
    task_id TEXT NOT NULL UNIQUE
) STRICT;
CREATE VIRTUAL TABLE task_search USING fts5 (title, description, content = '', columnsize = 0, tokenize = 'trigram');

CREATE TRIGGER tasks_indexed_insert AFTER INSERT ON tasks BEGIN
    INSERT INTO task_search_rows (task_id) VALUES (NEW.id);
    INSERT INTO task_search (rowid, title, description)
        SELECT number, NEW.title, NEW.description FROM task_search_rows WHERE task_id = NEW.id;
END;
CREATE TRIGGER tasks_indexed_update AFTER UPDATE OF title, description ON tasks
WHEN (OLD.title, OLD.description) IS NOT (NEW.title, NEW.description) BEGIN
    INSERT INTO task_search (task_search, rowid, title, description)
        SELECT 'delete', number, OLD.title, OLD.description FROM task_search_rows WHERE task_id = OLD.id;
    INSERT INTO task_search (rowid, title, description)
        SELECT number, NEW.title, NEW.description FROM task_search_rows WHERE task_id = NEW.id;
END;
CREATE TRIGGER tasks_indexed_delete AFTER DELETE ON tasks BEGIN
    INSERT INTO task_search (task_search, rowid, title, description)
        SELECT 'delete', number, OLD.title, OLD.description FROM task_search_rows WHERE task_id = OLD.id;
    DELETE FROM task_search_rows WHERE task_id = OLD.id;
END;

-- What is there already.
INSERT INTO task_search_rows (task_id) SELECT id FROM tasks;
INSERT INTO task_search (rowid, title, description)
    SELECT r.number, t.title, t.description FROM task_search_rows r JOIN tasks t ON t.id = r.task_id;
