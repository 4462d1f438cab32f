//! The client of a language model: one streamed answer of a chat-completions endpoint.
//!
//! reqwest is in the program already and the protocol is a few structs; async-openai would bring the whole of OpenAI's API
//! and a second way of retrying.

use std::{collections::BTreeMap, fmt, time::Duration};

use axum::body::Bytes;
use futures::{Stream, StreamExt, stream};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use sse_stream::{Sse, SseStream};
use tokio::time::Instant;

use protocol::{ChatMessage, Chunk, FunctionCall, ToolCall, ToolCallPart, Usage};
use tallyboard_base::{config::AssistantConfig, http::header_text};

pub mod protocol;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes: text is cut to a message's length long before.
const MAX_STREAM_BYTES: usize = 4 * 1024 * 1024;
/// The most calls in one answer.
const MAX_CALLS: usize = 16;
/// The longest arguments of one call, in bytes.
const MAX_ARGUMENTS_BYTES: usize = 32 * 1024;
/// Roughly how many characters a token has, for endpoints that do not count.
pub const CHARACTERS_PER_TOKEN: usize = 4;

/// Why a model gave no answer. Its text is for the user: what happened, and what to do. It never holds what the endpoint
/// wrote, which may repeat the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// No connection.
    Unreachable,
    /// Nothing came for so long, in seconds.
    Silent(u64),
    /// 401 or 403.
    WrongKey,
    /// 429, and after how many seconds to ask again.
    Busy(Option<u64>),
    /// 404: the model or the address is not known.
    UnknownModel,
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
        match self {
            Self::Unreachable => f.write_str(
                "The model cannot be reached. Try again in a moment; if it stays so, whoever runs this server can check \
                 assistant.base_url.",
            ),
            Self::Silent(seconds) => write!(
                f,
                "The model said nothing for {seconds} seconds. Try again; a slow model needs a larger \
                 assistant.timeout_seconds."
            ),
            Self::WrongKey => {
                f.write_str("The model does not accept this server's key. Whoever runs the server has to check assistant.api_key.")
            }
            Self::Busy(Some(seconds)) => write!(f, "The model has too much to do. Try again in {seconds} seconds."),
            Self::Busy(None) => f.write_str("The model has too much to do. Try again in a minute."),
            Self::UnknownModel => f.write_str(
                "The endpoint does not know the model. Whoever runs the server has to check assistant.model and \
                 assistant.base_url.",
            ),
            Self::Rejected(status) => write!(
                f,
                "The model rejected the request (status {status}). Shorter words may help; the server's log has the time."
            ),
            Self::Failed(status) => write!(f, "The model failed (status {status}). Try again in a moment."),
            Self::CutOff => f.write_str("The connection to the model broke in the middle. Retry asks again."),
            Self::NotUnderstood => f.write_str(
                "The answer of the model could not be understood. Whoever runs the server can check that \
                 assistant.base_url speaks the chat-completions protocol.",
            ),
            Self::TooLarge => f.write_str("The model wrote more than can be kept. Ask for less at once."),
        }
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
    timeout: Duration,
}

type Events = std::pin::Pin<Box<dyn Stream<Item = Result<Sse, ModelError>> + Send>>;

/// An answer that is being received.
pub struct Reply {
    events: Events,
    timeout: Duration,
    /// When something has to have come.
    deadline: Instant,
    calls: BTreeMap<usize, ToolCall>,
    usage: Option<Usage>,
    has_ended: bool,
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
        // The key goes to the endpoint that was configured, and to no other place that it leads to.
        let http =
            reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).redirect(reqwest::redirect::Policy::none());
        Ok(Some(Self {
            http: http.build()?,
            url: format!("{}/chat/completions", config.base_url.trim_end_matches('/')),
            key: config.api_key.clone(),
            model: config.model.clone(),
            max_output_tokens: config.max_output_tokens,
            timeout: Duration::from_secs(config.timeout_seconds),
        }))
    }

    /// Begins an answer to these messages.
    pub async fn ask(&self, messages: &[ChatMessage], tools: &[Value]) -> Result<Reply, ModelError> {
        let body = json!({
            "model": self.model,
            "messages": messages,
            "tools": tools,
            "max_tokens": self.max_output_tokens,
            "stream": true,
            "stream_options": { "include_usage": true },
        });
        let mut request = self.http.post(&self.url).header(header::ACCEPT, "text/event-stream").json(&body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let silent = ModelError::Silent(self.timeout.as_secs());
        let response = match tokio::time::timeout(self.timeout, request.send()).await {
            Err(_) => return Err(silent),
            Ok(Err(error)) => {
                // Without the URL, which may hold a key.
                tracing::warn!(error = %error.without_url(), "the model cannot be reached");
                return Err(ModelError::Unreachable);
            }
            Ok(Ok(response)) => response,
        };
        if let Some(error) = error_of(&response) {
            tracing::warn!(status = response.status().as_u16(), "the model gave no answer");
            return Err(error);
        }
        let events =
            SseStream::from_bytes_stream(bytes_of(response)).map(|event| event.map_err(|error| kind_of(&error)));
        let deadline = Instant::now() + self.timeout;
        Ok(Reply {
            events: Box::pin(events),
            timeout: self.timeout,
            deadline,
            calls: BTreeMap::new(),
            usage: None,
            has_ended: false,
        })
    }
}

