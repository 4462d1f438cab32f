//! The calls of one message, put together from their parts.

use serde_json::{Map, Value};

use super::{
    ModelError,
    protocol::{Carried, FunctionCall, ToolCall, ToolCallPart},
};

/// The most calls in one answer.
const MAX_CALLS: usize = 16;
/// The longest arguments of one call, in bytes.
const MAX_ARGUMENTS_BYTES: usize = 32 * 1024;
/// The limit on carried reasoning, in bytes.
const MAX_CARRIED_BYTES: usize = 128 * 1024;
/// The values endpoints need returned while their calls run: DeepSeek, vLLM, OpenRouter, Gemini, LiteLLM.
const CARRIED: [&str; 7] = [
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "thinking_blocks",
    "thought_signature",
    "extra_content",
    "provider_specific_fields",
];

/// The calls so far, in the order of their first parts.
#[derive(Default)]
pub struct Calls(Vec<(Option<u64>, ToolCall)>);

impl Calls {
    /// Adds a part.
    ///
    /// # Errors
    /// `TooLarge` for more calls, or longer arguments, than anybody needs.
    pub fn add(&mut self, part: ToolCallPart) -> Result<(), ModelError> {
        let ToolCallPart { index, id, function, others } = part;
        let (name, arguments) = (function.name, function.arguments.0);
        let Some(position) = self.position(index, &id, &name, &arguments) else {
            if id.is_empty() && name.is_empty() && arguments.is_empty() {
                return Ok(());
            }
            if self.0.len() >= MAX_CALLS {
                return Err(ModelError::TooLarge);
            }
            let mut call = ToolCall::new(id, FunctionCall { name, arguments });
            carry(&mut call.carried, others);
            self.0.push((index, call));
            return self.check(self.0.len() - 1);
        };
        let Some((_, call)) = self.0.get_mut(position) else { return Ok(()) };
        // An endpoint may repeat what it has said.
        let is_repeated = arguments == call.function.arguments && is_whole(call);
        if call.id.is_empty() {
            call.id = id;
        }
        if call.function.name.is_empty() {
            call.function.name = name;
        }
        if !is_repeated {
            call.function.arguments += &arguments;
        }
        carry(&mut call.carried, others);
        self.check(position)
    }

    /// The call that a part belongs to; `None` for a new one. A new id or a new name begins a new call, whatever the index says;
    /// so does a name with arguments after a call that is whole already.
    fn position(&self, index: Option<u64>, id: &str, name: &str, arguments: &str) -> Option<usize> {
        let with_index = self.0.iter().rposition(|(other, _)| index.is_some() && *other == index);
        let with_id = self.0.iter().rposition(|(_, call)| !id.is_empty() && call.id == id);
        let position = match index {
            Some(_) => with_index?,
            None => with_id.or(self.0.len().checked_sub(1))?,
        };
        let call = &self.0.get(position)?.1;
        let has_new_id = !id.is_empty() && !call.id.is_empty() && id != call.id;
        let has_new_name = !name.is_empty() && !call.function.name.is_empty() && name != call.function.name;
        let is_said_again = !id.is_empty() && id == call.id && arguments == call.function.arguments;
        let is_another = !name.is_empty() && !arguments.is_empty() && !is_said_again && is_whole(call);
        (!has_new_id && !has_new_name && !is_another).then_some(position)
    }

    fn check(&self, position: usize) -> Result<(), ModelError> {
        let is_too_long = |(_, call): &(_, ToolCall)| call.function.arguments.len() > MAX_ARGUMENTS_BYTES;
        if self.0.get(position).is_some_and(is_too_long) { Err(ModelError::TooLarge) } else { Ok(()) }
    }

    /// The calls, each with a unique id: some endpoints send none, or the same one for all.
    pub fn finish(self) -> Vec<ToolCall> {
        let mut calls: Vec<ToolCall> = Vec::new();
        for (number, (_, mut call)) in self.0.into_iter().enumerate() {
            let is_taken = |id: &str, calls: &[ToolCall]| id.is_empty() || calls.iter().any(|other| other.id == id);
            let mut attempt = number;
            while is_taken(&call.id, &calls) {
                call.id = format!("call_{attempt}");
                attempt += MAX_CALLS;
            }
            calls.push(call);
        }
        calls
    }
}

fn is_whole(call: &ToolCall) -> bool {
    serde_json::from_str::<Map<String, Value>>(&call.function.arguments).is_ok()
}

/// Adds what has to be sent back.
pub fn carry(carried: &mut Carried, others: Map<String, Value>) {
    for (key, value) in others.into_iter().filter(|(key, _)| CARRIED.contains(&key.as_str())) {
        join_field(carried, key, value);
    }
    carried.retain(|_, value| value.as_str().map_or(0, str::len) <= MAX_CARRIED_BYTES);
}

