-- A token that reads the calendar of due days and nothing else; its scope is `read`.
ALTER TABLE access_tokens ADD COLUMN only_calendar bigint NOT NULL DEFAULT 0 CHECK (only_calendar IN (0, 1));