fn error_of(response: &reqwest::Response) -> Option<ModelError> {
    let status = response.status();
    let retry_after = || header_text(response.headers(), header::RETRY_AFTER)?.parse().ok();
    Some(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ModelError::WrongKey,
        StatusCode::NOT_FOUND => ModelError::UnknownModel,
        StatusCode::TOO_MANY_REQUESTS => ModelError::Busy(retry_after()),
        status if status.is_server_error() => ModelError::Failed(status.as_u16()),
        status if !status.is_success() => ModelError::Rejected(status.as_u16()),
        _ => {
            let kind = header_text(response.headers(), header::CONTENT_TYPE).unwrap_or_default();
            return (!kind.starts_with("text/event-stream")).then_some(ModelError::NotUnderstood);
        }
    })
}

/// Why a stream of bytes ended early.
#[derive(Debug)]
enum StreamError {
    Broken,
    TooLarge,
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for StreamError {}

fn bytes_of(response: reqwest::Response) -> impl Stream<Item = Result<Bytes, StreamError>> + Send {
    stream::try_unfold((response, 0), |(mut response, read)| async move {
        let Some(bytes) = response.chunk().await.map_err(|_| StreamError::Broken)? else { return Ok(None) };
        let read = read + bytes.len();
        if read > MAX_STREAM_BYTES { Err(StreamError::TooLarge) } else { Ok(Some((bytes, (response, read)))) }
    })
}

fn kind_of(error: &sse_stream::Error) -> ModelError {
    match error {
        sse_stream::Error::Body(cause) if matches!(cause.downcast_ref(), Some(StreamError::TooLarge)) => {
            ModelError::TooLarge
        }
        sse_stream::Error::Body(_) => ModelError::CutOff,
        _ => ModelError::NotUnderstood,
    }
}

impl Reply {
    /// The next piece of text; `None` at the end. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Result<Option<String>, ModelError> {
        loop {
            let event = match tokio::time::timeout_at(self.deadline, self.events.next()).await {
                Err(_) => return Err(ModelError::Silent(self.timeout.as_secs())),
                Ok(None) if self.has_ended => return Ok(None),
                Ok(None) => return Err(ModelError::CutOff),
                Ok(Some(event)) => event?,
            };
            self.deadline = Instant::now() + self.timeout;
            let data = event.data.unwrap_or_default();
            if data.trim() == "[DONE]" {
                return Ok(None);
            }
            let chunk: Chunk = serde_json::from_str(&data).map_err(|_| ModelError::NotUnderstood)?;
            if chunk.error.is_some() {
                return Err(ModelError::Failed(200));
            }
            self.usage = chunk.usage.or(self.usage);
            let Some(choice) = chunk.choices.into_iter().next() else { continue };
            self.has_ended |= choice.finish_reason.is_some();
            for part in choice.delta.tool_calls.into_iter().flatten() {
                self.add_part(part)?;
            }
            if let Some(text) = choice.delta.content.filter(|text| !text.is_empty()) {
                // A character that no database takes.
                return Ok(Some(text.replace('\0', "")));
            }
        }
    }

    fn add_part(&mut self, part: ToolCallPart) -> Result<(), ModelError> {
        if self.calls.len() >= MAX_CALLS && !self.calls.contains_key(&part.index) {
            return Err(ModelError::TooLarge);
        }
        let call = self.calls.entry(part.index).or_insert_with(|| ToolCall {
            // Some endpoints give no id.
            id: format!("call_{}", part.index),
            kind: "function".to_owned(),
            function: FunctionCall::default(),
        });
        if let Some(id) = part.id.filter(|id| !id.is_empty()) {
            call.id = id;
        }
        call.function.name += &part.function.name.unwrap_or_default();
        call.function.arguments += &part.function.arguments.unwrap_or_default();
        if call.function.arguments.len() > MAX_ARGUMENTS_BYTES { Err(ModelError::TooLarge) } else { Ok(()) }
    }

    /// The calls of tools, in order, and what was used, as far as the endpoint said it.
    pub fn finish(self) -> (Vec<ToolCall>, Option<Usage>) {
        (self.calls.into_values().collect(), self.usage)
    }
}
