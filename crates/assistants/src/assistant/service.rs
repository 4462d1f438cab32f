//! The rules of asking: one function for each thing that a user can do.

use serde_json::Value;

use super::{
    calls,
    command_answers::{self, CommandAnswer},
    commands::{self, Command},
    usage, writer,
};
use crate::mcp::{tool, tools::TOOLS};
use tallyboard_core::{
    app::AppState,
    auth::AuthenticatedUser,
    chat::{
        self,
        answers::{self, Answer, AnswerOutcome, PendingCall},
    },
    model::protocol::{ChatMessage, FunctionCall, ToolCall},
    tasks::day_words::DayContext,
};
use tallyboard_db::{Scope, now};
use tallyboard_model::{
    assistant::title_of,
    calendar::Calendar,
    chat::{AnswerState, ConversationPatch, Message, MessageRole, NewMessage},
    error::{Code, Error, Result},
    id::{ConversationId, MessageId},
    language::{t, t_with},
};

/// A question and the answer to it, which may still be running.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The user's text.
    pub question: Message,
    /// The message with the answer, as far as it is written.
    pub answer: Message,
}

/// Where a question goes.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// At the end of a conversation.
    After(ConversationId),
    /// Replaces the last question and its answer; what that answer did stays done.
    Instead(MessageId),
}

/// Asks the assistant: a command is answered at once, other words by the model, if there is one.
pub async fn ask(app: &AppState, user: &AuthenticatedUser, place: Place, content: &str) -> Result<Exchange> {
    if is_command(content) {
        return answer_command(app, user, place, content).await;
    }
    if app.model.is_none() {
        let scopes = app.db.scope(user);
        return scopes
            .write(|scope| {
                let content = content.to_owned();
                Box::pin(async move {
                    let question = add_question(scope, place, content).await?;
                    add_answer(scope, question, command_answers::without_a_model(), AnswerState::Done).await
                })
            })
            .await;
    }
    usage::check(app, user).await?;
    let scopes = app.db.scope(user);
    let (question, answer) = scopes
        .write(|scope| {
            let content = content.to_owned();
            Box::pin(async move {
                let question = add_question(scope, place, content).await?;
                let answer = Answer::to(&question);
                answers::begin(scope, &answer).await?;
                Ok((question, answer))
            })
        })
        .await?;
    let message = answer.message();
    writer::spawn(app, user, answer, None);
    Ok(Exchange { question, answer: message })
}

/// Whether a message is a command.
pub fn is_command(content: &str) -> bool {
    content.trim_start().starts_with('/')
}

async fn answer_command(app: &AppState, user: &AuthenticatedUser, place: Place, content: &str) -> Result<Exchange> {
    let zone = user.time_zone();
    let context = DayContext::of(&Calendar::at(now(), zone));
    let scopes = app.db.scope(user);
    let store = |answer: CommandAnswer, state: AnswerState| {
        let scopes = &scopes;
        async move {
            scopes
                .write(|scope| {
                    let (content, answer) = (content.to_owned(), answer.clone());
                    Box::pin(async move {
                        let question = add_question(scope, place, content).await?;
                        add_answer(scope, question, answer, state).await
                    })
                })
                .await
        }
    };
    let command = match commands::parse(content, context) {
        Err(why) => return store(CommandAnswer::text(why), AnswerState::Done).await,
        Ok(Command::Stats) => {
            let (numbers, activity) = (app.statistics.statistics(user).await?, app.statistics.activity(user).await?);
            return store(command_answers::statistics(&numbers, &activity), AnswerState::Done).await;
        }
        Ok(command) => command,
    };
    let done = scopes
        .write(|scope| {
            let (content, command) = (content.to_owned(), command.clone());
            Box::pin(async move {
                let question = add_question(scope, place, content).await?;
                let answer = command_answers::run(scope, zone, command).await?;
                add_answer(scope, question, answer, AnswerState::Done).await
            })
        })
        .await;
    match done {
        // The command was refused and undone, and the answer says why. If storing the question was refused, storing it
        // again fails with the same error.
        Err(error) if is_refusal(error.code) => store(CommandAnswer::text(in_words(&error)), AnswerState::Failed).await,
        done => done,
    }
}

fn is_refusal(code: Code) -> bool {
    matches!(code, Code::ValidationError | Code::Forbidden | Code::NotFound | Code::Conflict | Code::PreconditionFailed)
}

/// An error as an answer: what went wrong, and what to do.
fn in_words(error: &Error) -> String {
    let detail = error.detail.as_ref().map(|detail| format!(". {detail}")).unwrap_or_default();
    super::markdown::escape(&t_with("That didn't work: {error}{detail}.", &[("error", &error), ("detail", &detail)]))
}

