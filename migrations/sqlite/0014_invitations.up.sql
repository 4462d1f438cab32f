-- Links by which people join a team. Of the secret in the link, only the SHA-256 is kept.
CREATE TABLE team_invitations (
    id TEXT PRIMARY KEY,
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    -- The invitation is valid while this person may add members with its role.
    created_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
    secret_hash TEXT NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    -- How many people may use it; none: any number.
    max_uses INTEGER CHECK (max_uses > 0),
    uses INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
CREATE INDEX team_invitations_team_idx ON team_invitations (team_id, created_at, id);
CREATE INDEX team_invitations_creator_idx ON team_invitations (created_by);

-- Who has joined by an invitation.
CREATE TABLE team_invitation_uses (
    invitation_id TEXT NOT NULL REFERENCES team_invitations (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    PRIMARY KEY (invitation_id, user_id)
) STRICT;
CREATE INDEX team_invitation_uses_user_idx ON team_invitation_uses (user_id);
