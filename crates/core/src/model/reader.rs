//! Reads one answer of an endpoint: a stream of events, or one JSON document, however its bytes are cut.

use std::mem::take;

use serde_json::Value;

use super::{
    ModelError,
    calls::{Calls, carry},
    protocol::{Carried, Choice, Chunk, Delta, ToolCall, Usage},
    refusal::Refusal,
    sse::{Event, Events},
};

/// The largest answer that is read, in bytes: text is cut to a message's length long before.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How an answer has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// The model had no more to say.
    #[default]
    Whole,
    /// The model wrote as much as it may.
    AtItsLimit,
    /// A filter held the rest back.
    Filtered,
}

/// An answer's parts other than text.
#[derive(Debug, Default, PartialEq)]
pub struct Finished {
    /// The calls of tools, in order.
    pub calls: Vec<ToolCall>,
    /// The values to send back with their results.
    pub carried: Carried,
    /// The token usage, if the endpoint reported it.
    pub usage: Option<Usage>,
    /// How it has ended.
    pub ending: Ending,
}

/// The format of the bytes, detected from the first one. Endpoints don't always name it correctly.
enum Body {
    Unknown(Vec<u8>),
    Events(Events),
    Json(Vec<u8>),
}

impl Default for Body {
    fn default() -> Self {
        Self::Unknown(Vec::new())
    }
}

/// The reader of one answer.
#[derive(Default)]
pub struct Reader {
    body: Body,
    read: usize,
    /// Text that nobody has taken yet.
    text: String,
    calls: Calls,
    carried: Carried,
    usage: Option<Usage>,
    ending: Option<Ending>,
    /// Whether a piece came that the protocol knows.
    is_understood: bool,
    /// Whether the message came in pieces: then a whole one at the end says it again.
    has_pieces: bool,
    over: Option<Result<(), ModelError>>,
    refusal: Option<Refusal>,
}

impl Reader {
    /// Reads the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.read += bytes.len();
        match &mut self.body {
            Body::Unknown(head) => {
                head.extend(bytes);
                let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head.as_slice());
                let Some(first) = text.iter().find(|byte| !byte.is_ascii_whitespace()) else {
                    head.clear();
                    return self.check_size();
                };
                if BYTE_ORDER_MARK.starts_with(head) {
                    return;
                }
                let text = text.to_vec();
                self.body =
                    if b"{[".contains(first) { Body::Json(Vec::new()) } else { Body::Events(Events::default()) };
                self.read_on(&text);
            }
            _ => self.read_on(bytes),
        }
        self.check_size();
    }

    fn read_on(&mut self, bytes: &[u8]) {
        match &mut self.body {
            Body::Json(json) => json.extend(bytes),
            Body::Events(events) => {
                let events = events.push(bytes);
                events.into_iter().for_each(|event| self.take_event(&event));
            }
            Body::Unknown(_) => {}
        }
    }

    fn check_size(&mut self) {
        if self.read > MAX_BYTES {
            self.end_with(Err(ModelError::TooLarge));
        }
    }

    /// The bytes have ended.
    pub fn end(&mut self) {
        match &mut self.body {
            Body::Unknown(_) => {}
            Body::Json(json) => {
                let data = String::from_utf8_lossy(&take(json)).into_owned();
                self.take_event(&Event { name: String::new(), data });
            }
            Body::Events(events) => {
                if let Some(event) = events.end() {
                    self.take_event(&event);
                }
            }
        }
        let has_come = !matches!(self.body, Body::Unknown(_));
        self.end_with(match self.ending {
            Some(_) => Ok(()),
            None if has_come && !self.is_understood => Err(ModelError::NotUnderstood),
            None => Err(ModelError::CutOff),
        });
    }

    /// Only the first end counts.
    fn end_with(&mut self, how: Result<(), ModelError>) {
        self.over.get_or_insert(how);
    }

    /// The text that has come since it was last taken.
    pub fn take_text(&mut self) -> Option<String> {
        // A character that no database takes.
        Some(take(&mut self.text).replace('\0', "")).filter(|text| !text.is_empty())
    }

    /// How the answer has ended; `None` if it hasn't.
    pub fn over(&self) -> Option<Result<(), ModelError>> {
        self.over.clone()
    }

    /// The endpoint's message when it failed midway.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// The answer's parts other than text.
    pub fn finish(self) -> Finished {
        let Self { calls, carried, usage, ending, .. } = self;
        Finished { calls: calls.finish(), carried, usage, ending: ending.unwrap_or_default() }
    }

    fn take_event(&mut self, event: &Event) {
        let data = event.data.trim();
        let (json, is_last) = data.strip_suffix("[DONE]").map_or((data, false), |json| (json, true));
        // Without empty lines between them, several pieces are one event.
        for value in serde_json::Deserializer::from_str(json).into_iter::<Value>() {
            if self.over.is_some() {
                return;
            }
            match value {
                Ok(Value::Array(values)) => values.into_iter().for_each(|value| self.take_value(value, &event.name)),
                Ok(value) => self.take_value(value, &event.name),
                Err(_) => self.end_with(Err(ModelError::NotUnderstood)),
            }
        }
        if is_last {
            self.is_understood = true;
            self.end_with(Ok(()));
        }
    }

    fn take_value(&mut self, value: Value, name: &str) {
        if self.over.is_some() {
            return;
        }
        let whole = (name == "error").then(|| value.clone());
        let Ok(Chunk { choices, usage, error }) = serde_json::from_value(value) else {
            return self.end_with(Err(ModelError::NotUnderstood));
        };
        if let Some(error) = error.or(whole) {
            let refusal = Refusal::in_the_middle(&error);
            self.end_with(Err(refusal.error(None)));
            self.refusal = Some(refusal);
            return;
        }
        self.is_understood |= !choices.is_empty() || usage.is_some();
        self.usage = usage.or(self.usage);
        if let Some(choice) = choices.into_iter().next() {
            self.take_choice(choice);
        }
    }

    fn take_choice(&mut self, Choice { delta, message, finish_reason }: Choice) {
        self.has_pieces |= delta.is_some();
        let is_json = matches!(self.body, Body::Json(_));
        if is_json || finish_reason.is_some() {
            self.ending = Some(match finish_reason.unwrap_or_default().to_lowercase().as_str() {
                "length" | "max_tokens" | "max_output_tokens" | "model_length" => Ending::AtItsLimit,
                "content_filter" | "safety" | "recitation" | "blocklist" | "prohibited_content" => Ending::Filtered,
                _ => Ending::Whole,
            });
        }
        let Some(Delta { content, refusal, tool_calls, others }) = delta.or(message.filter(|_| !self.has_pieces))
        else {
            return;
        };
        self.text += &content.0;
        self.text += &refusal.0;
        carry(&mut self.carried, others);
        for part in tool_calls {
            if let Err(error) = self.calls.add(part) {
                return self.end_with(Err(error));
            }
        }
    }
}
