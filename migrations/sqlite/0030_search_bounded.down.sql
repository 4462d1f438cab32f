-- Searches have a function on PostgreSQL alone. The numbers stay the same on both.
SELECT 1;
