//! Conversations with an assistant, and their messages. Each is its owner's alone.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{ConversationId, MessageId, UserId};

pub mod actions;
pub mod board;

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
mod row;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod store_test;

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The person.
    #[default]
    User,
    /// The assistant.
    Assistant,
}

impl Speaker {
    /// Its name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        }
    }
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// Whose.
    pub user_id: UserId,
    /// 1-200 characters, or none.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub title: Option<String>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it last changed: its title, or a message more.
    pub updated_at: DateTime<Utc>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Message {
    /// Which.
    pub id: MessageId,
    /// Of which conversation.
    pub conversation_id: ConversationId,
    /// Whose conversation that is.
    pub user_id: UserId,
    /// Who speaks.
    pub role: Speaker,
    /// 1-10,000 characters.
    pub content: String,
    /// When it was said.
    pub created_at: DateTime<Utc>,
}

/// A conversation to be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewConversation {
    /// At most 200 characters; empty or absent: none.
    #[cfg_attr(feature = "ssr", schema(max_length = 200, pattern = r"^[^\x00]*$"))]
    pub title: Option<String>,
}

/// Changes to a conversation: what is absent stays, null clears.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConversationPatch {
    /// At most 200 characters.
    #[serde(default, deserialize_with = "crate::list::given")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, max_length = 200, pattern = r"^[^\x00]*$"))]
    pub title: Option<Option<String>>,
}

/// A message to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// Who speaks; the person when absent.
    #[serde(default)]
    pub role: Speaker,
    /// 1-10,000 characters after trimming.
    #[cfg_attr(feature = "ssr", schema(min_length = 1, max_length = 10000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$"))]
    pub content: String,
}

/// A conversation as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedConversation {
    /// Which.
    pub id: ConversationId,
    /// Its title, or empty.
    pub title: String,
    /// When it last changed, by the reader's clock: `2026-12-31 18:05`.
    pub at: String,
}

/// A message as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedMessage {
    /// Which; none while it is being sent.
    pub id: Option<MessageId>,
    /// Who speaks.
    pub role: Speaker,
    /// What they say.
    pub content: String,
    /// When, by the reader's clock: `2026-12-31 18:05`; empty while it is being sent.
    pub at: String,
}
