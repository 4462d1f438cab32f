DROP VIEW people;
DROP POLICY own ON messages;
CREATE POLICY own ON messages TO tallyboard_app USING (user_id = (SELECT app_user_id()));
DROP POLICY changing ON teams;
CREATE POLICY changing ON teams FOR UPDATE TO tallyboard_app USING (id IN (SELECT app_my_teams('{owner,admin}')));
DROP POLICY creating ON team_members;
CREATE POLICY creating ON team_members FOR INSERT TO tallyboard_app WITH CHECK (
    app_owns_team(team_id) OR team_id IN (SELECT app_my_teams('{owner,admin}')));
DROP POLICY changing ON team_members;
CREATE POLICY changing ON team_members FOR UPDATE TO tallyboard_app USING (
    team_id IN (SELECT app_my_teams('{owner,admin}')));
DROP POLICY deleting ON team_members;
CREATE POLICY deleting ON team_members FOR DELETE TO tallyboard_app USING (
    user_id = (SELECT app_user_id()) OR team_id IN (SELECT app_my_teams('{owner,admin}')));
DROP POLICY changing ON tasks;
CREATE POLICY changing ON tasks FOR UPDATE TO tallyboard_app USING (
    user_id = (SELECT app_user_id())
    OR team_id IN (SELECT app_my_teams('{owner,admin}'))
    OR id IN (SELECT app_my_shares('{edit}')));
DROP FUNCTION app_my_conversation, app_conversation_exists, app_take_out_of_team, app_task_may_become, app_acquaintances, app_team_owning_member, app_team_owner,
    app_user_exists, app_find_user;
DROP INDEX task_shares_with_idx;
CREATE INDEX task_shares_with_idx ON task_shares (shared_with_user_id, task_id);
DROP INDEX task_shares_received_idx;
DROP INDEX tasks_team_created_idx;
DROP INDEX tasks_team_idx;
CREATE INDEX tasks_team_idx ON tasks (team_id, status);
DROP INDEX tasks_created_idx;
CREATE INDEX tasks_created_idx ON tasks (user_id, created_at);
DROP INDEX tasks_status_idx;
CREATE INDEX tasks_status_idx ON tasks (user_id, status);
