-- PostgreSQL's alone: SQLite has no roles. The numbers stay the same on both.
SELECT 1;
