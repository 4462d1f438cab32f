//! The SQL of conversations and messages.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use super::{Conversation, Message, MessageRole};
use crate::{
    db::{Connection, Scope, from_row, on_both},
    error::Result,
    id::{ConversationId, MessageId, UserId},
    list::PageRequest,
};

struct ConversationRow {
    id: ConversationId,
    user_id: UserId,
    title: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}
from_row!(ConversationRow { id, user_id, title, created_at, updated_at });

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        let ConversationRow { id, user_id, title, created_at, updated_at } = row;
        Self { id, user_id, title, created_at, updated_at }
    }
}

struct MessageRow {
    id: MessageId,
    conversation_id: ConversationId,
    user_id: UserId,
    role: String,
    content: String,
    created_at: DateTime<Utc>,
}
from_row!(MessageRow { id, conversation_id, user_id, role, content, created_at });

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        let MessageRow { id, conversation_id, user_id, role, content, created_at } = row;
        // The database's CHECK knows the same two.
        let role = if role == "assistant" { MessageRole::Assistant } else { MessageRole::User };
        Self { id, conversation_id, user_id, role, content, created_at }
    }
}

pub async fn list(scope: &mut Scope, page: &PageRequest) -> Result<Vec<Conversation>> {
    let me = scope.user_id();
    let rows: Vec<ConversationRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT id, user_id, title, created_at, updated_at FROM conversations
         WHERE user_id = $1 AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4")
        .bind(me).bind(page.after.time).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(Conversation::from).collect())
}

pub async fn find(scope: &mut Scope, id: ConversationId) -> Result<Option<Conversation>> {
    let me = scope.user_id();
    let row: Option<ConversationRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT id, user_id, title, created_at, updated_at FROM conversations WHERE id = $2 AND user_id = $1")
        .bind(me).bind(id).fetch_optional(conn).await)?;
    Ok(row.map(Conversation::from))
}

/// Whether a conversation exists, whoever owns it: it distinguishes 403 from 404.
pub async fn exists(scope: &mut Scope, id: ConversationId) -> Result<bool> {
    // PostgreSQL's policies hide it; the function says that it is there and nothing more.
    let sql = match scope.connection() {
        Connection::Sqlite(_) => "SELECT EXISTS (SELECT 1 FROM conversations WHERE id = $1)",
        Connection::Postgres(_) => "SELECT app_conversation_exists($1)",
    };
    Ok(on_both!(scope.connection(), conn => query_scalar(sql).bind(id).fetch_one(conn).await)?)
}

pub async fn insert(scope: &mut Scope, conversation: &Conversation) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO conversations (id, user_id, title, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(conversation.id).bind(me).bind(&conversation.title).bind(conversation.created_at)
        .bind(conversation.updated_at).execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn update(scope: &mut Scope, conversation: &Conversation) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "UPDATE conversations SET title = $3, updated_at = $4 WHERE id = $2 AND user_id = $1")
        .bind(me).bind(conversation.id).bind(&conversation.title).bind(conversation.updated_at)
        .execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn delete(scope: &mut Scope, id: ConversationId) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query("DELETE FROM conversations WHERE id = $2 AND user_id = $1")
        .bind(me).bind(id).execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn messages(scope: &mut Scope, id: ConversationId, page: &PageRequest) -> Result<Vec<Message>> {
    let me = scope.user_id();
    let rows: Vec<MessageRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT id, conversation_id, user_id, role, content, created_at FROM messages
         WHERE conversation_id = $2 AND user_id = $1 AND (created_at, id) < ($3, $4)
         ORDER BY created_at DESC, id DESC LIMIT $5")
        .bind(me).bind(id).bind(page.after.time).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// Stores a message in a conversation of mine; that it is mine has been checked.
pub async fn insert_message(scope: &mut Scope, message: &Message) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO messages (id, conversation_id, user_id, role, content, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(message.id).bind(message.conversation_id).bind(me).bind(message.role.as_str()).bind(&message.content)
        .bind(message.created_at).execute(conn).await.map(drop))?;
    Ok(())
}
