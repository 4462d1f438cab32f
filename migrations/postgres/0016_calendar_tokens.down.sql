-- An older program would let such a token read everything.
DELETE FROM access_tokens WHERE only_calendar = 1;
ALTER TABLE access_tokens DROP COLUMN only_calendar;
