-- The policies hide what is there from the tables' owner, too.
SELECT set_config('app.system', 'on', true);
-- The half minutes since 1970 of the codes that were accepted, newest first. The last one alone would refuse every code after
-- a clock was set back.
ALTER TABLE two_step ADD COLUMN used_steps text NOT NULL DEFAULT '';
UPDATE two_step SET used_steps = last_step::text;
ALTER TABLE two_step DROP COLUMN last_step;
-- Wrong codes after the right password, and since when they are counted.
ALTER TABLE two_step ADD COLUMN wrong_codes bigint NOT NULL DEFAULT 0;
ALTER TABLE two_step ADD COLUMN wrong_since timestamptz;
-- How often there were too many, and until when no code is accepted.
ALTER TABLE two_step ADD COLUMN refusals bigint NOT NULL DEFAULT 0;
ALTER TABLE two_step ADD COLUMN refused_until timestamptz;
