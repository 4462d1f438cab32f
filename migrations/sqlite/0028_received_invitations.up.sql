-- With sharing.acceptance = "strangers": what people wait for who share a task with a stranger or add one to a team.
CREATE TABLE received_invitations (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    from_user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The sender's name and the team's name or the task's title at that time: the recipient can see neither's row.
    from_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    team_id TEXT REFERENCES teams (id) ON DELETE CASCADE,
    task_id TEXT REFERENCES tasks (id) ON DELETE CASCADE,
    -- A role in the team or a permission for the task.
    access TEXT NOT NULL CHECK (access IN ('admin', 'member', 'viewer', 'view', 'edit')),
    created_at TEXT NOT NULL,
    CHECK ((team_id IS NULL) <> (task_id IS NULL)),
    UNIQUE (user_id, from_user_id, team_id),
    UNIQUE (user_id, from_user_id, task_id)
) STRICT;
CREATE INDEX received_invitations_list_idx ON received_invitations (user_id, created_at DESC, id DESC);
CREATE INDEX received_invitations_from_idx ON received_invitations (from_user_id);
CREATE INDEX received_invitations_team_idx ON received_invitations (team_id);
CREATE INDEX received_invitations_task_idx ON received_invitations (task_id);
