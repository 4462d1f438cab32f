//! The model's calls of tools: what they are, what they did.

use serde_json::{Map, Value, json};

use super::markdown::LinkedTask;
use crate::mcp::{
    tool::{self, Tool as _, ToolEntry},
    tools::{SaveMessage, TOOLS},
};
use tallyboard_core::{
    chat::answers::{PendingCall, Step},
    model::protocol::{ChatMessage, ToolCall},
};
use tallyboard_model::error::{Error, Result};

/// The tools that the model may call: those of the MCP server, without the one that writes into conversations.
pub fn tools() -> impl Iterator<Item = &'static ToolEntry> {
    TOOLS.iter().filter(|tool| tool.listed.name != SaveMessage::NAME)
}

/// A tool as the protocol describes it.
pub fn describe(tool: &ToolEntry) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": tool.listed.name,
            "description": tool.listed.description,
            "parameters": *tool.listed.input_schema,
        }
    })
}

/// The calls of a message of the model.
pub fn calls_of(message: &ChatMessage) -> &[ToolCall] {
    match message {
        ChatMessage::Assistant { tool_calls, .. } => tool_calls,
        _ => &[],
    }
}

/// The calls of the last message of the model that have no result.
pub fn unanswered(transcript: &[ChatMessage]) -> Vec<ToolCall> {
    let Some(last) = transcript.iter().rposition(|message| !calls_of(message).is_empty()) else { return Vec::new() };
    let is_answered = |call: &&ToolCall| {
        let mut results = transcript[last..].iter();
        results.any(|message| matches!(message, ChatMessage::Tool { tool_call_id, .. } if *tool_call_id == call.id))
    };
    calls_of(&transcript[last]).iter().filter(|call| !is_answered(call)).cloned().collect()
}

/// The tool and the arguments of a call, or an error that the model can read.
pub fn prepare(call: &ToolCall) -> Result<(&'static ToolEntry, Map<String, Value>)> {
    let name = &call.function.name;
    let tool = tools()
        .find(|tool| tool.listed.name == *name)
        .ok_or_else(|| Error::not_found("Tool").detail("Call only the tools that are described"))?;
    // Some models send nothing for "no arguments".
    let text = if call.function.arguments.trim().is_empty() { "{}" } else { &call.function.arguments };
    let arguments = serde_json::from_str(text);
    Ok((tool, arguments.map_err(|_| Error::validation().detail("The arguments have to be one JSON object"))?))
}

/// What a call did, for the user.
pub fn step(call: &ToolCall, confirmed: Option<&PendingCall>, result: &Result<String>) -> Step {
    let found: Value = result.as_ref().ok().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let task: Option<LinkedTask> = serde_json::from_value(found.clone()).ok();
    let what = tool::find(&TOOLS, &call.function.name).and_then(|tool| tool.listed.title.clone());
    let what = what.unwrap_or_else(|| call.function.name.chars().take(50).collect());
    let words = match (confirmed, &task, found["items"].as_array()) {
        (Some(confirmed), ..) => confirmed.words.clone(),
        (None, Some(task), _) => format!("{what}: “{}”", task.title),
        (None, None, Some(items)) => format!("{what}: {}", items.len()),
        (None, None, None) => what,
    };
    let error = result.as_ref().err().map(ToString::to_string);
    let tool = call.function.name.chars().take(50).collect();
    Step { tool, words, link: task.map(|task| task.path()), error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyboard_core::model::protocol::{Carried, FunctionCall};

    fn call(id: &str) -> ToolCall {
        let function = FunctionCall { name: "get_statistics".to_owned(), arguments: String::new() };
        ToolCall::new(id, function)
    }

    #[test]
    fn calls_without_a_result_are_found() {
        let result = |id: &str| ChatMessage::Tool { tool_call_id: id.to_owned(), content: "{}".to_owned() };
        let ask = |ids: &[&str]| ChatMessage::Assistant {
            content: None,
            tool_calls: ids.iter().map(|id| call(id)).collect(),
            carried: Carried::new(),
        };
        let ids =
            |transcript: &[ChatMessage]| unanswered(transcript).into_iter().map(|call| call.id).collect::<Vec<_>>();
        assert!(ids(&[]).is_empty());
        assert_eq!(ids(&[ask(&["a", "b"])]), ["a", "b"]);
        assert_eq!(ids(&[ask(&["a", "b"]), result("a")]), ["b"]);
        assert!(ids(&[ask(&["a"]), result("a")]).is_empty());
        // Ids may be used again in a later round.
        assert_eq!(ids(&[ask(&["a"]), result("a"), ask(&["a"])]), ["a"]);
    }

    #[test]
    fn arguments_that_are_no_object_are_an_error_and_none_are_an_empty_one() {
        assert!(prepare(&call("a")).is_ok());
        for (name, arguments) in
            [("get_statistics", "[1]"), ("get_statistics", "{"), ("dance", "{}"), ("save_message", "{}")]
        {
            let mut wrong = call("a");
            wrong.function = FunctionCall { name: name.to_owned(), arguments: arguments.to_owned() };
            assert!(prepare(&wrong).is_err(), "{name} {arguments}");
        }
    }
}
