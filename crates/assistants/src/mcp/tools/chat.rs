//! The tool that keeps a conversation.

use serde::Deserialize;
use utoipa::ToSchema;

use super::super::tool::{Effect, Tool};
use tallyboard_core::{app::AppState, auth::AuthenticatedUser, chat::service};
use tallyboard_model::{
    chat::{Message, MessageRole, NewConversation, NewMessage},
    error::Result,
    id::ConversationId,
};

/// The message to keep.
#[derive(Deserialize, ToSchema)]
pub struct SaveMessage {
    /// The conversation that it belongs to: the conversation_id of an earlier answer. Absent: a new conversation.
    conversation_id: Option<ConversationId>,
    /// The title of a new conversation; without effect in an existing one.
    #[schema(max_length = 200)]
    title: Option<String>,
    /// Who said it: `user` or `assistant`.
    role: MessageRole,
    #[schema(min_length = 1, max_length = 10000)]
    content: String,
    /// Any text that is new for each message: a call that is repeated with the same one does not save a second message.
    #[schema(min_length = 1, max_length = 255)]
    request_id: Option<String>,
}

impl Tool for SaveMessage {
    type Output = Message;
    const NAME: &'static str = "save_message";
    const TITLE: &'static str = "Save a message";
    const DESCRIPTION: &'static str = "Keeps one message of this conversation, so that the user finds it under Chat. \
        Only when the user wants the conversation kept.";
    const EFFECT: Effect = Effect::Add;

    fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<Message> {
        let Self { conversation_id, title, role, content, .. } = self;
        let new = NewMessage { role, content };
        app.db
            .scope(user)
            .write(|scope| {
                let (new, title) = (new.clone(), title.clone());
                Box::pin(async move {
                    let conversation = match conversation_id {
                        Some(conversation) => conversation,
                        None => service::create(scope, NewConversation { title }).await?.id,
                    };
                    service::add_message(scope, conversation, new).await
                })
            })
            .await
    }
}
