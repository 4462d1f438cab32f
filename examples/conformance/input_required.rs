//! The fixtures that ask the client for something and are called again with its answer (SEP-2322).

#![allow(deprecated)]

use std::sync::{Mutex, PoisonError};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rmcp::{
    ErrorData,
    model::{
        CallToolRequestParams, CallToolResponse, CreateMessageRequest, CreateMessageRequestParams, ElicitRequest,
        ElicitRequestParams, GetPromptRequestParams, GetPromptResponse, GetPromptResult, InputRequest, InputRequests,
        InputRequiredResult, InputResponses, ListRootsRequest, RequestMetaObject, SamplingMessage,
    },
};
use serde_json::{Value, json};

use super::fixtures::{from_json, text};

/// The tools of this file.
pub const TOOLS: [&str; 9] = [
    "test_streaming_elicitation",
    "test_input_required_result_elicitation",
    "test_input_required_result_sampling",
    "test_input_required_result_list_roots",
    "test_input_required_result_request_state",
    "test_input_required_result_multiple_inputs",
    "test_input_required_result_multi_round",
    "test_input_required_result_tampered_state",
    "test_input_required_result_capabilities",
];

fn ask_for(words: &str, field: &str, kind: &str) -> InputRequest {
    let schema = json!({ "type": "object", "properties": { field: { "type": kind } }, "required": [field] });
    let asked = ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: words.to_owned(),
        requested_schema: from_json(schema),
    };
    InputRequest::Elicitation(ElicitRequest::new(asked))
}

fn ask_model(words: &str) -> InputRequest {
    let asked = CreateMessageRequestParams::new(vec![SamplingMessage::user_text(words)], 100);
    InputRequest::CreateMessage(CreateMessageRequest::new(asked))
}

fn ask_roots() -> InputRequest {
    InputRequest::ListRoots(ListRootsRequest::default())
}

fn asked<const N: usize>(requests: [(&str, InputRequest); N]) -> InputRequests {
    let mut found = InputRequests::new();
    for (key, request) in requests {
        found.insert(key.to_owned(), request);
    }
    found
}

/// The client's answer: an object, or it counts as missing.
fn answer<'a>(responses: Option<&'a InputResponses>, key: &str) -> Option<&'a Value> {
    responses?.get(key).filter(|answer| answer.is_object())
}

fn words<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer["content"][field].as_str().unwrap_or_default()
}

/// The states that clients may bring back: a changed one is refused.
static SEALED: Mutex<Vec<(String, Value)>> = Mutex::new(Vec::new());

fn seal(state: Value) -> String {
    let name = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>());
    SEALED.lock().unwrap_or_else(PoisonError::into_inner).push((name.clone(), state));
    name
}

fn open(sealed: &str) -> Result<Value, ErrorData> {
    let known = SEALED.lock().unwrap_or_else(PoisonError::into_inner);
    let found = known.iter().find(|(name, _)| name == sealed).map(|(_, state)| state.clone());
    found.ok_or_else(|| ErrorData::invalid_params("The requestState was changed", None))
}

pub fn call(request: &CallToolRequestParams, meta: &RequestMetaObject) -> Result<CallToolResponse, ErrorData> {
    let responses = request.input_responses.as_ref();
    let state = request.request_state.as_deref().map(open).transpose()?;
    let again = |requests| Ok(InputRequiredResult::from_input_requests(requests).into());
    let again_with = |requests, state| Ok(InputRequiredResult::new(Some(requests), Some(seal(state))).into());
    let name = || ask_for("What is your name?", "name", "string");
    match request.name.strip_prefix("test_input_required_result_").unwrap_or_default() {
        "elicitation" => match answer(responses, "user_name") {
            Some(answer) => Ok(text(&format!("Hello, {}!", words(answer, "name")))),
            None => again(asked([("user_name", name())])),
        },
        "sampling" => match answer(responses, "capital_question") {
            Some(answer) => Ok(text(&format!("Sampling response: {}", words(answer, "text")))),
            None => again(asked([("capital_question", ask_model("What is the capital of France?"))])),
        },
        "list_roots" => match answer(responses, "client_roots") {
            Some(answer) => Ok(text(&format!("Client roots: {}", answer["roots"]))),
            None => again(asked([("client_roots", ask_roots())])),
        },
        "request_state" | "tampered_state" => match state {
            Some(_) => Ok(text("Confirmed: state-ok")),
            None => again_with(asked([("confirm", ask_for("Please confirm", "ok", "boolean"))]), json!({ "step": 1 })),
        },
        "multiple_inputs" => {
            let keys = ["user_name", "greeting", "client_roots"];
            if state.is_some() && keys.iter().all(|key| answer(responses, key).is_some()) {
                return Ok(text("All inputs received"));
            }
            let requests =
                asked([(keys[0], name()), (keys[1], ask_model("Generate a greeting")), (keys[2], ask_roots())]);
            again_with(requests, json!({ "step": 1 }))
        }
        "multi_round" => match state.map_or(0, |state| state["round"].as_i64().unwrap_or_default()) {
            0 => again_with(asked([("step1", name())]), json!({ "round": 1 })),
            1 => again_with(asked([("step2", ask_for("Which color?", "color", "string"))]), json!({ "round": 2 })),
            _ => Ok(text("Multi-round flow complete")),
        },
        "capabilities" => {
            if responses.is_some() {
                return Ok(text("Capability-aware flow complete"));
            }
            let can = meta.client_capabilities().unwrap_or_default();
            let mut requests = InputRequests::new();
            let possible = [
                (can.elicitation.is_some(), "user_name", name()),
                (can.sampling.is_some(), "greeting", ask_model("Generate a greeting")),
                (can.roots.is_some(), "client_roots", ask_roots()),
            ];
            for (_, key, request) in possible.into_iter().filter(|(can, ..)| *can) {
                requests.insert(key.to_owned(), request);
            }
            if requests.is_empty() { Ok(text("The client can be asked nothing")) } else { again(requests) }
        }
        _ => again(asked([("streaming_elicitation", ask_for("Provide a value", "value", "string"))])),
    }
}

pub fn prompt(request: &GetPromptRequestParams) -> GetPromptResponse {
    match answer(request.input_responses.as_ref(), "user_context") {
        Some(answer) => {
            let words = format!("Prompt with elicited context: {}", words(answer, "context"));
            let message = json!({ "role": "user", "content": { "type": "text", "text": words } });
            from_json::<GetPromptResult>(json!({ "resultType": "complete", "messages": [message] })).into()
        }
        None => {
            let asked = asked([("user_context", ask_for("Which context?", "context", "string"))]);
            InputRequiredResult::from_input_requests(asked).into()
        }
    }
}
