-- The dashboard's numbers are kept, not counted: reading them costs the same with a million tasks as with ten.
--
-- Triggers append each change to counter_changes, in the transaction of the change. Every 64th change folds the
-- table into the totals and empties it. A number is its total and the changes that wait: `sum` over both.

CREATE TABLE counter_changes (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    team_id TEXT,
    -- Quarters of an hour since 1970; NULL for shares. Every time zone's days consist of such quarters.
    quarter INTEGER,
    pending INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL DEFAULT 0,
    completed INTEGER NOT NULL DEFAULT 0,
    view_only INTEGER NOT NULL DEFAULT 0,
    can_edit INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX counter_changes_user_idx ON counter_changes (user_id, quarter);
CREATE INDEX counter_changes_team_idx ON counter_changes (team_id);

-- Tasks that a user owns, and tasks shared with them. No foreign keys: when a user or a team is deleted, the
-- numbers go to zero by the triggers, and folding deletes rows that are zero.
CREATE TABLE user_counters (
    user_id TEXT PRIMARY KEY,
    pending INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    view_only INTEGER NOT NULL,
    can_edit INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX user_counters_zero_idx ON user_counters (user_id)
    WHERE pending = 0 AND completed = 0 AND view_only = 0 AND can_edit = 0;

CREATE TABLE team_counters (
    team_id TEXT PRIMARY KEY,
    pending INTEGER NOT NULL,
    completed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX team_counters_zero_idx ON team_counters (team_id) WHERE pending = 0 AND completed = 0;

-- A user's tasks by the quarter of an hour in which they were created and completed: a row a UTC day, with a
-- JSON array of its 96 quarters. `total` is the sum of both arrays.
CREATE TABLE user_days (
    user_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    created TEXT NOT NULL,
    completed TEXT NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (user_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_days_zero_idx ON user_days (user_id, day) WHERE total = 0;

CREATE TRIGGER tasks_counted_insert AFTER INSERT ON tasks BEGIN
    INSERT INTO counter_changes (user_id, team_id, quarter, pending, created)
        VALUES (NEW.user_id, NEW.team_id, unixepoch(NEW.created_at) / 900, NEW.status = 'pending', 1);
    INSERT INTO counter_changes (user_id, team_id, quarter, completed)
        SELECT NEW.user_id, NEW.team_id, unixepoch(NEW.completed_at) / 900, 1 WHERE NEW.status = 'completed';
END;
CREATE TRIGGER tasks_counted_delete AFTER DELETE ON tasks BEGIN
    INSERT INTO counter_changes (user_id, team_id, quarter, pending, created)
        VALUES (OLD.user_id, OLD.team_id, unixepoch(OLD.created_at) / 900, -(OLD.status = 'pending'), -1);
    INSERT INTO counter_changes (user_id, team_id, quarter, completed)
        SELECT OLD.user_id, OLD.team_id, unixepoch(OLD.completed_at) / 900, -1 WHERE OLD.status = 'completed';
END;
CREATE TRIGGER tasks_counted_update AFTER UPDATE OF user_id, team_id, status, created_at, completed_at ON tasks
WHEN (OLD.user_id, OLD.team_id, OLD.status, OLD.created_at, OLD.completed_at)
    IS NOT (NEW.user_id, NEW.team_id, NEW.status, NEW.created_at, NEW.completed_at)
BEGIN
    INSERT INTO counter_changes (user_id, team_id, quarter, pending, created) VALUES
        (OLD.user_id, OLD.team_id, unixepoch(OLD.created_at) / 900, -(OLD.status = 'pending'), -1),
        (NEW.user_id, NEW.team_id, unixepoch(NEW.created_at) / 900, NEW.status = 'pending', 1);
    INSERT INTO counter_changes (user_id, team_id, quarter, completed)
        SELECT OLD.user_id, OLD.team_id, unixepoch(OLD.completed_at) / 900, -1 WHERE OLD.status = 'completed'
        UNION ALL
        SELECT NEW.user_id, NEW.team_id, unixepoch(NEW.completed_at) / 900, 1 WHERE NEW.status = 'completed';
END;

CREATE TRIGGER task_shares_counted_insert AFTER INSERT ON task_shares BEGIN
    INSERT INTO counter_changes (user_id, view_only, can_edit)
        VALUES (NEW.shared_with_user_id, NEW.permission = 'view', NEW.permission = 'edit');
END;
CREATE TRIGGER task_shares_counted_delete AFTER DELETE ON task_shares BEGIN
    INSERT INTO counter_changes (user_id, view_only, can_edit)
        VALUES (OLD.shared_with_user_id, -(OLD.permission = 'view'), -(OLD.permission = 'edit'));
END;
CREATE TRIGGER task_shares_counted_update AFTER UPDATE OF shared_with_user_id, permission ON task_shares BEGIN
    INSERT INTO counter_changes (user_id, view_only, can_edit) VALUES
        (OLD.shared_with_user_id, -(OLD.permission = 'view'), -(OLD.permission = 'edit')),
        (NEW.shared_with_user_id, NEW.permission = 'view', NEW.permission = 'edit');
END;

-- The id counts from 1 again after each folding, because the table is empty then.
CREATE TRIGGER counter_changes_folded AFTER INSERT ON counter_changes WHEN NEW.id % 64 = 0 BEGIN
    -- WHERE true: without it SQLite reads ON CONFLICT as a join's ON.
    INSERT INTO user_counters (user_id, pending, completed, view_only, can_edit)
        SELECT user_id, sum(pending), sum(completed), sum(view_only), sum(can_edit)
        FROM counter_changes WHERE true GROUP BY user_id
        ON CONFLICT (user_id) DO UPDATE SET
            pending = pending + excluded.pending, completed = completed + excluded.completed,
            view_only = view_only + excluded.view_only, can_edit = can_edit + excluded.can_edit;
    INSERT INTO team_counters (team_id, pending, completed)
        SELECT team_id, sum(pending), sum(completed) FROM counter_changes WHERE team_id IS NOT NULL GROUP BY team_id
        ON CONFLICT (team_id) DO UPDATE SET
            pending = pending + excluded.pending, completed = completed + excluded.completed;
    INSERT INTO user_days (user_id, day, created, completed, total)
        SELECT DISTINCT user_id, quarter / 96, zero.quarters, zero.quarters, 0
        FROM counter_changes, (SELECT '[0' || replace(hex(zeroblob(95)), '00', ',0') || ']' AS quarters) AS zero
        WHERE quarter IS NOT NULL
        ON CONFLICT (user_id, day) DO NOTHING;
    -- Each deleted row is added to its day by the trigger below.
    DELETE FROM counter_changes;
    DELETE FROM user_counters WHERE pending = 0 AND completed = 0 AND view_only = 0 AND can_edit = 0;
    DELETE FROM team_counters WHERE pending = 0 AND completed = 0;
    DELETE FROM user_days WHERE total = 0;
END;
CREATE TRIGGER counter_changes_folded_into_day AFTER DELETE ON counter_changes
WHEN OLD.created <> 0 OR OLD.completed <> 0 BEGIN
    UPDATE user_days SET
        created = iif(OLD.created = 0, created, json_replace(created, '$[' || (OLD.quarter % 96) || ']',
            json_extract(created, '$[' || (OLD.quarter % 96) || ']') + OLD.created)),
        completed = iif(OLD.completed = 0, completed, json_replace(completed, '$[' || (OLD.quarter % 96) || ']',
            json_extract(completed, '$[' || (OLD.quarter % 96) || ']') + OLD.completed)),
        total = total + OLD.created + OLD.completed
        WHERE user_id = OLD.user_id AND day = OLD.quarter / 96;
END;

-- What is there already.
INSERT INTO counter_changes (user_id, team_id, quarter, pending, created, completed)
    SELECT user_id, team_id, quarter, sum(pending), sum(created), sum(completed) FROM (
        SELECT user_id, team_id, unixepoch(created_at) / 900 AS quarter, status = 'pending' AS pending, 1 AS created, 0 AS completed
            FROM tasks
        UNION ALL
        SELECT user_id, team_id, unixepoch(completed_at) / 900, 0, 0, 1 FROM tasks WHERE status = 'completed')
    GROUP BY user_id, team_id, quarter;
INSERT INTO counter_changes (user_id, view_only, can_edit)
    SELECT shared_with_user_id, sum(permission = 'view'), sum(permission = 'edit')
    FROM task_shares GROUP BY shared_with_user_id;
