DROP TABLE notification_mails;
DROP TABLE outbox;
ALTER TABLE team_invitations DROP COLUMN email;
