-- Links by which people join a team. Of the secret in the link, only the SHA-256 is kept.
CREATE TABLE team_invitations (
    id uuid PRIMARY KEY,
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    -- The invitation is valid while this person may add members with its role.
    created_by uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
    secret_hash text NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    -- How many people may use it; none: any number.
    max_uses bigint CHECK (max_uses > 0),
    uses bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX team_invitations_team_idx ON team_invitations (team_id, created_at, id);
CREATE INDEX team_invitations_creator_idx ON team_invitations (created_by);

-- Who has joined by an invitation.
CREATE TABLE team_invitation_uses (
    invitation_id uuid NOT NULL REFERENCES team_invitations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (invitation_id, user_id)
);
CREATE INDEX team_invitation_uses_user_idx ON team_invitation_uses (user_id);

ALTER TABLE team_invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE team_invitations FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON team_invitations TO tallyboard_app;
CREATE POLICY system ON team_invitations TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY reading ON team_invitations FOR SELECT TO tallyboard_app
    USING (team_id IN (SELECT app_my_teams('{owner,admin}')));
CREATE POLICY creating ON team_invitations FOR INSERT TO tallyboard_app WITH CHECK (
    created_by = (SELECT app_user_id())
    AND (team_id IN (SELECT app_my_teams('{owner}'))
        OR (role <> 'admin' AND team_id IN (SELECT app_my_teams('{admin}')))));
CREATE POLICY changing ON team_invitations FOR UPDATE TO tallyboard_app
    USING (team_id IN (SELECT app_my_teams('{owner,admin}')));

ALTER TABLE team_invitation_uses ENABLE ROW LEVEL SECURITY;
ALTER TABLE team_invitation_uses FORCE ROW LEVEL SECURITY;
GRANT SELECT ON team_invitation_uses TO tallyboard_app;
CREATE POLICY system ON team_invitation_uses TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY reading ON team_invitation_uses FOR SELECT TO tallyboard_app
    USING (invitation_id IN (SELECT id FROM team_invitations));
