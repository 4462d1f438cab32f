//! The client of a language model: one streamed answer of a chat-completions endpoint.
//!
//! reqwest is in the program already and the protocol is a few structs; async-openai would bring the whole of OpenAI's API
//! and a second way of retrying. Endpoints differ: `reader` takes what they send, `prompt` tells what the strictest take, and
//! what one refuses is left out of the next attempt.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::Bytes;
use futures::{Stream, StreamExt, stream};
use reqwest::header;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout, timeout_at};

use protocol::ChatMessage;
use reader::Reader;
use refusal::{Cause, Refusal};
use tallyboard_base::{
    config::{AssistantConfig, LEAST_CONTEXT_TOKENS},
    http::header_text,
};
use tallyboard_model::language::{t, t_with};

mod calls;
mod prompt;
pub mod protocol;
pub mod reader;
#[cfg(test)]
mod reader_test;
mod refusal;
mod sse;
mod trial;

pub use trial::Trial;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How much of a refusal is read, in bytes.
const MAX_REFUSAL_BYTES: usize = 16 * 1024;
/// Roughly how many characters a token has, for endpoints that do not count.
pub const CHARACTERS_PER_TOKEN: usize = 4;
/// The same for what has to fit: JSON has shorter tokens.
const FITTING_CHARACTERS_PER_TOKEN: usize = 3;
/// The smallest prompt in characters, however little of the context is left.
const LEAST_PROMPT: usize = 4_000;

/// Why a model gave no answer. Its text is for the user: what happened, and what to do. It never holds what the endpoint
/// wrote, which may repeat the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// No connection.
    Unreachable,
    /// Nothing arrived for this many seconds.
    Silent(u64),
    /// 401 or 403.
    WrongKey,
    /// 429, and after how many seconds to ask again.
    Busy(Option<u64>),
    /// 404: the model or the address is not known.
    UnknownModel,
    /// The conversation is longer than the model's context, shortened too.
    ContextTooShort,
    /// Another 4xx.
    Rejected(u16),
    /// 5xx, or an error in the middle of the stream.
    Failed(u16),
    /// The stream ended before the answer.
    CutOff,
    /// The endpoint's answer is not the protocol's.
    NotUnderstood,
    /// More than anybody reads.
    TooLarge,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Unreachable => t(
                "The model can't be reached. Try again in a moment; if it keeps failing, an administrator can check assistant.base_url.",
            )
            .to_owned(),
            Self::Silent(seconds) => t_with(
                "The model didn't respond for {seconds} seconds. Try again; a slow model needs a larger assistant.timeout_seconds.",
                &[("seconds", seconds)],
            ),
            Self::WrongKey => t(
                "The model rejected this server's key. An administrator has to check assistant.api_key.",
            )
            .to_owned(),
            Self::Busy(Some(seconds)) => {
                t_with("The model is busy. Try again in {seconds} seconds.", &[("seconds", seconds)])
            }
            Self::Busy(None) => t("The model is busy. Try again in a minute.").to_owned(),
            Self::UnknownModel => t(
                "The endpoint doesn't know this model. An administrator has to check assistant.model and assistant.base_url.",
            )
            .to_owned(),
            Self::ContextTooShort => t_with(
                "This conversation is longer than the model can read at once. Start a new one; an administrator can give the model a longer context (at least {tokens} tokens) or lower assistant.context_tokens.",
                &[("tokens", &LEAST_CONTEXT_TOKENS)],
            ),
            Self::Rejected(status) => t_with(
                "The model rejected the request (status {status}). A shorter message may help; an administrator can find the reason in the log and with `tallyboard doctor`.",
                &[("status", status)],
            ),
            Self::Failed(status) => {
                t_with("The model failed (status {status}). Try again in a moment.", &[("status", status)])
            }
            Self::CutOff => t("The connection to the model was lost midway. Retry to ask again.").to_owned(),
            Self::NotUnderstood => t(
                "The model's answer couldn't be read. An administrator can check that assistant.base_url speaks the chat-completions protocol.",
            )
            .to_owned(),
            Self::TooLarge => t("The model's answer was too long to store. Ask for less at a time.").to_owned(),
        })
    }
}

/// The endpoint's capabilities, learned from its refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dialect {
    /// The name of the field with the longest answer; `None` if it accepts neither.
    limit: Option<&'static str>,
    stream_options: bool,
    carried: bool,
    tools: bool,
    /// Whether half of the context is used.
    is_short: bool,
}

