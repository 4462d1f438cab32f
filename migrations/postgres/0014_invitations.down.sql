DROP TABLE team_invitation_uses;
DROP TABLE team_invitations;