async fn add_question(scope: &mut Scope, place: Place, content: String) -> Result<Message> {
    let id = match place {
        Place::After(conversation) => conversation,
        Place::Instead(question) => answers::remove_question(scope, question).await?,
    };
    let question = chat::service::add_message(scope, id, NewMessage { role: MessageRole::User, content }).await?;
    let conversation = chat::service::get(scope, id).await?;
    if conversation.title.is_none() {
        let title = Some(Some(title_of(&question.content)));
        chat::service::update(scope, id, ConversationPatch { title }).await?;
    }
    Ok(question)
}

async fn add_answer(
    scope: &mut Scope,
    question: Message,
    answer: CommandAnswer,
    state: AnswerState,
) -> Result<Exchange> {
    let CommandAnswer { content, pending } = answer;
    let answer = Answer::to(&question);
    let state = if pending.is_some() { AnswerState::Waiting } else { state };
    let ended = answers::add_ended(scope, &answer, AnswerOutcome { state, content, pending }).await?;
    Ok(Exchange { question, answer: ended.message() })
}

/// Stops the answer that is being written in a conversation.
pub async fn stop(app: &AppState, user: &AuthenticatedUser, id: ConversationId) -> Result<()> {
    app.db.scope(user).write(|scope| Box::pin(answers::stop(scope, id))).await
}

/// Takes the user's yes or no to an answer's question, and continues in a new answer.
///
/// # Errors
/// 409 when the question is closed.
pub async fn confirm(app: &AppState, user: &AuthenticatedUser, id: MessageId, yes: bool) -> Result<()> {
    let (answer, pending) = app
        .db
        .scope(user)
        .write(|scope| {
            Box::pin(async move {
                let (asked, pending) = answers::resolve(scope, id, yes).await?;
                let mut next = Answer { id: MessageId::new(), created_at: now(), ..asked };
                next.state = AnswerState::Running;
                (next.content, next.steps, next.pending, next.expires_at) = Default::default();
                next.tokens = Default::default();
                if let (false, Some(call_id)) = (yes, pending.call_id.clone()) {
                    next.transcript = with_refusal(&next.transcript, call_id)?;
                }
                answers::begin(scope, &next).await?;
                Ok((next, pending))
            })
        })
        .await?;
    if pending.call_id.is_some() {
        writer::spawn(app, user, answer, yes.then_some(pending));
        return Ok(());
    }
    end_command(app, user, answer, pending, yes).await
}

/// Tells the model that the user has said no.
fn with_refusal(transcript: &str, call_id: String) -> Result<String> {
    let mut messages: Vec<ChatMessage> = serde_json::from_str(transcript).map_err(Error::internal)?;
    let content = r#"{"error":"The user said no","detail":"Do not try it another way"}"#.to_owned();
    messages.push(ChatMessage::Tool { tool_call_id: call_id, content });
    serde_json::to_string(&messages).map_err(Error::internal)
}

/// Does what a command has asked for, after the user's yes.
async fn end_command(
    app: &AppState,
    user: &AuthenticatedUser,
    mut answer: Answer,
    pending: PendingCall,
    yes: bool,
) -> Result<()> {
    let (state, content) = if yes {
        let tool = tool::find(&TOOLS, &pending.tool).ok_or_else(|| Error::internal("a command names no tool"))?;
        let result = tool.run(app, user, pending.arguments.clone()).await;
        let function =
            FunctionCall { name: pending.tool.clone(), arguments: Value::from(pending.arguments.clone()).to_string() };
        let call = ToolCall::new("", function);
        answer.steps.push(calls::step(&call, Some(&pending), &result));
        match result {
            Ok(_) => (AnswerState::Done, t("Done.").to_owned()),
            Err(error) => (AnswerState::Failed, in_words(&error)),
        }
    } else {
        (AnswerState::Done, t("Nothing was done.").to_owned())
    };
    let outcome = AnswerOutcome { state, content, pending: None };
    let scopes = app.db.scope(user);
    scopes
        .write(|scope| {
            let (answer, outcome) = (answer.clone(), outcome.clone());
            Box::pin(async move { answers::end(scope, &answer, outcome).await.map(drop) })
        })
        .await
}

/// Answers the last question once more. The old answer is deleted; what it did isn't undone.
pub async fn retry(app: &AppState, user: &AuthenticatedUser, id: MessageId) -> Result<()> {
    let answer = app.db.scope(user).read(|scope| Box::pin(answers::get(scope, id))).await?;
    usage::check(app, user).await?;
    if app.model.is_none() {
        return Err(
            Error::new(Code::Conflict, "This server has no AI model").detail("Type a command; /help lists them")
        );
    }
    let next = app
        .db
        .scope(user)
        .write(|scope| {
            let id = answer.id;
            Box::pin(async move {
                let question = answers::take_back(scope, id).await?;
                if is_command(&question.content) {
                    return Err(Error::new(Code::Conflict, "Commands can't be retried").detail("Try sending it again"));
                }
                let next = Answer::to(&question);
                answers::begin(scope, &next).await?;
                Ok(next)
            })
        })
        .await?;
    writer::spawn(app, user, next, None);
    Ok(())
}
