-- How many tasks somebody wants to complete in a day and in a week.
CREATE TABLE user_goals (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    daily INTEGER CHECK (daily BETWEEN 1 AND 1000),
    weekly INTEGER CHECK (weekly BETWEEN 1 AND 1000),
    -- The weekdays that end no streak: a bit for each, Monday's is 1. Never all seven.
    days_off INTEGER NOT NULL CHECK (days_off BETWEEN 0 AND 126)
) STRICT, WITHOUT ROWID;
