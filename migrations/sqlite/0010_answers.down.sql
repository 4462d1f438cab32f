ALTER TABLE audit_log DROP COLUMN app;
DROP TABLE assistant_usage;
DROP TABLE answers;
