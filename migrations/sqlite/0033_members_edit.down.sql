ALTER TABLE teams DROP COLUMN members_edit;
