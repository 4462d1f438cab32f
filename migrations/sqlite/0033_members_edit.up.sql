-- Whether members may change every task of the team, or only their own. Teams that exist already stay as they were.
ALTER TABLE teams ADD COLUMN members_edit TEXT NOT NULL DEFAULT 'own' CHECK (members_edit IN ('all', 'own'));
