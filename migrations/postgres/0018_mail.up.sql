-- Mails that wait to be sent. A mail is written at the moment when it is sent: neither words nor secrets are stored.
CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    -- Whom the mail is for; of an invitation: who invites.
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('password_link', 'invitation', 'due_today', 'weekly_review')),
    invitation_id uuid REFERENCES team_invitations (id) ON DELETE CASCADE,
    attempts bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    CHECK ((kind = 'invitation') = (invitation_id IS NOT NULL))
);
CREATE INDEX outbox_next_idx ON outbox (next_attempt_at, id);
CREATE INDEX outbox_user_idx ON outbox (user_id);
CREATE INDEX outbox_invitation_idx ON outbox (invitation_id);

-- To which address an invitation was mailed; none: its link was shown to who created it.
ALTER TABLE team_invitations ADD COLUMN email text;

-- The mails that somebody wants regularly, each with the time of the next one.
CREATE TABLE notification_mails (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topic text NOT NULL CHECK (topic IN ('due_today', 'weekly_review')),
    next_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, topic)
);
CREATE INDEX notification_mails_next_idx ON notification_mails (next_at);

-- The app's role puts the user's own invitations into the outbox and reads none of it.
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
GRANT INSERT ON outbox TO tallyboard_app;
CREATE POLICY system ON outbox TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY inviting ON outbox FOR INSERT TO tallyboard_app WITH CHECK (
    user_id = (SELECT app_user_id()) AND kind = 'invitation'
    AND invitation_id IN (SELECT id FROM team_invitations WHERE created_by = (SELECT app_user_id())));

ALTER TABLE notification_mails ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_mails FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON notification_mails TO tallyboard_app;
CREATE POLICY system ON notification_mails TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON notification_mails TO tallyboard_app
    USING (user_id = (SELECT app_user_id())) WITH CHECK (user_id = (SELECT app_user_id()));
