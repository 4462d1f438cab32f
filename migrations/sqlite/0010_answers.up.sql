-- What the assistant answers in a conversation, from the question until the answer is a message.
CREATE TABLE answers (
    -- The id of the message that the answer becomes.
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    question_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'stopped', 'waiting', 'confirmed', 'declined')),
    -- What has been written so far.
    content TEXT NOT NULL DEFAULT '' CHECK (length(content) <= 10000),
    -- What the assistant did: a JSON list.
    steps TEXT NOT NULL DEFAULT '[]',
    -- What was said between the model and us since the question: a JSON list of the protocol's messages.
    transcript TEXT NOT NULL DEFAULT '[]',
    -- The tool call that waits for the user's yes, as JSON, and until when.
    pending TEXT,
    expires_at TEXT,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    -- While it is running: the last sign of life of the server that writes it.
    updated_at TEXT NOT NULL
) STRICT;
-- One at a time in a conversation.
CREATE UNIQUE INDEX answers_running_key ON answers (conversation_id) WHERE state = 'running';
CREATE INDEX answers_alive_idx ON answers (updated_at) WHERE state = 'running';
CREATE INDEX answers_conversation_idx ON answers (conversation_id, created_at);
CREATE INDEX answers_question_idx ON answers (question_id);
CREATE INDEX answers_user_idx ON answers (user_id, created_at);

-- How many tokens the model has read and written for a user, by quarter of an hour: any time zone's days are sums of
-- them. Apart from the answers, which can be deleted.
CREATE TABLE assistant_usage (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    quarter TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    PRIMARY KEY (user_id, quarter)
) STRICT;

-- The program that acted for the user, when it was neither their own session nor a personal token.
ALTER TABLE audit_log ADD COLUMN app TEXT;
