//! Conversations as their list shows them: times in the user's time zone.

use tallyboard_core::auth::AuthenticatedUser;
use tallyboard_model::{chat::Conversation, id::ConversationId, language::to_the_minute};

/// A conversation as a list shows it.
#[derive(Clone)]
pub struct ListedConversation {
    /// Its id.
    pub id: ConversationId,
    /// Its title, or empty.
    pub title: String,
    /// When it last changed, in the user's time zone: `2026-12-31 18:05`.
    pub at: String,
}

/// A conversation as `user` reads it.
pub fn conversation(user: &AuthenticatedUser, conversation: Conversation) -> ListedConversation {
    let Conversation { id, title, updated_at, .. } = conversation;
    ListedConversation { id, title: title.unwrap_or_default(), at: to_the_minute(updated_at, user.time_zone()) }
}
