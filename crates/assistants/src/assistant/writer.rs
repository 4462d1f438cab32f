//! Writes an answer: asks the model, does what the model calls, and asks again, until there is nothing left to do.
//!
//! Everything is done in the user's own scope and with the tools of the MCP server, so the model can do what the user may
//! and no more. What people wrote reaches the model in results of tools, never in its instructions. What loses words, or
//! shows words to other people, waits for the user's click (`mcp/tools/asking.rs`).

use std::{collections::HashSet, time::Duration};

use serde_json::{Map, Value};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::{
    calls, history,
    markdown::{escape, quote},
    usage,
};
use crate::mcp::{tool, tools::asking::Question};
use tallyboard_base::request_log;
use tallyboard_core::{
    app::AppState,
    auth::AuthenticatedUser,
    chat::answers::{self, Answer, AnswerOutcome, MAX_LENGTH, PendingCall, Tokens, with_note},
    model::{
        CHARACTERS_PER_TOKEN, ModelClient, ModelError, Reply,
        protocol::{ChatMessage, Usage},
        reader::{Ending, Finished},
    },
};
use tallyboard_model::{
    assistant::ASSISTANT,
    chat::AnswerState,
    error::{Error, Result},
    language::{t, t_with},
};

/// How often text is stored and published: 10 pieces a second, however fast the model is.
const FLUSH_INTERVAL: Duration = Duration::from_millis(100);
/// How often a silent answer gives a sign of life, and notices that it was stopped.
const LIFE_INTERVAL: Duration = Duration::from_secs(1);
/// How often one answer may repeat the same call.
const MAX_REPEATS: usize = 3;
/// The longest result that the model gets, in characters.
const MAX_RESULT_LENGTH: usize = 12_000;
/// How often the end of an answer is stored again while the database is away.
const MAX_END_ATTEMPTS: u32 = 20;

/// Why an answer stops early.
enum StopReason {
    /// The answer was stopped, or deleted: there is nothing to store.
    Ended,
    /// The answer failed; why, in words for the user.
    Failed(String),
}

