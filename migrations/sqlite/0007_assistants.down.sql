DROP INDEX tasks_due_idx;
DROP TABLE resource_subscriptions;
DROP TABLE access_tokens;
