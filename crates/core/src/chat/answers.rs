//! Answers of the assistant: what's stored of one, from the question until it becomes a message.
//!
//! While an answer is written it is a row of `answers` alone; each piece is stored and published in one transaction, so a
//! page that is opened in the middle shows what there is and the next piece fits to it. When the answer ends, in whatever
//! way, it becomes a message with the same id, which does not change any more.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{service, store};
use tallyboard_db::{Actor, Lock, Scope, System, now};
use tallyboard_model::{
    chat::{AnswerState, Message},
    error::{Code, Error, Result},
    id::{ConversationId, MessageId},
    language::{t, t_with},
};

pub use super::answer::{Answer, PendingCall, Step, Tokens};

/// How long a question to the user waits for its yes.
pub const CONFIRMATION_TIMEOUT: TimeDelta = TimeDelta::minutes(10);
/// How many answers of one user may be written at the same time.
const MAX_RUNNING: usize = 3;
/// How long the numbers of tokens are kept.
const USAGE_RETENTION: TimeDelta = TimeDelta::days(40);
/// The longest message, in characters.
pub const MAX_LENGTH: usize = 10_000;

/// How an answer ends.
#[derive(Clone, Debug)]
pub struct AnswerOutcome {
    /// The last state, or waiting.
    pub state: AnswerState,
    /// The text of the message; cut to its limit.
    pub content: String,
    /// The call that waits for a yes.
    pub pending: Option<PendingCall>,
}

/// Begins an answer.
///
/// # Errors
/// 409 while another answer is written in the conversation, or too many of the user's.
pub async fn begin(scope: &mut Scope, answer: &Answer) -> Result<()> {
    // Two questions at the same moment: one is answered, the other gets an error.
    scope.connection().lock(answer.user_id.0, Lock::Exclusive).await?;
    let running = store::running_answers(scope).await?;
    if running.contains(&answer.conversation_id) {
        return Err(Error::new(Code::Conflict, "An answer is being written in this conversation")
            .detail("Wait for it, or stop it first"));
    }
    if running.len() >= MAX_RUNNING {
        return Err(Error::new(
            Code::Conflict,
            t_with("{n} of your answers are already in progress", &[("n", &MAX_RUNNING)]),
        )
        .detail("Wait for one of them, or stop it"));
    }
    store::insert_answer(scope, answer).await
}

/// Adds a piece of text to a running answer and publishes it. Returns `false` if the answer is no longer running.
/// An empty piece is a sign of life.
pub async fn append(scope: &mut Scope, answer: &Answer, text: &str, offset: usize) -> Result<bool> {
    let is_running = store::append_to_answer(scope, answer.id, text, now()).await?;
    if is_running && !text.is_empty() {
        let data = json!({
            "conversation_id": answer.conversation_id, "message_id": answer.id, "text": text, "offset": offset,
        });
        scope.emit("message_delta", vec![answer.user_id], data);
    }
    Ok(is_running)
}

/// Stores what the assistant has done so far. Returns `false` if the answer is no longer running.
pub async fn save(scope: &mut Scope, answer: &Answer) -> Result<bool> {
    store::save_answer(scope, answer, AnswerState::Running).await
}

/// Ends a running answer: it becomes a message. Returns `false` if it had already ended.
pub async fn end(scope: &mut Scope, answer: &Answer, outcome: AnswerOutcome) -> Result<bool> {
    end_as(scope, answer, outcome).await
}

/// Stores an answer that ends at once: of a command.
pub async fn add_ended(scope: &mut Scope, answer: &Answer, outcome: AnswerOutcome) -> Result<Answer> {
    let ended = ended_answer(answer, outcome);
    store::insert_answer(scope, &ended).await?;
    publish(scope, &ended).await?;
    Ok(ended)
}

async fn end_as<A: Actor>(scope: &mut Scope<A>, answer: &Answer, outcome: AnswerOutcome) -> Result<bool> {
    let ended = ended_answer(answer, outcome);
    if !store::save_answer(scope, &ended, AnswerState::Running).await? {
        return Ok(false);
    }
    publish(scope, &ended).await?;
    Ok(true)
}

fn ended_answer(answer: &Answer, outcome: AnswerOutcome) -> Answer {
    let AnswerOutcome { state, content, pending } = outcome;
    let expires_at = pending.is_some().then(|| now() + CONFIRMATION_TIMEOUT);
    let content: String = content.trim().chars().take(MAX_LENGTH).collect();
    // A message is never empty.
    let content = if content.is_empty() { t("(no words)").to_owned() } else { content };
    Answer { state, content, pending, expires_at, ..answer.clone() }
}

async fn publish<A: Actor>(scope: &mut Scope<A>, answer: &Answer) -> Result<()> {
    service::insert_message(scope, &answer.message()).await
}

/// Stops the running answer of a conversation; no error when there is none.
pub async fn stop(scope: &mut Scope, conversation: ConversationId) -> Result<()> {
    service::get(scope, conversation).await?;
    if let Some(answer) = store::running_answer(scope, conversation).await? {
        let content = if answer.content.trim().is_empty() { t("Stopped.").to_owned() } else { answer.content.clone() };
        end(scope, &answer, AnswerOutcome { state: AnswerState::Stopped, content, pending: None }).await?;
    }
    Ok(())
}

