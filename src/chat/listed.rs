//! Conversations as their list shows them: times in the user's time zone.

use super::{Conversation, ListedConversation};
use crate::{auth::AuthenticatedUser, language::to_the_minute};

/// A conversation as `user` reads it.
pub fn conversation(user: &AuthenticatedUser, conversation: Conversation) -> ListedConversation {
    let Conversation { id, title, updated_at, .. } = conversation;
    ListedConversation { id, title: title.unwrap_or_default(), at: to_the_minute(updated_at, user.time_zone()) }
}
