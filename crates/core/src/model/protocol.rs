//! The messages of the chat-completions protocol, as OpenAI published it and Ollama, llama.cpp, vLLM and others speak it
//! (<https://platform.openai.com/docs/api-reference/chat>). Only what is used.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message between the model and us.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum ChatMessage {
    /// What we tell the model about its task.
    System {
        /// The text.
        content: String,
    },
    /// What the user wrote.
    User {
        /// The text.
        content: String,
    },
    /// What the model wrote, and the tools that it calls.
    Assistant {
        /// The text.
        content: Option<String>,
        /// The calls.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<ToolCall>,
    },
    /// What a tool returned.
    Tool {
        /// The call's id.
        tool_call_id: String,
        /// The result.
        content: String,
    },
}

impl ChatMessage {
    /// How many characters of text it has.
    pub fn length(&self) -> usize {
        match self {
            Self::System { content } | Self::User { content } | Self::Tool { content, .. } => content.len(),
            Self::Assistant { content, tool_calls } => {
                let calls = tool_calls.iter().map(|call| call.function.name.len() + call.function.arguments.len());
                content.as_ref().map_or(0, String::len) + calls.sum::<usize>()
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
}

/// The tool and its arguments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionCall {
    /// The tool's name.
    pub name: String,
    /// The arguments: a text that should be a JSON object.
    pub arguments: String,
}

/// One piece of a streamed answer. Fields that an endpoint leaves out have their default.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chunk {
    /// Empty in the last piece, which has the usage.
    pub choices: Vec<Choice>,
    /// What was used, when the endpoint says so.
    pub usage: Option<Usage>,
    /// An error in the middle of the stream.
    pub error: Option<Value>,
}

/// The piece of the only choice.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// What this piece adds to the message.
    pub delta: Delta,
    /// Why the model ended, in its last piece.
    pub finish_reason: Option<String>,
}

/// What a piece adds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Delta {
    /// The next text of the message.
    pub content: Option<String>,
    /// Parts of tool calls.
    pub tool_calls: Option<Vec<ToolCallPart>>,
}

/// A part of a tool call: the first has the id and the name, all have some of the arguments.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ToolCallPart {
    /// Which of the message's calls this is a part of.
    pub index: usize,
    /// The call's id, in its first part.
    pub id: Option<String>,
    /// The next part of the function.
    pub function: FunctionPart,
}

/// A part of a call's name and arguments.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FunctionPart {
    /// The name.
    pub name: Option<String>,
    /// The next text of the arguments.
    pub arguments: Option<String>,
}

/// Tokens of one request.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens that the model has read.
    pub prompt_tokens: i64,
    /// Tokens that the model has written.
    pub completion_tokens: i64,
}
