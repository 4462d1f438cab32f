//! The SQL of conversations and messages.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use super::answer::{Answer, Tokens};
use tallyboard_db::{Actor, Connection, Scope, System, from_row, now, on_both, push_ids};
use tallyboard_model::{
    chat::{AnswerState, Conversation, Message, MessageRole},
    error::{Error, Result},
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
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(Conversation::from).collect())
}

pub async fn find(scope: &mut Scope, id: ConversationId) -> Result<Option<Conversation>> {
    let me = scope.user_id();
    let row: Option<ConversationRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT id, user_id, title, created_at, updated_at FROM conversations WHERE id = $2 AND user_id = $1")
        .bind(me).bind(id).fetch_optional(conn).await)?;
    Ok(row.map(Conversation::from))
}

/// Whether a conversation exists, whatever its owner; distinguishes 403 from 404.
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

/// Stores many conversations of the user's.
pub async fn insert_many(scope: &mut Scope, conversations: &[Conversation]) -> Result<()> {
    let me = scope.user_id();
    // SQLite accepts 32,766 parameters in one statement.
    for some in conversations.chunks(1000) {
        on_both!(scope.connection(), conn => {
            let mut sql = QueryBuilder::new("INSERT INTO conversations (id, user_id, title, created_at, updated_at) ");
            sql.push_values(some, |mut row, conversation| {
                row.push_bind(conversation.id).push_bind(me).push_bind(conversation.title.clone())
                    .push_bind(conversation.created_at).push_bind(conversation.updated_at);
            });
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Which of these ids are conversations of the user.
pub async fn own_ids(scope: &mut Scope, ids: &[ConversationId]) -> Result<HashSet<ConversationId>> {
    let me = scope.user_id();
    let mut own = HashSet::new();
    for some in ids.chunks(5000) {
        let found: Vec<ConversationId> = on_both!(scope.connection(), conn => {
            let mut sql = QueryBuilder::new("SELECT id FROM conversations WHERE user_id = ");
            sql.push_bind(me).push(" AND id IN ");
            push_ids(&mut sql, some);
            sql.build_query_scalar().fetch_all(conn).await
        })?;
        own.extend(found);
    }
    Ok(own)
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
        .bind(me).bind(id).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// Stores a message in a conversation of its user's; that it is theirs has been checked.
pub async fn insert_message<A: Actor>(scope: &mut Scope<A>, message: &Message) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO messages (id, conversation_id, user_id, role, content, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(message.id).bind(message.conversation_id).bind(message.user_id).bind(message.role.as_str()).bind(&message.content)
        .bind(message.created_at).execute(conn).await.map(drop))?;
    Ok(())
}

/// Stores many messages in conversations of the user's; that they are theirs has been checked.
pub async fn insert_messages(scope: &mut Scope, messages: &[Message]) -> Result<()> {
    let me = scope.user_id();
    for some in messages.chunks(1000) {
        on_both!(scope.connection(), conn => {
            let mut sql = QueryBuilder::new(
                "INSERT INTO messages (id, conversation_id, user_id, role, content, created_at) ");
            sql.push_values(some, |mut row, message| {
                row.push_bind(message.id).push_bind(message.conversation_id).push_bind(me)
                    .push_bind(message.role.as_str()).push_bind(message.content.clone()).push_bind(message.created_at);
            });
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// The conversation of a message has changed now.
pub async fn touch<A: Actor>(scope: &mut Scope<A>, message: &Message, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE conversations SET updated_at = $3 WHERE id = $2 AND user_id = $1")
        .bind(message.user_id).bind(message.conversation_id).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

struct AnswerRow {
    id: MessageId,
    conversation_id: ConversationId,
    user_id: UserId,
    question_id: MessageId,
    state: String,
    content: String,
    steps: String,
    transcript: String,
    pending: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    input_tokens: i64,
    output_tokens: i64,
    created_at: DateTime<Utc>,
}
from_row!(AnswerRow {
    id,
    conversation_id,
    user_id,
    question_id,
    state,
    content,
    steps,
    transcript,
    pending,
    expires_at,
    input_tokens,
    output_tokens,
    created_at
});

/// The columns of an [`AnswerRow`].
macro_rules! answers_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, conversation_id, user_id, question_id, state, content, steps, transcript, pending, expires_at,
                    input_tokens, output_tokens, created_at FROM answers WHERE ",
            $condition
        )
    };
}

impl TryFrom<AnswerRow> for Answer {
    type Error = Error;

    fn try_from(row: AnswerRow) -> Result<Self> {
        let state = AnswerState::parse(&row.state).ok_or_else(|| Error::internal("an answer has an unknown state"))?;
        Ok(Self {
            id: row.id,
            conversation_id: row.conversation_id,
            user_id: row.user_id,
            question_id: row.question_id,
            state,
            content: row.content,
            steps: serde_json::from_str(&row.steps).map_err(Error::internal)?,
            transcript: row.transcript,
            pending: row.pending.map(|json| serde_json::from_str(&json)).transpose().map_err(Error::internal)?,
            expires_at: row.expires_at,
            tokens: Tokens { input: row.input_tokens, output: row.output_tokens },
            created_at: row.created_at,
        })
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

pub async fn insert_answer(scope: &mut Scope, answer: &Answer) -> Result<()> {
    let me = scope.user_id();
    let (steps, pending) = (to_json(&answer.steps)?, answer.pending.as_ref().map(to_json).transpose()?);
    on_both!(scope.connection(), conn => query(
        "INSERT INTO answers (id, conversation_id, user_id, question_id, state, content, steps, transcript, pending,
                              expires_at, input_tokens, output_tokens, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)")
        .bind(answer.id).bind(answer.conversation_id).bind(me).bind(answer.question_id).bind(answer.state.as_str())
        .bind(&answer.content).bind(steps).bind(&answer.transcript).bind(pending).bind(answer.expires_at)
        .bind(answer.tokens.input).bind(answer.tokens.output).bind(answer.created_at).execute(conn).await.map(drop))?;
    Ok(())
}

/// Stores an answer if it is in the state `from`; returns whether it was.
pub async fn save_answer<A: Actor>(scope: &mut Scope<A>, answer: &Answer, from: AnswerState) -> Result<bool> {
    let (steps, pending) = (to_json(&answer.steps)?, answer.pending.as_ref().map(to_json).transpose()?);
    let saved: Option<MessageId> = on_both!(scope.connection(), conn => query_scalar(
        "UPDATE answers SET state = $4, content = $5, steps = $6, transcript = $7, pending = $8, expires_at = $9,
                            input_tokens = $10, output_tokens = $11, updated_at = $12
         WHERE id = $2 AND user_id = $1 AND state = $3 RETURNING id")
        .bind(answer.user_id).bind(answer.id).bind(from.as_str()).bind(answer.state.as_str()).bind(&answer.content)
        .bind(steps).bind(&answer.transcript).bind(pending).bind(answer.expires_at).bind(answer.tokens.input)
        .bind(answer.tokens.output).bind(now()).fetch_optional(conn).await)?;
    Ok(saved.is_some())
}

/// Adds to the text of a running answer; returns whether it is running.
pub async fn append_to_answer(scope: &mut Scope, id: MessageId, text: &str, now: DateTime<Utc>) -> Result<bool> {
    let me = scope.user_id();
    let found: Option<MessageId> = on_both!(scope.connection(), conn => query_scalar(
        "UPDATE answers SET content = content || $3, updated_at = $4
         WHERE id = $2 AND user_id = $1 AND state = 'running' RETURNING id")
        .bind(me).bind(id).bind(text).bind(now).fetch_optional(conn).await)?;
    Ok(found.is_some())
}

pub async fn find_answer(scope: &mut Scope, id: MessageId) -> Result<Option<Answer>> {
    let me = scope.user_id();
    let row: Option<AnswerRow> = on_both!(scope.connection(), conn => query_as(answers_where!("id = $2 AND user_id = $1"))
        .bind(me).bind(id).fetch_optional(conn).await)?;
    row.map(Answer::try_from).transpose()
}

/// The answer that is being written in a conversation.
pub async fn running_answer(scope: &mut Scope, conversation: ConversationId) -> Result<Option<Answer>> {
    let me = scope.user_id();
    let row: Option<AnswerRow> = on_both!(scope.connection(), conn => query_as(
        answers_where!("conversation_id = $2 AND user_id = $1 AND state = 'running'"))
        .bind(me).bind(conversation).fetch_optional(conn).await)?;
    row.map(Answer::try_from).transpose()
}

/// The conversations in which an answer for me is being written.
pub async fn running_answers(scope: &mut Scope) -> Result<Vec<ConversationId>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT conversation_id FROM answers WHERE user_id = $1 AND state = 'running'")
        .bind(me).fetch_all(conn).await)?)
}

pub async fn answers_since(
    scope: &mut Scope,
    conversation: ConversationId,
    time: DateTime<Utc>,
) -> Result<Vec<Answer>> {
    let me = scope.user_id();
    let rows: Vec<AnswerRow> = on_both!(scope.connection(), conn => query_as(
        answers_where!("conversation_id = $2 AND user_id = $1 AND created_at >= $3 ORDER BY created_at, id"))
        .bind(me).bind(conversation).bind(time).fetch_all(conn).await)?;
    rows.into_iter().map(Answer::try_from).collect()
}

/// How many tokens were used for the user in each quarter of an hour that began after a time, the earliest first.
pub async fn tokens_since(scope: &mut Scope, time: DateTime<Utc>) -> Result<Vec<(DateTime<Utc>, i64)>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT quarter, input_tokens + output_tokens FROM assistant_usage WHERE user_id = $1 AND quarter > $2
         ORDER BY quarter")
        .bind(me).bind(time).fetch_all(conn).await)?)
}

/// Adds to the tokens of a quarter of an hour, and forgets those from before `keep_from`.
pub async fn add_tokens(
    scope: &mut Scope,
    quarter: DateTime<Utc>,
    tokens: Tokens,
    keep_from: DateTime<Utc>,
) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO assistant_usage (user_id, quarter, input_tokens, output_tokens) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, quarter) DO UPDATE SET
             input_tokens = assistant_usage.input_tokens + excluded.input_tokens,
             output_tokens = assistant_usage.output_tokens + excluded.output_tokens")
        .bind(me).bind(quarter).bind(tokens.input).bind(tokens.output).execute(conn).await.map(drop))?;
    on_both!(scope.connection(), conn => query("DELETE FROM assistant_usage WHERE user_id = $1 AND quarter < $2")
        .bind(me).bind(keep_from).execute(conn).await.map(drop))?;
    Ok(())
}

/// The last message that I wrote in a conversation.
pub async fn last_question(scope: &mut Scope, conversation: ConversationId) -> Result<Option<Message>> {
    let me = scope.user_id();
    let row: Option<MessageRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT id, conversation_id, user_id, role, content, created_at FROM messages
         WHERE conversation_id = $2 AND user_id = $1 AND role = 'user' ORDER BY created_at DESC, id DESC LIMIT 1")
        .bind(me).bind(conversation).fetch_optional(conn).await)?;
    Ok(row.map(Message::from))
}

