//! Conversations and messages as the lists show them: times in the user's time zone.

use chrono::{DateTime, Utc};

use super::{Conversation, ListedConversation, ListedMessage, Message};
use crate::auth::AuthenticatedUser;

fn at(user: &AuthenticatedUser, time: DateTime<Utc>) -> String {
    time.with_timezone(&user.time_zone()).format("%Y-%m-%d %H:%M").to_string()
}

/// A conversation as `user` reads it.
pub fn conversation(user: &AuthenticatedUser, conversation: Conversation) -> ListedConversation {
    let Conversation { id, title, updated_at, .. } = conversation;
    ListedConversation { id, title: title.unwrap_or_default(), at: at(user, updated_at) }
}

/// A message as `user` reads it.
pub fn message(user: &AuthenticatedUser, message: Message) -> ListedMessage {
    let Message { id, role, content, created_at, .. } = message;
    ListedMessage { id: Some(id), role, content, at: at(user, created_at) }
}
