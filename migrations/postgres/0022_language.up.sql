-- The language that somebody has chosen: a BCP 47 tag, or `browser`.
ALTER TABLE users ADD COLUMN language text NOT NULL DEFAULT 'browser' CHECK (length(language) BETWEEN 2 AND 16);
