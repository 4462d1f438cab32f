-- PostgreSQL alone has functions. The numbers stay the same on both.
SELECT 1;