/// One answer of the user; 404 when there is none.
pub async fn get(scope: &mut Scope, id: MessageId) -> Result<Answer> {
    store::find_answer(scope, id).await?.ok_or_else(|| Error::not_found("Answer"))
}

/// Takes the user's yes or no to what an answer asks.
///
/// # Errors
/// 409 when the answer asks nothing any more.
pub async fn resolve(scope: &mut Scope, id: MessageId, yes: bool) -> Result<(Answer, PendingCall)> {
    let answer = get(scope, id).await?;
    let over = || {
        Error::new(Code::Conflict, "This question has been closed")
            .detail("Ask again; nothing was done without your yes")
    };
    let Some(pending) = answer.pending.clone().filter(|_| answer.current_state() == AnswerState::Waiting) else {
        return Err(over());
    };
    let state = if yes { AnswerState::Confirmed } else { AnswerState::Declined };
    let resolved = Answer { state, pending: None, expires_at: None, ..answer.clone() };
    if !store::save_answer(scope, &resolved, AnswerState::Waiting).await? {
        return Err(over());
    }
    Ok((answer, pending))
}

/// The answers of a conversation since a time, with the one that is being written.
pub async fn since(scope: &mut Scope, conversation: ConversationId, time: DateTime<Utc>) -> Result<Vec<Answer>> {
    store::answers_since(scope, conversation, time).await
}

/// How long tokens count. Not a calendar day, which would begin again with another time zone.
pub const TOKENS_COUNT_FOR: TimeDelta = TimeDelta::hours(24);

/// How many tokens the model has read and written for the user in the last 24 hours, by quarters of an hour, the earliest first.
pub async fn tokens_of_last_day(scope: &mut Scope) -> Result<Vec<(DateTime<Utc>, i64)>> {
    store::tokens_since(scope, now() - TOKENS_COUNT_FOR).await
}

/// Counts tokens for the user. They are counted apart from the answers, which can be deleted.
pub async fn count_tokens(scope: &mut Scope, tokens: Tokens) -> Result<()> {
    let now = now();
    // Every time zone's day is a sum of quarters of an hour.
    let quarter = DateTime::from_timestamp(now.timestamp() - now.timestamp().rem_euclid(900), 0).unwrap_or(now);
    store::add_tokens(scope, quarter, tokens, now - USAGE_RETENTION).await
}

/// Removes the answer to the last question, so that it can be answered again. Returns the question.
///
/// # Errors
/// 409 when something was asked since, or the answer is being written.
pub async fn take_back(scope: &mut Scope, id: MessageId) -> Result<Message> {
    let answer = get(scope, id).await?;
    let question = last_question(scope, answer.conversation_id).await?;
    if question.id != answer.question_id {
        return Err(Error::new(Code::Conflict, "A newer question has been asked")
            .detail("Only the last question can be retried"));
    }
    remove_since(scope, &question, question.created_at + TimeDelta::microseconds(1)).await?;
    Ok(question)
}

/// Removes the last question with its answer, so that it can be rephrased. Returns its conversation.
///
/// # Errors
/// 409 when it is not the last, or the answer is being written.
pub async fn remove_question(scope: &mut Scope, id: MessageId) -> Result<ConversationId> {
    let conversation = store::conversation_of(scope, id).await?.ok_or_else(|| Error::not_found("Message"))?;
    let question = last_question(scope, conversation).await?;
    if question.id != id {
        return Err(Error::new(Code::Conflict, "Only the last question can be changed"));
    }
    remove_since(scope, &question, question.created_at).await?;
    Ok(conversation)
}

async fn last_question(scope: &mut Scope, conversation: ConversationId) -> Result<Message> {
    store::last_question(scope, conversation).await?.ok_or_else(|| Error::not_found("Message"))
}

async fn remove_since(scope: &mut Scope, question: &Message, time: DateTime<Utc>) -> Result<()> {
    if store::running_answer(scope, question.conversation_id).await?.is_some() {
        return Err(Error::new(Code::Conflict, "The answer is being written").detail("Stop it first"));
    }
    store::delete_messages_since(scope, question.conversation_id, time).await
}

/// Fails running answers whose server has sent no heartbeat since `time`; returns how many.
pub async fn fail_interrupted(scope: &mut Scope<System>, time: DateTime<Utc>) -> Result<usize> {
    let interrupted = store::answers_without_life(scope, time).await?;
    for answer in &interrupted {
        let note = t("The server stopped while writing this. Retry to ask again.");
        let content = with_note(&answer.content, note);
        end_as(scope, answer, AnswerOutcome { state: AnswerState::Failed, content, pending: None }).await?;
    }
    Ok(interrupted.len())
}

/// The text so far, and why it stopped. The note is kept whole, whatever is cut.
pub fn with_note(content: &str, note: &str) -> String {
    let content = content.trim();
    if content.is_empty() {
        return note.to_owned();
    }
    let room = MAX_LENGTH.saturating_sub(note.chars().count() + 2);
    let kept: String = content.chars().take(room).collect();
    format!("{kept}\n\n{note}")
}
