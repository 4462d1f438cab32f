DROP TABLE received_invitations;
