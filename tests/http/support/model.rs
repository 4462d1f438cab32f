//! A language model's endpoint, as the chat-completions protocol publishes it, that answers from a script.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

/// One answer of the model.
#[derive(Clone, Debug)]
pub enum Turn {
    /// These pieces of text.
    Says(Vec<String>),
    /// A text, and then nothing until the test lets it go on.
    SaysAndWaits(String),
    /// Nothing until the test lets it go on, and then a call.
    WaitsAndCalls(&'static str, Value),
    /// Calls of tools: name and arguments as they are on the wire.
    Calls(Vec<(String, String)>),
    /// A status with headers and a body.
    Fails(u16, Vec<(&'static str, String)>, String),
    /// A text and then the end of the connection.
    Breaks(String),
    /// Lines that are sent as they are.
    Raw(String),
    /// This text, repeated.
    Repeats(String, usize),
}

pub fn says(text: &str) -> Turn {
    Turn::Says(text.split_inclusive(' ').map(str::to_owned).collect())
}

pub fn calls(name: &str, arguments: Value) -> Turn {
    Turn::Calls(vec![(name.to_owned(), arguments.to_string())])
}

/// The endpoint.
#[derive(Clone)]
pub struct Model {
    pub url: String,
    inner: Arc<Inner>,
}

struct Inner {
    script: Mutex<VecDeque<Turn>>,
    requests: Mutex<Vec<(Option<String>, Value)>>,
    go_on: Notify,
}

impl Model {
    /// Starts an endpoint that answers these turns, one a request.
    pub async fn start(script: Vec<Turn>) -> Self {
        let inner =
            Arc::new(Inner { script: Mutex::new(script.into()), requests: Mutex::default(), go_on: Notify::new() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/chat/completions", post(complete)).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// The settings of a server that asks this model.
    pub fn settings(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("TALLYBOARD_ASSISTANT_BASE_URL", self.url.as_str()),
            ("TALLYBOARD_ASSISTANT_MODEL", "scripted"),
            ("TALLYBOARD_ASSISTANT_API_KEY", "sk-secret-of-the-test"),
            ("TALLYBOARD_ASSISTANT_TIMEOUT_SECONDS", "3"),
        ]
    }

    pub fn add(&self, turn: Turn) {
        self.inner.script.lock().unwrap().push_back(turn);
    }

    /// Lets [`Turn::SaysAndWaits`] go on.
    pub fn go_on(&self) {
        self.inner.go_on.notify_one();
    }

    /// The bodies of all requests so far.
    pub fn requests(&self) -> Vec<Value> {
        self.inner.requests.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }

    /// The key of the last request.
    pub fn last_key(&self) -> Option<String> {
        self.inner.requests.lock().unwrap().last().and_then(|(key, _)| key.clone())
    }
}

fn event(data: &Value) -> Bytes {
    format!("data: {data}\n\n").into()
}

fn delta(delta: Value, finish: Option<&str>) -> Bytes {
    event(
        &json!({ "id": "x", "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] }),
    )
}

fn end(finish: &str) -> Vec<Bytes> {
    let usage = json!({ "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120 });
    vec![delta(json!({}), Some(finish)), event(&json!({ "choices": [], "usage": usage })), "data: [DONE]\n\n".into()]
}

/// Calls in parts, as real endpoints send them.
fn pieces_of(calls: &[(String, String)]) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    for (index, (name, arguments)) in calls.iter().enumerate() {
        let (first, rest) = arguments.split_at(arguments.len() / 2);
        let function = json!({ "name": name, "arguments": "" });
        let call = json!({ "index": index, "id": format!("call_{index}"), "type": "function", "function": function });
        pieces.push(delta(json!({ "tool_calls": [call] }), None));
        for part in [first, rest] {
            let part = json!({ "index": index, "function": { "arguments": part } });
            pieces.push(delta(json!({ "tool_calls": [part] }), None));
        }
    }
    pieces.extend(end("tool_calls"));
    pieces
}

async fn complete(State(model): State<Arc<Inner>>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let key = headers.get(header::AUTHORIZATION).map(|key| key.to_str().unwrap().to_owned());
    assert_eq!((&body["stream"], &body["model"]), (&json!(true), &json!("scripted")));
    model.requests.lock().unwrap().push((key, body));
    let turn = model.script.lock().unwrap().pop_front();
    let text = |text: &str| delta(json!({ "content": text }), None);
    let role = delta(json!({ "role": "assistant", "content": "" }), None);
    let mut pieces = vec![role];
    match turn.unwrap_or_else(|| says("The script is over.")) {
        Turn::Says(words) => pieces.extend(words.iter().map(|word| text(word)).chain(end("stop"))),
        Turn::Repeats(word, times) => pieces.extend(std::iter::repeat_n(text(&word), times).chain(end("stop"))),
        Turn::SaysAndWaits(words) => {
            pieces.push(text(&words));
            let rest = async move {
                model.go_on.notified().await;
                Bytes::from(end("stop").concat())
            };
            let all = stream::iter(pieces).chain(stream::once(rest));
            return stream_of(all.map(Ok).boxed());
        }
        Turn::Calls(calls) => pieces.extend(pieces_of(&calls)),
        Turn::WaitsAndCalls(name, arguments) => {
            let rest = async move {
                model.go_on.notified().await;
                Bytes::from(pieces_of(&[(name.to_owned(), arguments.to_string())]).concat())
            };
            let all = stream::iter(pieces).chain(stream::once(rest));
            return stream_of(all.map(Ok).boxed());
        }
        Turn::Fails(status, headers, body) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            return response;
        }
        Turn::Breaks(words) => {
            pieces.push(text(&words));
            let broken = stream::once(async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err(std::io::Error::other("the line breaks"))
            });
            return stream_of(stream::iter(pieces).map(Ok).chain(broken).boxed());
        }
        Turn::Raw(lines) => pieces = vec![lines.into()],
    }
    stream_of(stream::iter(pieces).map(Ok).boxed())
}

fn stream_of(pieces: stream::BoxStream<'static, std::io::Result<Bytes>>) -> Response {
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(pieces)).into_response()
}