/// The conversation of a message of mine.
pub async fn conversation_of(scope: &mut Scope, message: MessageId) -> Result<Option<ConversationId>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT conversation_id FROM messages WHERE id = $2 AND user_id = $1")
        .bind(me).bind(message).fetch_optional(conn).await)?)
}

/// Deletes the messages and answers of a conversation from a time on.
pub async fn delete_messages_since(scope: &mut Scope, conversation: ConversationId, time: DateTime<Utc>) -> Result<()> {
    let me = scope.user_id();
    for sql in [
        "DELETE FROM answers WHERE conversation_id = $2 AND user_id = $1 AND created_at >= $3",
        "DELETE FROM messages WHERE conversation_id = $2 AND user_id = $1 AND created_at >= $3",
    ] {
        on_both!(scope.connection(), conn => query(sql).bind(me).bind(conversation).bind(time)
            .execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// Running answers, of any user, whose server has given no sign of life since a time.
pub async fn answers_without_life(scope: &mut Scope<System>, time: DateTime<Utc>) -> Result<Vec<Answer>> {
    let rows: Vec<AnswerRow> = on_both!(scope.connection(), conn => query_as(
        answers_where!("state = 'running' AND updated_at < $1 ORDER BY updated_at LIMIT 100"))
        .bind(time).fetch_all(conn).await)?;
    rows.into_iter().map(Answer::try_from).collect()
}
