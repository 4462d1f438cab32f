ALTER TABLE two_step DROP COLUMN refused_until;
ALTER TABLE two_step DROP COLUMN refusals;
ALTER TABLE two_step DROP COLUMN wrong_since;
ALTER TABLE two_step DROP COLUMN wrong_codes;
ALTER TABLE two_step ADD COLUMN last_step INTEGER NOT NULL DEFAULT 0;
UPDATE two_step SET last_step = CAST(used_steps AS INTEGER) WHERE used_steps <> '';
ALTER TABLE two_step DROP COLUMN used_steps;
