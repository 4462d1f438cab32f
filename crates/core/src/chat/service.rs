//! The rules of conversations: one function for each use case.

use serde_json::json;

use super::store;
use tallyboard_db::{Actor, Scope, now};
use tallyboard_model::{
    chat::{Conversation, ConversationPatch, Message, NewConversation, NewMessage},
    error::{Error, Result},
    id::{ConversationId, MessageId},
    input::Validator,
    list::{List, ListQuery, PageRequest},
};

/// The user's conversations, newest first.
pub async fn list(scope: &mut Scope, query: ListQuery) -> Result<List<Conversation>> {
    let page = PageRequest::parse(&query)?;
    let found = store::list(scope, &page).await?;
    Ok(page.answer(found, |conversation| (conversation.created_at, conversation.id.0)))
}

/// One conversation.
pub async fn get(scope: &mut Scope, id: ConversationId) -> Result<Conversation> {
    match store::find(scope, id).await? {
        Some(conversation) => Ok(conversation),
        None if store::exists(scope, id).await? => Err(Error::forbidden("This conversation belongs to someone else")),
        None => Err(Error::not_found("Conversation")),
    }
}

/// Creates a conversation.
pub async fn create(scope: &mut Scope, new: NewConversation) -> Result<Conversation> {
    let mut validator = Validator::new();
    let title = validator.optional_line("title", new.title.as_deref(), 200);
    validator.finish()?;
    let now = now();
    let user_id = scope.user_id();
    let conversation = Conversation { id: ConversationId::new(), user_id, title, created_at: now, updated_at: now };
    store::insert(scope, &conversation).await?;
    Ok(conversation)
}

/// Renames a conversation.
pub async fn update(scope: &mut Scope, id: ConversationId, patch: ConversationPatch) -> Result<Conversation> {
    let mut validator = Validator::new();
    let title = patch.title.map(|title| validator.optional_line("title", title.as_deref(), 200));
    validator.finish()?;
    let mut conversation = get(scope, id).await?;
    if let Some(title) = title {
        conversation.title = title;
        conversation.updated_at = now();
        store::update(scope, &conversation).await?;
    }
    Ok(conversation)
}

/// Deletes a conversation and all its messages.
pub async fn delete(scope: &mut Scope, id: ConversationId) -> Result<()> {
    get(scope, id).await?;
    store::delete(scope, id).await
}

/// The messages of a conversation, newest first.
pub async fn messages(scope: &mut Scope, id: ConversationId, query: ListQuery) -> Result<List<Message>> {
    let page = PageRequest::parse(&query)?;
    get(scope, id).await?;
    let found = store::messages(scope, id, &page).await?;
    Ok(page.answer(found, |message| (message.created_at, message.id.0)))
}

/// A conversation with a page of its messages.
pub async fn conversation_page(
    scope: &mut Scope,
    id: ConversationId,
    query: ListQuery,
) -> Result<(Conversation, List<Message>)> {
    Ok((get(scope, id).await?, messages(scope, id, query).await?))
}

/// Adds a message.
pub async fn add_message(scope: &mut Scope, id: ConversationId, new: NewMessage) -> Result<Message> {
    let mut validator = Validator::new();
    let content = validator.lines("content", &new.content, 1, 10_000);
    validator.finish()?;
    get(scope, id).await?;
    let message = Message {
        id: MessageId::new(),
        conversation_id: id,
        user_id: scope.user_id(),
        role: new.role,
        content,
        created_at: now(),
    };
    insert_message(scope, &message).await?;
    Ok(message)
}

/// Stores and publishes a message whose conversation is its user's.
pub(super) async fn insert_message<A: Actor>(scope: &mut Scope<A>, message: &Message) -> Result<()> {
    store::insert_message(scope, message).await?;
    let Message { id, conversation_id, user_id, role, .. } = message;
    let data = json!({ "conversation_id": conversation_id, "message_id": id, "role": role });
    scope.emit("message_created", vec![*user_id], data);
    store::touch(scope, message, now()).await
}