fn join_field(object: &mut Map<String, Value>, key: String, value: Value) {
    match object.get_mut(&key) {
        _ if value.is_null() => {}
        // Names come whole; texts come in pieces.
        Some(old @ Value::String(_))
            if ["type", "id", "format"].contains(&key.as_str()) || key.contains("signature") =>
        {
            *old = value;
        }
        Some(old) => join(old, value),
        None => drop(object.insert(key, value)),
    }
}

fn join(old: &mut Value, new: Value) {
    match (old, new) {
        (Value::String(text), Value::String(more)) => *text += &more,
        (Value::Array(items), Value::Array(more)) => {
            for item in more {
                let index = item.get("index").cloned();
                match items.iter_mut().find(|other| index.is_some() && other.get("index") == index.as_ref()) {
                    Some(same) => join(same, item),
                    None => items.push(item),
                }
            }
        }
        (Value::Object(fields), Value::Object(more)) => {
            more.into_iter().for_each(|(key, value)| join_field(fields, key, value));
        }
        (old, new) => *old = new,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The names, ids and arguments of the calls that are made of these parts.
    fn read(parts: Value) -> Vec<[String; 3]> {
        let mut calls = Calls::default();
        for part in parts.as_array().unwrap() {
            calls.add(serde_json::from_value(part.clone()).unwrap()).unwrap();
        }
        let read = |call: ToolCall| [call.id, call.function.name, call.function.arguments];
        calls.finish().into_iter().map(read).collect()
    }

    fn function(name: &str, arguments: Value) -> Value {
        json!({ "name": name, "arguments": arguments })
    }

    #[test]
    fn two_calls_are_two_whatever_their_index_says() {
        let (one, two) = (r#"{"title":"one"}"#, r#"{"title":"two"}"#);
        for indexes in [[json!(0), json!(0)], [json!(null), json!(null)], [json!(0), json!(1)], [json!("x"), json!({})]]
        {
            for ids in [["a", "b"], ["", ""], ["a", "a"], ["a", ""]] {
                for names in [["create_task", "create_task"], ["create_task", "search"]] {
                    let part = |at: usize, text: &str| json!({ "index": indexes[at], "id": ids[at], "function": function(names[at], json!(text)) });
                    let calls = read(json!([part(0, one), part(1, two)]));
                    assert_eq!(calls.len(), 2, "{indexes:?} {ids:?} {names:?}: {calls:?}");
                    assert_eq!([&calls[0][1..], &calls[1][1..]], [[names[0], one], [names[1], two]]);
                    assert_ne!(calls[0][0], calls[1][0]);
                }
            }
        }
    }

    #[test]
    fn parts_are_put_together() {
        let expected = [["a", "create_task", r#"{"title":"one"}"#]];
        for (index, id, name) in
            [(json!(0), "", ""), (json!(null), "", ""), (json!(0), "a", "create_task"), (json!(null), "a", "")]
        {
            let part = |text: &str| json!({ "index": index, "id": id, "function": function(name, json!(text)) });
            let first = json!({ "index": index, "id": "a", "function": function("create_task", json!("")) });
            assert_eq!(
                read(json!([first, part("{\"title\""), part(":\"one\"}"), part("")])),
                expected,
                "{index} {id} {name}"
            );
        }
        // Two calls whose parts come in turns.
        let part = |index: u64, text: &str| json!({ "index": index, "function": { "arguments": text } });
        let first = |index: u64| json!({ "index": index, "id": format!("c{index}"), "function": { "name": "search" } });
        let calls =
            read(json!([first(0), first(1), part(0, "{\"q\":"), part(1, "{\"q\":"), part(0, "0}"), part(1, "1}")]));
        assert_eq!(calls, [["c0", "search", "{\"q\":0}"], ["c1", "search", "{\"q\":1}"]]);
    }

    #[test]
    fn a_repeated_command_runs_once() {
        let whole = json!({ "index": 0, "id": "a", "function": function("search", json!({ "query": "x" })) });
        assert_eq!(read(json!([whole, whole])), [["a", "search", r#"{"query":"x"}"#]]);
        assert!(read(json!([{}, { "index": 0, "function": null }])).is_empty());
    }

    #[test]
    fn reasoning_and_signatures_are_gathered() {
        let mut carried = Carried::new();
        for others in [
            json!({ "reasoning_content": "I ", "role": "assistant", "reasoning_details": [{ "type": "t", "index": 0, "text": "a" }] }),
            json!({ "reasoning_content": null, "extra_content": { "google": { "thought_signature": "s" } } }),
            json!({ "reasoning_content": "see", "reasoning_details": [{ "type": "t", "index": 0, "text": "a", "signature": "s" }, { "index": 1 }] }),
        ] {
            carry(&mut carried, others.as_object().unwrap().clone());
        }
        let expected = json!({
            "reasoning_content": "I see",
            "reasoning_details": [{ "type": "t", "index": 0, "text": "aa", "signature": "s" }, { "index": 1 }],
            "extra_content": { "google": { "thought_signature": "s" } },
        });
        assert_eq!(Value::from(carried), expected);
    }
}
