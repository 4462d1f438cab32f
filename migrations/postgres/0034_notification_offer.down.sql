ALTER TABLE users DROP COLUMN notifications_offered_at;
