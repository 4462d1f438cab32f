-- PostgreSQL's alone: SQLite has no policies to look past. The numbers stay the same on both.
SELECT 1;
