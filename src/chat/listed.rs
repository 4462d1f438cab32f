//! Conversations and messages as the lists show them: times in the user's time zone.

use super::{Conversation, ListedConversation, ListedMessage, Message};
use crate::{auth::AuthenticatedUser, calendar::to_the_minute};

/// A conversation as `user` reads it.
pub fn conversation(user: &AuthenticatedUser, conversation: Conversation) -> ListedConversation {
    let Conversation { id, title, updated_at, .. } = conversation;
    ListedConversation { id, title: title.unwrap_or_default(), at: to_the_minute(updated_at, user.time_zone()) }
}

/// A message as `user` reads it.
pub fn message(user: &AuthenticatedUser, message: Message) -> ListedMessage {
    let Message { id, role, content, created_at, .. } = message;
    ListedMessage { id: Some(id), role, content, at: to_the_minute(created_at, user.time_zone()) }
}
