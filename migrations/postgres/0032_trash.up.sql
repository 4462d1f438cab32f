-- Deleted tasks. They leave `tasks`, so that lists, numbers, searches, feeds and exports need no condition that leaves them out.
CREATE TABLE trash (
    -- The task's.
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    team_id uuid REFERENCES teams (id) ON DELETE SET NULL,
    -- The task and its shares, as JSON.
    content text NOT NULL,
    deleted_at timestamptz NOT NULL,
    deleted_by uuid REFERENCES users (id) ON DELETE SET NULL,
    -- The name of the personal token or the app that deleted it.
    deleted_via text
);
CREATE INDEX trash_user_idx ON trash (user_id, deleted_at DESC, id DESC);
CREATE INDEX trash_team_idx ON trash (team_id, deleted_at DESC, id DESC) WHERE team_id IS NOT NULL;
CREATE INDEX trash_deleted_by_idx ON trash (deleted_by);
CREATE INDEX trash_deleted_at_idx ON trash (deleted_at);

ALTER TABLE trash ENABLE ROW LEVEL SECURITY;
ALTER TABLE trash FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON trash TO tallyboard_app;
CREATE POLICY system ON trash TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
-- Anyone who may delete a task can restore it. Someone who has left a team no longer sees what they deleted there.
CREATE POLICY managed ON trash TO tallyboard_app USING (
    (user_id = (SELECT app_user_id())
        AND (team_id IS NULL OR team_id IN (SELECT app_my_teams('{owner,admin,member,viewer}'))))
    OR team_id IN (SELECT app_my_teams('{owner,admin}')));
CREATE POLICY withheld ON trash AS RESTRICTIVE FOR UPDATE TO CURRENT_USER USING (app_is_system());

-- A restored task keeps its owner, even if someone else restores it: the policy above says what the user finds in the trash.
-- PostgreSQL tries the policy for new tasks first.
CREATE POLICY restoring ON tasks FOR INSERT TO tallyboard_app WITH CHECK (EXISTS (
    SELECT FROM trash WHERE trash.id = tasks.id AND trash.user_id = tasks.user_id
        AND trash.team_id IS NOT DISTINCT FROM tasks.team_id));
