-- How many tasks somebody wants to complete in a day and in a week.
CREATE TABLE user_goals (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    daily bigint CHECK (daily BETWEEN 1 AND 1000),
    weekly bigint CHECK (weekly BETWEEN 1 AND 1000),
    -- The weekdays that end no streak: a bit for each, Monday's is 1. Never all seven.
    days_off bigint NOT NULL CHECK (days_off BETWEEN 0 AND 126)
);

ALTER TABLE user_goals ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_goals FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON user_goals TO tallyboard_app;
CREATE POLICY system ON user_goals TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON user_goals TO tallyboard_app
    USING (user_id = (SELECT app_user_id())) WITH CHECK (user_id = (SELECT app_user_id()));
