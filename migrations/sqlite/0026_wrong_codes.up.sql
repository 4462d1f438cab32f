-- The half minutes since 1970 of the codes that were accepted, newest first. The last one alone would refuse every code after
-- a clock was set back.
ALTER TABLE two_step ADD COLUMN used_steps TEXT NOT NULL DEFAULT '';
UPDATE two_step SET used_steps = CAST(last_step AS TEXT);
ALTER TABLE two_step DROP COLUMN last_step;
-- Wrong codes after the right password, and since when they are counted.
ALTER TABLE two_step ADD COLUMN wrong_codes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE two_step ADD COLUMN wrong_since TEXT;
-- How often there were too many, and until when no code is accepted.
ALTER TABLE two_step ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE two_step ADD COLUMN refused_until TEXT;
