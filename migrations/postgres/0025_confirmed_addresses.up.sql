-- When the account's email address was confirmed; none: others don't find the account by it.
ALTER TABLE users ADD COLUMN email_verified_at timestamptz;
-- The policies hide what is there from the tables' owner, too.
SELECT set_config('app.system', 'on', true);
-- Nobody who can be found disappears.
UPDATE users SET email_verified_at = created_at;

CREATE OR REPLACE FUNCTION app_find_user(wanted text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, tallyboard_system, pg_temp
    AS $$ SELECT id FROM users WHERE lower(email) = lower(wanted) AND email_verified_at IS NOT NULL $$;

-- The account's address when the link was made: another address ends the link.
ALTER TABLE password_links ADD COLUMN email text;
UPDATE password_links SET email = (SELECT email FROM users WHERE id = user_id);
-- 1: it was mailed, so whoever has it reads the mails of that address.
ALTER TABLE password_links ADD COLUMN by_mail bigint NOT NULL DEFAULT 0;

-- Where a mail goes that is not for the account's present address.
ALTER TABLE outbox ADD COLUMN email text;
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('password_link', 'invitation', 'due_today', 'weekly_review',
    'notification', 'address_link') OR kind LIKE 'account\_%');
-- The app's role tells the user of changes of their own account, at its present address.
CREATE POLICY telling ON outbox FOR INSERT TO tallyboard_app WITH CHECK (
    user_id = (SELECT app_user_id()) AND kind LIKE 'account\_%' AND invitation_id IS NULL AND email IS NULL);
