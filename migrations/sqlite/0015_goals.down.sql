DROP TABLE user_goals;
