//! The messages of the chat-completions protocol, as OpenAI published it and Ollama, llama.cpp, vLLM and others speak it
//! (<https://platform.openai.com/docs/api-reference/chat>). Only what is used.
//!
//! What we send is exact. What we read is forgiving: a value that is missing, `null` or of another type is its default.

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Values an endpoint needs returned verbatim while its calls run: reasoning and signatures.
pub type Carried = Map<String, Value>;

/// A message between the model and us.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum ChatMessage {
    /// The system prompt.
    System {
        /// The text.
        content: String,
    },
    /// The user's text.
    User {
        /// The text.
        content: String,
    },
    /// The model's text, and the tools it calls.
    Assistant {
        /// The text.
        content: Option<String>,
        /// The calls.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<ToolCall>,
        /// Its reasoning, as the endpoint wants it back.
        #[serde(flatten)]
        carried: Carried,
    },
    /// A tool's result.
    Tool {
        /// The call's id.
        tool_call_id: String,
        /// The result.
        content: String,
    },
}

impl ChatMessage {
    /// Whether it has something that the endpoint wants back.
    pub fn has_carried(&self) -> bool {
        let Self::Assistant { tool_calls, carried, .. } = self else { return false };
        !carried.is_empty() || tool_calls.iter().any(|call| !call.carried.is_empty())
    }

    /// Leaves out what an endpoint doesn't want back.
    pub fn drop_carried(&mut self) {
        if let Self::Assistant { tool_calls, carried, .. } = self {
            carried.clear();
            tool_calls.iter_mut().for_each(|call| call.carried.clear());
        }
    }

    /// Roughly how many characters the model reads.
    pub fn length(&self) -> usize {
        let of_carried =
            |carried: &Carried| if carried.is_empty() { 0 } else { Value::from(carried.clone()).to_string().len() };
        match self {
            Self::System { content } | Self::User { content } | Self::Tool { content, .. } => content.len(),
            Self::Assistant { content, tool_calls, carried } => {
                let calls = tool_calls
                    .iter()
                    .map(|call| call.function.name.len() + call.function.arguments.len() + of_carried(&call.carried));
                content.as_ref().map_or(0, String::len) + of_carried(carried) + calls.sum::<usize>()
            }
        }
    }
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The model's name for the call.
    pub id: String,
    /// Always `function`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The function that the model calls.
    pub function: FunctionCall,
    /// Its signature, as the endpoint wants it back.
    #[serde(flatten)]
    pub carried: Carried,
}

impl ToolCall {
    /// A call of a function, with nothing to carry.
    pub fn new(id: impl Into<String>, function: FunctionCall) -> Self {
        Self { id: id.into(), kind: "function".to_owned(), function, carried: Carried::new() }
    }
}

/// The tool and its arguments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionCall {
    /// The tool's name.
    pub name: String,
    /// The arguments: a text that should be a JSON object.
    pub arguments: String,
}

/// One piece of a streamed answer, or a whole answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chunk {
    /// Empty in the last piece, which has the usage.
    #[serde(deserialize_with = "lenient")]
    pub choices: Vec<Choice>,
    /// The token usage, if the endpoint reports it.
    #[serde(deserialize_with = "lenient")]
    pub usage: Option<Usage>,
    /// An error in the middle of the stream.
    pub error: Option<Value>,
}

/// The piece of the only choice.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// What this piece adds to the message.
    #[serde(deserialize_with = "lenient")]
    pub delta: Option<Delta>,
    /// The whole message, of an endpoint that doesn't stream.
    #[serde(deserialize_with = "lenient")]
    pub message: Option<Delta>,
    /// Why the model ended, in its last piece.
    #[serde(deserialize_with = "lenient")]
    pub finish_reason: Option<String>,
}

/// What a piece adds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Delta {
    /// The next text of the message.
    pub content: Text,
    /// The next text of the message, when the model refuses.
    pub refusal: Text,
    /// Parts of tool calls.
    #[serde(deserialize_with = "lenient")]
    pub tool_calls: Vec<ToolCallPart>,
    /// Everything else.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// A part of a tool call: the first has the id and the name, all have some of the arguments.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ToolCallPart {
    /// Which of the message's calls this is a part of; not every endpoint says so, or the truth.
    #[serde(deserialize_with = "lenient")]
    pub index: Option<u64>,
    /// The call's id, in its first part.
    #[serde(deserialize_with = "lenient")]
    pub id: String,
    /// The next part of the function.
    #[serde(deserialize_with = "lenient")]
    pub function: FunctionPart,
    /// Everything else.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// A part of a call's name and arguments.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FunctionPart {
    /// The name.
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    /// The next text of the arguments, or all of them as an object.
    pub arguments: Arguments,
}

/// Tokens of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens that the model has read.
    #[serde(deserialize_with = "lenient")]
    pub prompt_tokens: i64,
    /// Tokens that the model has written.
    #[serde(deserialize_with = "lenient")]
    pub completion_tokens: i64,
}

/// A value, or its default when it is `null` or of another type.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// A text: as it is, or in parts.
#[derive(Debug, Default)]
pub struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(text_of(&Value::deserialize(deserializer)?)))
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text_of).collect(),
        // Thoughts, images and similar parts aren't part of the message's text.
        Value::Object(part) => ["text", "refusal"].iter().filter_map(|key| part.get(*key)).map(text_of).collect(),
        _ => String::new(),
    }
}

/// Arguments of a call, as text.
#[derive(Debug, Default)]
pub struct Arguments(pub String);

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Null => String::new(),
            whole => whole.to_string(),
        }))
    }
}
