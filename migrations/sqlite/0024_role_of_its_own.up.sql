-- PostgreSQL alone has roles. The numbers stay the same on both.
SELECT 1;
