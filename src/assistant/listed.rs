//! Messages as a conversation shows them: answers as HTML, with what the assistant did.

use std::collections::HashMap;

use chrono_tz::Tz;

use tallyboard_assistants::assistant::markdown;
use tallyboard_core::chat::{
    self,
    answers::{self, Answer, Step},
};
use tallyboard_db::Scope;
use tallyboard_model::{
    assistant::ListedMessage,
    chat::{AnswerState, Conversation, Message, MessageRole},
    error::Result,
    html::escape,
    id::ConversationId,
    language::{t_with, to_the_minute},
    list::{List, ListQuery},
};

/// A page of messages, the oldest first, and on the newest page the answer that is being written.
pub async fn page(
    scope: &mut Scope,
    zone: Tz,
    id: ConversationId,
    query: ListQuery,
    has_model: bool,
) -> Result<(Conversation, List<ListedMessage>)> {
    let is_newest = query.cursor.is_none();
    let (conversation, List { mut items, next_cursor }) = chat::service::conversation_page(scope, id, query).await?;
    items.reverse();
    let mut answers = HashMap::new();
    if let Some(first) = items.first() {
        let found = answers::since(scope, id, first.created_at).await?;
        answers.extend(found.into_iter().map(|answer| (answer.id, answer)));
    }
    let running = answers.values().find(|answer| answer.state == AnswerState::Running).map(Answer::message);
    items.extend(running.filter(|_| is_newest));
    let last_question = items.iter().rev().find(|message| message.role == MessageRole::User).map(|message| message.id);
    let may_repeat = |message: &Message, answer: Option<&Answer>| match (message.role, answer) {
        _ if !is_newest || answer.is_some_and(|answer| answer.state == AnswerState::Running) => false,
        (MessageRole::User, _) => Some(message.id) == last_question,
        (MessageRole::Assistant, Some(answer)) => has_model && Some(answer.question_id) == last_question,
        (MessageRole::Assistant, None) => false,
    };
    let listed = items.into_iter().map(|message| {
        let answer = answers.remove(&message.id);
        let may_repeat = may_repeat(&message, answer.as_ref());
        listed(zone, message, answer.as_ref(), may_repeat)
    });
    Ok((conversation, List { items: listed.collect(), next_cursor }))
}

/// A message as somebody who lives in `zone` reads it.
pub fn listed(zone: Tz, message: Message, answer: Option<&Answer>, may_repeat: bool) -> ListedMessage {
    let Message { id, role, content, created_at, .. } = message;
    let state = answer.map(Answer::current_state);
    let html = match role {
        MessageRole::User => String::new(),
        // The answer grows in the page, as text.
        MessageRole::Assistant if state == Some(AnswerState::Running) => String::new(),
        MessageRole::Assistant => markdown::to_html(&content) + &answer.map(what_it_did).unwrap_or_default(),
    };
    let at = to_the_minute(created_at, zone);
    ListedMessage { id: Some(id), role, content, html, at, state, may_repeat }
}

/// The steps of an answer, and what it used, under its text.
fn what_it_did(answer: &Answer) -> String {
    let mut html = String::new();
    if !answer.steps.is_empty() {
        let steps: String = answer.steps.iter().map(step).collect();
        html += &format!("<ul class=\"steps\">{steps}</ul>");
    }
    match answer.tokens.total() {
        0 => {}
        tokens => html += &format!("<p class=\"hint\">{}</p>", t_with("{n} tokens", &[("n", &tokens)])),
    }
    html
}

fn step(step: &Step) -> String {
    let words = escape(&step.words);
    let words = match &step.link {
        Some(link) => format!("<a href=\"{}\">{words}</a>", escape(link)),
        None => words,
    };
    match &step.error {
        None => format!("<li>{words}</li>"),
        Some(error) => format!("<li class=\"failed\">{words}: {}</li>", escape(error)),
    }
}