impl From<ModelError> for StopReason {
    fn from(error: ModelError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<Error> for StopReason {
    fn from(error: Error) -> Self {
        Self::Failed(t_with("{error}. Retry to ask again.", &[("error", &error)]))
    }
}

/// Writes one answer.
struct Writer {
    app: AppState,
    /// The one who asked, through the assistant.
    user: AuthenticatedUser,
    model: ModelClient,
    tools: Vec<Value>,
    answer: Answer,
    transcript: Vec<ChatMessage>,
    /// The call the user has approved, with its effects.
    confirmed: Option<PendingCall>,
    /// Text that is not stored yet.
    unsent: String,
    last_life: Instant,
}

/// Begins to write an answer that is stored as running. With `confirmed` the user has said yes to a call of it.
pub fn spawn(app: &AppState, user: &AuthenticatedUser, answer: Answer, confirmed: Option<PendingCall>) {
    let Some(model) = app.model.clone() else { return };
    let transcript = serde_json::from_str(&answer.transcript).unwrap_or_default();
    let tools = calls::tools().map(calls::describe).collect();
    let (app, user) = (app.clone(), user.clone().through(ASSISTANT));
    let writer = Writer {
        app,
        user,
        model,
        tools,
        answer,
        transcript,
        confirmed,
        unsent: String::new(),
        last_life: Instant::now(),
    };
    // With the request's id, so that the log and the audit lead from an action to its author.
    request_log::spawn(writer.run());
}

impl Writer {
    async fn run(mut self) {
        let written = self.write().await;
        // The text received so far is kept, whatever happens next.
        let _ = self.flush().await;
        let end = match written {
            Ok(end) => end,
            Err(StopReason::Ended) => return,
            Err(StopReason::Failed(why)) => {
                let content = with_note(&self.written(), &why);
                AnswerOutcome { state: AnswerState::Failed, content, pending: None }
            }
        };
        self.store_transcript();
        for attempt in 1..=MAX_END_ATTEMPTS {
            let scopes = self.app.db.scope(&self.user);
            let ended = scopes.write(|scope| {
                let (answer, end) = (self.answer.clone(), end.clone());
                Box::pin(async move { answers::end(scope, &answer, end).await })
            });
            match ended.await {
                Ok(_) => return,
                Err(error) => tracing::warn!(%error, attempt, "the end of an answer could not be stored"),
            }
            sleep(LIFE_INTERVAL).await;
        }
    }

    async fn write(&mut self) -> Result<AnswerOutcome, StopReason> {
        let history = history::of(&self.app, &self.user, &self.answer).await?;
        let max_rounds = self.app.config.assistant.max_rounds;
        for _ in 0..max_rounds {
            self.check_permission().await?;
            if let Some(end) = self.do_calls().await? {
                return Ok(end);
            }
            if let Some(end) = self.ask(&history).await? {
                return Ok(end);
            }
        }
        Err(StopReason::Failed(t_with(
            "I stopped after {n} rounds without finishing. The steps below are done; ask me to continue.",
            &[("n", &max_rounds)],
        )))
    }

    /// Stops the answer if the user has signed out since, or has used up the day's tokens.
    async fn check_permission(&self) -> Result<(), StopReason> {
        let credential = self.user.credential();
        let valid = self.app.auth.valid_credentials(HashSet::from([credential])).await?;
        if !valid.contains(&credential) {
            return Err(StopReason::Failed(t("You've signed out since you asked. Sign in and retry.").to_owned()));
        }
        usage::check(&self.app, &self.user).await.map_err(|error| StopReason::Failed(error.to_string()))
    }

    /// Asks the model once. Returns the answer's outcome, or `None` when the model calls tools.
    async fn ask(&mut self, history: &[ChatMessage]) -> Result<Option<AnswerOutcome>, StopReason> {
        let messages = [history, self.transcript.as_slice()].concat();
        let asked: usize = messages.iter().map(ChatMessage::length).sum();
        let mut reply = self.model.ask(&messages, &self.tools).await?;
        let mut text = String::new();
        let streamed = self.stream(&mut reply, &mut text).await;
        let has_tools = reply.has_tools;
        let Finished { calls, carried, usage, ending } = reply.finish();
        // Used tokens count, however the stream ends.
        self.count(usage, asked, text.len()).await?;
        let is_cut = streamed?;
        match ending {
            _ if is_cut => {}
            Ending::Whole => {}
            // The last of its calls may be cut off, too, so none of them runs.
            Ending::AtItsLimit => {
                return Err(StopReason::Failed(
                    t("(The answer stops here: the model reached its output limit. Ask it to continue; an administrator can raise assistant.max_output_tokens.)")
                    .to_owned(),
                ));
            }
            Ending::Filtered => {
                let why = t("(The answer stops here: the model's filter held back the rest.)");
                return Err(StopReason::Failed(why.to_owned()));
            }
        }
        if !is_cut && !calls.is_empty() {
            let content = Some(text).filter(|text| !text.is_empty());
            self.transcript.push(ChatMessage::Assistant { content, tool_calls: calls, carried });
            self.save().await?;
            return Ok(None);
        }
        let written = self.written();
        let content = match is_cut {
            true => with_note(&written, t("(The answer was longer and has been cut off here.)")),
            false if written.trim().is_empty() => {
                return Err(StopReason::Failed(
                    t("The model returned an empty answer. Retry to ask again.").to_owned(),
                ));
            }
            false if !has_tools => {
                with_note(&written, t("(This model can't use tools here, so it can only talk. Nothing was changed.)"))
            }
            false => written,
        };
        Ok(Some(AnswerOutcome { state: AnswerState::Done, content, pending: None }))
    }

    /// Stores and publishes the text as it arrives. Returns whether it's too long for a message.
    async fn stream(&mut self, reply: &mut Reply, text: &mut String) -> Result<bool, StopReason> {
        let mut ticks = interval(FLUSH_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut length = self.answer.content.chars().count();
        loop {
            tokio::select! {
                piece = reply.next() => {
                    let Some(piece) = piece? else { break };
                    if text.is_empty() && length > 0 {
                        self.unsent += "\n\n";
                        length += 2;
                    }
                    text.push_str(&piece);
                    self.unsent += &piece;
                    length += piece.chars().count();
                    if length >= MAX_LENGTH {
                        break;
                    }
                }
                _ = ticks.tick() => self.flush().await?,
            }
        }
        self.flush().await?;
        Ok(length >= MAX_LENGTH)
    }

    /// Counts what one round has used; an endpoint that does not say so is estimated.
    async fn count(&mut self, usage: Option<Usage>, asked: usize, written: usize) -> Result<(), StopReason> {
        let estimate = |characters: usize| i64::try_from(characters / CHARACTERS_PER_TOKEN).unwrap_or(i64::MAX);
        let tokens = match usage {
            Some(usage) => Tokens { input: usage.prompt_tokens.max(0), output: usage.completion_tokens.max(0) },
            None => Tokens { input: estimate(asked), output: estimate(written) },
        };
        self.answer.tokens.input += tokens.input;
        self.answer.tokens.output += tokens.output;
        let scopes = self.app.db.scope(&self.user);
        Ok(scopes.write(|scope| Box::pin(answers::count_tokens(scope, tokens))).await?)
    }

    /// Stores and publishes the text that has come since, or gives a sign of life.
    async fn flush(&mut self) -> Result<(), StopReason> {
        if self.unsent.is_empty() && self.last_life.elapsed() < LIFE_INTERVAL {
            return Ok(());
        }
        let room = MAX_LENGTH - self.answer.content.chars().count().min(MAX_LENGTH);
        let text: String = self.unsent.chars().take(room).collect();
        let offset = self.answer.content.chars().count();
        let scopes = self.app.db.scope(&self.user);
        let stored = scopes.write(|scope| {
            let (answer, text) = (self.answer.clone(), text.clone());
            Box::pin(async move { answers::append(scope, &answer, &text, offset).await })
        });
        match stored.await {
            Ok(true) => {
                self.answer.content += &text;
                self.unsent.clear();
                self.last_life = Instant::now();
                Ok(())
            }
            Ok(false) => Err(StopReason::Ended),
            // The text is kept and stored with the next piece: the database may come back.
            Err(error) => {
                tracing::warn!(%error, "a piece of an answer could not be stored");
                self.last_life = Instant::now();
                Ok(())
            }
        }
    }

    /// All text so far; a part of it is not stored while the database is away.
    fn written(&self) -> String {
        format!("{}{}", self.answer.content, self.unsent)
    }

    fn store_transcript(&mut self) {
        self.answer.transcript = serde_json::to_string(&self.transcript).unwrap_or_else(|_| "[]".to_owned());
    }

    async fn save(&mut self) -> Result<(), StopReason> {
        self.store_transcript();
        let scopes = self.app.db.scope(&self.user);
        let saved = scopes.write(|scope| {
            let answer = self.answer.clone();
            Box::pin(async move { answers::save(scope, &answer).await })
        });
        if saved.await? { Ok(()) } else { Err(StopReason::Ended) }
    }

    /// Runs the calls of the model's last message that have no result yet. Returns the answer's outcome when one of them
    /// needs the user's approval.
    async fn do_calls(&mut self) -> Result<Option<AnswerOutcome>, StopReason> {
        for call in calls::unanswered(&self.transcript) {
            let is_it = |pending: &mut PendingCall| {
                pending.call_id.as_ref() == Some(&call.id) && pending.tool == call.function.name
            };
            let confirmed = self.confirmed.take_if(is_it);
            let repeats = self
                .transcript
                .iter()
                .flat_map(calls::calls_of)
                .filter(|other| other.function == call.function)
                .count();
            if repeats > MAX_REPEATS {
                return Err(StopReason::Failed(
                    t("The model kept making the same call, so I stopped. Try rephrasing your question.").to_owned(),
                ));
            }
            let mut note = None;
            let result = match calls::prepare(&call) {
                Err(why) => Err(why),
                Ok((tool, arguments)) => {
                    note = tool.note_on_ignored(&tool.ignored(&arguments));
                    let question = tool.question(&self.app, &self.user, arguments.clone()).await;
                    match question.and_then(|question| still_to_ask(question, confirmed.as_ref(), &arguments)) {
                        Err(error) => Err(error),
                        Ok(Some(question)) => {
                            let content = with_note(&self.written(), &in_markdown(&question));
                            let facts = question.facts();
                            let (tool, words, call_id) = (call.function.name, question.words, Some(call.id));
                            let pending = Some(PendingCall { tool, arguments, words, facts, call_id });
                            return Ok(Some(AnswerOutcome { state: AnswerState::Waiting, content, pending }));
                        }
                        Ok(None) => tool.run(&self.app, &self.user, arguments).await,
                    }
                }
            };
            self.answer.steps.push(calls::step(&call, confirmed.as_ref(), &result));
            let mut content = match &result {
                Ok(json) => json.chars().take(MAX_RESULT_LENGTH).collect(),
                Err(error) => serde_json::to_string(&tool::with_next_step(error.clone())).unwrap_or_default(),
            };
            if let Some(note) = note {
                content.push('\n');
                content.push_str(&note);
            }
            self.transcript.push(ChatMessage::Tool { tool_call_id: call.id, content });
            self.save().await?;
        }
        Ok(None)
    }
}

/// The question that the person has to be asked. They are asked again when something that they have seen has changed since.
///
/// # Errors
/// It is too long to be shown whole.
fn still_to_ask(
    question: Option<Question>,
    confirmed: Option<&PendingCall>,
    arguments: &Map<String, Value>,
) -> Result<Option<Question>> {
    let Some(question) = question else { return Ok(None) };
    if confirmed.is_some_and(|confirmed| confirmed.facts == question.facts() && confirmed.arguments == *arguments) {
        return Ok(None);
    }
    if in_markdown(&question).chars().count() > MAX_LENGTH - 2 {
        return Err(Error::validation().detail("The text is too long to show the user for approval"));
    }
    Ok(Some(question))
}

/// A question with the words that it is about.
fn in_markdown(question: &Question) -> String {
    let mut text = format!("{}?", escape(&question.words));
    for (label, words) in &question.quotes {
        text += &format!("\n\n{}:\n\n{}", escape(label), quote(words));
    }
    text
}
