//! Conversations and messages as they're sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{ConversationId, MessageId, UserId};

/// The author of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MessageRole {
    /// The person.
    #[default]
    User,
    /// The assistant.
    Assistant,
}

impl MessageRole {
    /// Its name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageRole::User => "user",
            MessageRole::Assistant => "assistant",
        }
    }
}

/// The state of an assistant's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerState {
    /// The answer is being written.
    Running,
    /// The answer is complete.
    Done,
    /// The answer could not be completed; its text says why.
    Failed,
    /// The user stopped it.
    Stopped,
    /// The answer asks the user for a yes.
    Waiting,
    /// The answer asked, and the user said yes.
    Confirmed,
    /// The answer asked, and the user said no.
    Declined,
    /// The answer asked, and nobody replied in time. The database has its state as waiting.
    Expired,
}

#[cfg(feature = "server")]
impl AnswerState {
    /// The state's name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Waiting | Self::Expired => "waiting",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        let all =
            [Self::Running, Self::Done, Self::Failed, Self::Stopped, Self::Waiting, Self::Confirmed, Self::Declined];
        all.into_iter().find(|state| state.as_str() == name)
    }
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Its owner.
    pub user_id: UserId,
    /// 1-200 characters, or none.
    #[cfg_attr(feature = "server", schema(required = true))]
    pub title: Option<String>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When its title changed or a message was added.
    pub updated_at: DateTime<Utc>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The owner of the conversation.
    pub user_id: UserId,
    /// The author.
    pub role: MessageRole,
    /// 1-10,000 characters.
    pub content: String,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}

/// A request for a new conversation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewConversation {
    /// At most 200 characters; empty or absent: none.
    #[cfg_attr(feature = "server", schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"))]
    pub title: Option<String>,
}

/// Changes to a conversation: absent fields stay, null clears the title.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConversationPatch {
    /// At most 200 characters.
    #[serde(default, deserialize_with = "crate::list::double_option")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"))]
    pub title: Option<Option<String>>,
}

/// A request for a new message.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// The author; the person when absent.
    #[serde(default)]
    pub role: MessageRole,
    /// 1-10,000 characters after trimming.
    #[cfg_attr(
        feature = "server",
        schema(
            min_length = 1,
            max_length = 10000,
            pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]*$"
        )
    )]
    pub content: String,
}
