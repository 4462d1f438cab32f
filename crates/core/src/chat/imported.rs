//! Conversations from elsewhere: all of a file or none, and the same file twice adds nothing twice.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::store;
use tallyboard_db::{Lock, Scope, now};
use tallyboard_model::{
    chat::{Conversation, Message, MessageRole},
    error::Result,
    id::{ConversationId, MessageId, UserId},
    input::FileProblems,
};

/// A conversation as a file has it.
#[derive(Clone, Debug)]
pub struct ImportedConversation {
    /// Its position in the file, for errors: `conversations[3]`.
    pub place: String,
    /// Its id in the file, or where it has none: its place.
    pub key: String,
    /// Its id, when the file comes from a Tallyboard.
    pub id: Option<ConversationId>,
    /// Its title.
    pub title: Option<String>,
    /// When it was created; now when the file does not say it.
    pub created_at: Option<DateTime<Utc>>,
    /// When it changed last; when it was created where the file does not say it.
    pub updated_at: Option<DateTime<Utc>>,
    /// Its messages, in the order of the file.
    pub messages: Vec<ImportedMessage>,
}

/// A message as a file has it.
#[derive(Clone, Debug)]
pub struct ImportedMessage {
    /// Its author.
    pub role: MessageRole,
    /// Its text.
    pub content: String,
    /// When it was written; now when the file does not say it.
    pub created_at: Option<DateTime<Utc>>,
}

/// What an import adds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Imported {
    /// The number of new conversations.
    pub conversations: usize,
    /// How many messages they have.
    pub messages: usize,
    /// The number of conversations the user already has; these stay unchanged.
    pub known: usize,
}

/// Adds the conversations that the user does not have yet; with `dry_run`, only says how many.
pub async fn import(scope: &mut Scope, found: Vec<ImportedConversation>, dry_run: bool) -> Result<Imported> {
    let me = scope.user_id();
    if !dry_run && !found.is_empty() {
        // Two imports of a file at once must not both add it.
        scope.connection().lock(me.0, Lock::Exclusive).await?;
    }
    let id_of = |conversation: &ImportedConversation| ConversationId::for_import(me, &conversation.key);
    let ids: Vec<_> = found.iter().flat_map(|found| found.id.into_iter().chain([id_of(found)])).collect();
    let own = store::own_ids(scope, &ids).await?;
    let (mut problems, mut known, mut seen) = (FileProblems::default(), 0, HashSet::new());
    let (mut conversations, mut messages) = (Vec::new(), Vec::new());
    for found in found {
        let id = id_of(&found);
        let is_known = own.contains(&id) || found.id.is_some_and(|original| own.contains(&original));
        let Some((conversation, said)) = checked(&mut problems, found, id, me) else { continue };
        // A file that has a conversation twice adds it once.
        if is_known || !seen.insert(id) {
            known += 1;
            continue;
        }
        conversations.push(conversation);
        messages.extend(said);
    }
    problems.finish()?;
    if !dry_run {
        store::insert_many(scope, &conversations).await?;
        store::insert_messages(scope, &messages).await?;
    }
    Ok(Imported { conversations: conversations.len(), messages: messages.len(), known })
}

/// The conversation and its messages; `None` once enough problems are known.
fn checked(
    problems: &mut FileProblems,
    found: ImportedConversation,
    id: ConversationId,
    user_id: UserId,
) -> Option<(Conversation, Vec<Message>)> {
    let ImportedConversation { place, key, title, created_at, updated_at, messages, .. } = found;
    let now = now();
    let validator = problems.validator()?;
    let at = |field: &str| format!("{place}: {field}");
    let title = validator.optional_line(&at("title"), title.as_deref(), 200);
    let created_at = validator.past_time(&at("created_at"), created_at, now).unwrap_or(now);
    let updated_at = validator.past_time(&at("updated_at"), updated_at, now).unwrap_or(created_at);
    let mut said = Vec::with_capacity(messages.len());
    for (number, ImportedMessage { role, content, created_at }) in messages.into_iter().enumerate() {
        let validator = problems.validator()?;
        let at = |field: &str| format!("{place}.messages[{number}]: {field}");
        said.push(Message {
            id: MessageId::for_import(user_id, &format!("{key}\0{number}")),
            conversation_id: id,
            user_id,
            role,
            content: validator.lines(&at("content"), &content, 1, 10_000),
            created_at: validator.past_time(&at("created_at"), created_at, now).unwrap_or(now),
        });
    }
    Some((Conversation { id, user_id, title, created_at, updated_at }, said))
}
