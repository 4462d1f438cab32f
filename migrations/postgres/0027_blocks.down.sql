DROP FUNCTION app_is_blocked_by;
DROP TABLE blocks;
