-- What the assistant answers in a conversation, from the question until the answer is a message.
CREATE TABLE answers (
    -- The id of the message that the answer becomes.
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    question_id uuid NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'stopped', 'waiting', 'confirmed', 'declined')),
    -- What has been written so far.
    content text NOT NULL DEFAULT '' CHECK (length(content) <= 10000),
    -- What the assistant did: a JSON list.
    steps text NOT NULL DEFAULT '[]',
    -- What was said between the model and us since the question: a JSON list of the protocol's messages.
    transcript text NOT NULL DEFAULT '[]',
    -- The tool call that waits for the user's yes, as JSON, and until when.
    pending text,
    expires_at timestamptz,
    input_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    -- While it is running: the last sign of life of the server that writes it.
    updated_at timestamptz NOT NULL
);
-- One at a time in a conversation.
CREATE UNIQUE INDEX answers_running_key ON answers (conversation_id) WHERE state = 'running';
CREATE INDEX answers_alive_idx ON answers (updated_at) WHERE state = 'running';
CREATE INDEX answers_conversation_idx ON answers (conversation_id, created_at);
CREATE INDEX answers_question_idx ON answers (question_id);
CREATE INDEX answers_user_idx ON answers (user_id, created_at);

-- How many tokens the model has read and written for a user, by quarter of an hour: any time zone's days are sums of
-- them. Apart from the answers, which can be deleted.
CREATE TABLE assistant_usage (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    quarter timestamptz NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    PRIMARY KEY (user_id, quarter)
);

ALTER TABLE answers ENABLE ROW LEVEL SECURITY;
ALTER TABLE answers FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON answers TO tallyboard_app;
CREATE POLICY system ON answers TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON answers TO tallyboard_app USING (user_id = (SELECT app_user_id()))
    WITH CHECK (user_id = (SELECT app_user_id()) AND app_my_conversation(conversation_id));

ALTER TABLE assistant_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE assistant_usage FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON assistant_usage TO tallyboard_app;
CREATE POLICY system ON assistant_usage TO CURRENT_USER USING (app_is_system()) WITH CHECK (app_is_system());
CREATE POLICY own ON assistant_usage TO tallyboard_app USING (user_id = (SELECT app_user_id()));

-- The program that acted for the user, when it was neither their own session nor a personal token.
ALTER TABLE audit_log ADD COLUMN app text;
