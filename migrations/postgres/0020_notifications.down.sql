CREATE TABLE notification_mails (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topic text NOT NULL CHECK (topic IN ('due_today', 'weekly_review')),
    next_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, topic)
);
CREATE INDEX notification_mails_next_idx ON notification_mails (next_at);
SELECT set_config('app.system', 'on', true);
INSERT INTO notification_mails
    SELECT user_id, topic, next_at FROM notification_choices WHERE by_mail = 1 AND next_at IS NOT NULL;
ALTER TABLE notification_mails ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_mails FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON notification_mails TO tallyboard_app;
CREATE POLICY system ON notification_mails TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON notification_mails TO tallyboard_app
    USING (user_id = (SELECT app_user_id())) WITH CHECK (user_id = (SELECT app_user_id()));
DROP FUNCTION app_notify;
DROP TABLE notification_choices;
DROP TABLE notifications;
DELETE FROM outbox WHERE kind = 'notification';
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
    CHECK (kind IN ('password_link', 'invitation', 'due_today', 'weekly_review'));