const EVERYTHING: Dialect =
    Dialect { limit: Some("max_tokens"), stream_options: true, carried: true, tools: true, is_short: false };

impl Dialect {
    /// What to try next, or `None` when nothing is left. Limits how often a request is changed.
    fn without(self, cause: Cause) -> Option<Self> {
        let next = match cause {
            Cause::Limit if self.limit == EVERYTHING.limit => Self { limit: Some("max_completion_tokens"), ..self },
            Cause::Limit => Self { limit: None, ..self },
            Cause::StreamOptions => Self { stream_options: false, ..self },
            Cause::Carried => Self { carried: false, ..self },
            Cause::Tools => Self { tools: false, ..self },
            Cause::Context => Self { is_short: true, ..self },
        };
        (next != self).then_some(next)
    }
}

/// Asks one model.
#[derive(Clone, Debug)]
pub struct ModelClient {
    http: reqwest::Client,
    url: String,
    key: Option<String>,
    model: String,
    max_output_tokens: u32,
    context_tokens: u32,
    timeout: Duration,
    /// What the endpoint last accepted.
    dialect: Arc<Mutex<Dialect>>,
}

/// An answer that is being received.
pub struct Reply {
    bytes: std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, ModelError>> + Send>>,
    timeout: Duration,
    /// When something has to have come.
    deadline: Instant,
    reader: Reader,
    key: Option<String>,
    /// Whether the model may call tools: some can't.
    pub has_tools: bool,
}

/// Why there's no reply, and the endpoint's own message.
#[derive(Debug)]
struct Refused {
    error: ModelError,
    words: Option<String>,
}

impl From<ModelError> for Refused {
    fn from(error: ModelError) -> Self {
        Self { error, words: None }
    }
}

impl ModelClient {
    /// A client with these settings; `None` when no model is set.
    ///
    /// # Errors
    /// The machine's certificates cannot be read.
    pub fn new(config: &AssistantConfig) -> Result<Option<Self>, reqwest::Error> {
        if !config.is_on() {
            return Ok(None);
        }
        // The key goes to the configured endpoint only, never to a redirect's target.
        let http =
            reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).redirect(reqwest::redirect::Policy::none());
        Ok(Some(Self {
            http: http.build()?,
            url: format!("{}/chat/completions", config.base_url.trim_end_matches('/')),
            key: config.api_key.clone(),
            model: config.model.clone(),
            max_output_tokens: config.max_output_tokens,
            context_tokens: config.context_tokens,
            timeout: Duration::from_secs(config.timeout_seconds),
            dialect: Arc::new(Mutex::new(EVERYTHING)),
        }))
    }

    /// Begins an answer to these messages.
    pub async fn ask(&self, messages: &[ChatMessage], tools: &[Value]) -> Result<Reply, ModelError> {
        self.try_to_ask(messages, tools).await.map_err(|refused| refused.error)
    }

    async fn try_to_ask(&self, messages: &[ChatMessage], tools: &[Value]) -> Result<Reply, Refused> {
        let mut dialect = *self.dialect.lock().unwrap_or_else(PoisonError::into_inner);
        dialect.tools = !tools.is_empty();
        loop {
            let (retry_after, refusal) = match self.send(messages, tools, dialect).await? {
                Ok(response) => {
                    // A model that can't call tools, or a long conversation, says nothing about the next request.
                    let learned = Dialect { tools: true, is_short: false, ..dialect };
                    *self.dialect.lock().unwrap_or_else(PoisonError::into_inner) = learned;
                    return Ok(self.reply(response, dialect.tools));
                }
                Err(refused) => refused,
            };
            let status = refusal.status();
            let words = refusal.masked(self.key.as_deref());
            let cause = refusal.cause(dialect.limit.unwrap_or("max_tokens"));
            let next = cause.filter(|cause| can_do_without(*cause, messages)).and_then(|cause| dialect.without(cause));
            match next {
                Some(next) => {
                    tracing::info!(
                        status,
                        ?words,
                        ?cause,
                        "the model refused a request, which is tried in other words"
                    );
                    dialect = next;
                }
                None => {
                    tracing::warn!(status, ?words, "the model gave no answer");
                    return Err(Refused { error: refusal.error(retry_after), words: Some(words) });
                }
            }
        }
    }

    /// The response, or why there is none: when to ask again, and what the endpoint said.
    async fn send(
        &self,
        messages: &[ChatMessage],
        tools: &[Value],
        dialect: Dialect,
    ) -> Result<Result<reqwest::Response, (Option<u64>, Refusal)>, ModelError> {
        let body = self.body(messages, tools, dialect);
        let mut request =
            self.http.post(&self.url).header(header::ACCEPT, "text/event-stream, application/json").json(&body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let response = match timeout(self.timeout, request.send()).await {
            Err(_) => return Err(ModelError::Silent(self.timeout.as_secs())),
            Ok(Err(error)) => {
                // Without the URL, which may hold a key.
                tracing::warn!(error = %error.without_url(), "the model cannot be reached");
                return Err(ModelError::Unreachable);
            }
            Ok(Ok(response)) => response,
        };
        if response.status().is_success() {
            return Ok(Ok(response));
        }
        let status = response.status().as_u16();
        let retry_after = header_text(response.headers(), header::RETRY_AFTER).and_then(|value| value.parse().ok());
        let said = timeout(self.timeout, beginning_of(response)).await.unwrap_or_default();
        Ok(Err((retry_after, Refusal::read(status, &said))))
    }

    fn body(&self, messages: &[ChatMessage], tools: &[Value], dialect: Dialect) -> Value {
        let mut body = Map::new();
        body.insert("model".to_owned(), self.model.clone().into());
        body.insert("stream".to_owned(), true.into());
        let mut room = self.room();
        if dialect.tools {
            let tools = Value::from(tools);
            room = room.saturating_sub(tools.to_string().len());
            body.insert("tools".to_owned(), tools);
        }
        if dialect.is_short {
            room /= 2;
        }
        if let Some(limit) = dialect.limit {
            body.insert(limit.to_owned(), self.max_output_tokens.into());
        }
        if dialect.stream_options {
            body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
        }
        let mut prompt = prompt::prepared(messages, room.max(LEAST_PROMPT));
        if !dialect.carried {
            prompt.iter_mut().for_each(ChatMessage::drop_carried);
        }
        body.insert("messages".to_owned(), json!(prompt));
        Value::Object(body)
    }

    /// The prompt's limit in characters.
    fn room(&self) -> usize {
        let tokens = self.context_tokens.saturating_sub(self.max_output_tokens);
        usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(FITTING_CHARACTERS_PER_TOKEN)
    }

    fn reply(&self, response: reqwest::Response, has_tools: bool) -> Reply {
        let bytes = stream::try_unfold(response, |mut response| async move {
            let bytes = response.chunk().await.map_err(|_| ModelError::CutOff)?;
            Ok(bytes.map(|bytes| (bytes, response)))
        });
        Reply {
            bytes: Box::pin(bytes),
            timeout: self.timeout,
            deadline: Instant::now() + self.timeout,
            reader: Reader::default(),
            key: self.key.clone(),
            has_tools,
        }
    }
}

