-- With sharing.acceptance = "strangers": what people wait for who share a task with a stranger or add one to a team.
CREATE TABLE received_invitations (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    from_user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The sender's name and the team's name or the task's title at that time: the recipient can see neither's row.
    from_name text NOT NULL,
    subject text NOT NULL,
    team_id uuid REFERENCES teams (id) ON DELETE CASCADE,
    task_id uuid REFERENCES tasks (id) ON DELETE CASCADE,
    -- A role in the team or a permission for the task.
    access text NOT NULL CHECK (access IN ('admin', 'member', 'viewer', 'view', 'edit')),
    created_at timestamptz NOT NULL,
    CHECK ((team_id IS NULL) <> (task_id IS NULL)),
    UNIQUE (user_id, from_user_id, team_id),
    UNIQUE (user_id, from_user_id, task_id)
);
CREATE INDEX received_invitations_list_idx ON received_invitations (user_id, created_at DESC, id DESC);
CREATE INDEX received_invitations_from_idx ON received_invitations (from_user_id);
CREATE INDEX received_invitations_team_idx ON received_invitations (team_id);
CREATE INDEX received_invitations_task_idx ON received_invitations (task_id);

ALTER TABLE received_invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE received_invitations FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON received_invitations TO tallyboard_app;
CREATE POLICY system ON received_invitations TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY shown ON received_invitations FOR SELECT TO tallyboard_app
    USING (user_id = (SELECT app_user_id()) OR from_user_id = (SELECT app_user_id()));
-- Accepting does what the sender asked for with the sender's rights: nobody writes one in somebody else's name.
CREATE POLICY sent ON received_invitations FOR INSERT TO tallyboard_app WITH CHECK (from_user_id = (SELECT app_user_id()));
CREATE POLICY ended ON received_invitations FOR DELETE TO tallyboard_app
    USING (user_id = (SELECT app_user_id()) OR from_user_id = (SELECT app_user_id()));
CREATE POLICY withheld ON received_invitations AS RESTRICTIVE FOR UPDATE TO CURRENT_USER USING (app_is_system());
