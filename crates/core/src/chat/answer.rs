//! The stored form of an assistant's answer.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use tallyboard_db::now;
use tallyboard_model::{
    chat::{AnswerState, Message, MessageRole},
    id::{ConversationId, MessageId, UserId},
};

/// An answer, as it is stored.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The id of the message that the answer becomes.
    pub id: MessageId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Who asked.
    pub user_id: UserId,
    /// The message that is answered.
    pub question_id: MessageId,
    /// The answer's state.
    pub state: AnswerState,
    /// What has been written so far.
    pub content: String,
    /// The assistant's actions.
    pub steps: Vec<Step>,
    /// The exchange with the model since the question, as JSON.
    pub transcript: String,
    /// The call that waits for the user's yes.
    pub pending: Option<PendingCall>,
    /// Until when the answer waits for the user's yes.
    pub expires_at: Option<DateTime<Utc>>,
    /// Tokens that the model has read and written for it.
    pub tokens: Tokens,
    /// When the answer was begun.
    pub created_at: DateTime<Utc>,
}

/// A model's token counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Tokens that the model has read.
    pub input: i64,
    /// Tokens that the model has written.
    pub output: i64,
}

impl Tokens {
    /// Both together.
    pub fn total(self) -> i64 {
        self.input + self.output
    }
}

/// One thing that the assistant did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The name of the tool.
    pub tool: String,
    /// The action, for the user: `Create a task: “Buy milk”`.
    pub words: String,
    /// The path of the task it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Why it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A tool call that needs the user's yes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingCall {
    /// The name of the tool.
    pub tool: String,
    /// The arguments of the call.
    pub arguments: Map<String, Value>,
    /// The details of what would happen.
    pub words: String,
    /// Every value that the person was shown; a yes counts while they are the same.
    #[serde(default)]
    pub facts: Vec<String>,
    /// The model's id of the call; none for a command that the user typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
}

impl Answer {
    /// A new answer to a question.
    pub fn to(question: &Message) -> Self {
        Self {
            id: MessageId::new(),
            conversation_id: question.conversation_id,
            user_id: question.user_id,
            question_id: question.id,
            state: AnswerState::Running,
            content: String::new(),
            steps: Vec::new(),
            transcript: "[]".to_owned(),
            pending: None,
            expires_at: None,
            tokens: Tokens::default(),
            // Messages are sorted by time: an answer comes after its question.
            created_at: now().max(question.created_at + TimeDelta::microseconds(1)),
        }
    }

    /// The answer as a message.
    pub fn message(&self) -> Message {
        Message {
            id: self.id,
            conversation_id: self.conversation_id,
            user_id: self.user_id,
            role: MessageRole::Assistant,
            content: self.content.clone(),
            created_at: self.created_at,
        }
    }

    /// The state now: a question that waited for too long has expired.
    pub fn current_state(&self) -> AnswerState {
        let has_expired = self.expires_at.is_some_and(|time| time <= now());
        if self.state == AnswerState::Waiting && has_expired { AnswerState::Expired } else { self.state }
    }
}