/// Whether the messages can be sent again without it.
fn can_do_without(cause: Cause, messages: &[ChatMessage]) -> bool {
    match cause {
        // Calls have been done already: the model can do it.
        Cause::Tools => !messages.iter().any(|message| matches!(message, ChatMessage::Tool { .. })),
        Cause::Carried => messages.iter().any(ChatMessage::has_carried),
        Cause::Context | Cause::Limit | Cause::StreamOptions => true,
    }
}

/// The beginning of a body, as text.
async fn beginning_of(mut response: reqwest::Response) -> String {
    let mut read = Vec::new();
    while let Ok(Some(bytes)) = response.chunk().await {
        read.extend(bytes);
        if read.len() > MAX_REFUSAL_BYTES {
            read.truncate(MAX_REFUSAL_BYTES);
            break;
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

impl Reply {
    /// The next piece of text; `None` at the end. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Result<Option<String>, ModelError> {
        loop {
            if let Some(text) = self.reader.take_text() {
                return Ok(Some(text));
            }
            if let Some(over) = self.reader.over() {
                if let Some(words) = self.words() {
                    tracing::warn!(?words, "the model failed in the middle of an answer");
                }
                return over.map(|()| None);
            }
            match timeout_at(self.deadline, self.bytes.next()).await {
                Err(_) => return Err(ModelError::Silent(self.timeout.as_secs())),
                Ok(Some(bytes)) => {
                    self.reader.push(&bytes?);
                    self.deadline = Instant::now() + self.timeout;
                }
                Ok(None) => self.reader.end(),
            }
        }
    }

    /// The endpoint's message when it failed midway.
    fn words(&self) -> Option<String> {
        self.reader.refusal().map(|refusal| refusal.masked(self.key.as_deref()))
    }

    /// The answer's parts other than text.
    pub fn finish(self) -> reader::Finished {
        self.reader.finish()
    }
}
