SELECT set_config('app.system', 'on', true);
DROP POLICY telling ON outbox;
DELETE FROM outbox WHERE kind = 'address_link' OR kind LIKE 'account\_%';
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
    CHECK (kind IN ('password_link', 'invitation', 'due_today', 'weekly_review', 'notification'));
ALTER TABLE outbox DROP COLUMN email;

ALTER TABLE password_links DROP COLUMN by_mail;
ALTER TABLE password_links DROP COLUMN email;

CREATE OR REPLACE FUNCTION app_find_user(wanted text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ SELECT id FROM users WHERE lower(email) = lower(wanted) $$;
ALTER TABLE users DROP COLUMN email_verified_at;
