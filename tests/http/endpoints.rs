//! Real endpoints, and how each deviates from the protocol.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    assistant::{ask, ended},
    commands::conversation,
    support::{
        Client, Kind, Server, binary, database_url,
        model::{Model, Turn, calls, says},
    },
};

/// A recorded stream.
fn recorded(name: &str) -> Turn {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/inputs").join(name);
    Turn::Raw(std::fs::read_to_string(path).unwrap())
}

/// One piece of a stream.
fn piece(delta: Value, finish: Option<&str>) -> String {
    format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] }))
}

fn refuses(status: u16, body: Value) -> Turn {
    Turn::Fails(status, vec![("content-type", "application/json".to_owned())], body.to_string())
}

/// Asks in a new conversation: the answer.
async fn answer(ada: &Client, words: &str) -> Value {
    let talk = conversation(ada).await;
    ask(ada, &talk, words).await;
    ended(ada, &talk).await
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_answers_are_shown_and_their_calls_done_once() {
    let model = Model::start(vec![]).await;
    let server = Server::start(Kind::Sqlite, &model.settings()).await;
    for (name, titles) in
        [("t26-both0.sse", vec!["one", "two"]), ("t26-null.sse", vec!["one", "two"]), ("t28-args_obj.sse", vec!["x"])]
    {
        let user = server.user(&name.replace(['.', '_'], "-")).await;
        model.add(recorded(name));
        model.add(says("Done."));
        assert_eq!(answer(&user, "Do it").await["content"], "Done.", "{name}");
        let mut done = user.listed("/api/tasks", "title").await;
        done.sort();
        assert_eq!(done, titles, "{name}");
        let results = model.requests().pop().unwrap()["messages"].clone();
        let results = results.as_array().unwrap().iter().filter(|message| message["role"] == "tool").count();
        assert_eq!(results, titles.len(), "{name}");
    }
    let ada = server.user("Ada").await;
    let refusal =
        [piece(json!({ "content": null, "refusal": "I can't do that." }), None), piece(json!({}), Some("stop"))];
    let parts = piece(
        json!({ "content": [{ "type": "text", "text": "In " }, { "type": "text", "text": "parts" }] }),
        Some("stop"),
    );
    let filtered = [piece(json!({ "content": "Half" }), None), piece(json!({}), Some("content_filter"))];
    for (turn, state, begins, contains) in [
        (recorded("t28-delta_null.sse"), "done", "hello", ""),
        (recorded("t28-json-instead-of-stream.json"), "done", "hello as json", ""),
        (recorded("t29-retry.sse"), "done", "hello", ""),
        (recorded("t28-length.sse"), "failed", "cut off", "stops here: the model reached its output limit"),
        (Turn::Raw(refusal.concat()), "done", "I can't do that.", ""),
        (Turn::Raw(parts.replace('\n', "\r\n").replace("data: ", "data:")), "done", "In parts", ""),
        (Turn::Raw(filtered.concat()), "failed", "Half", "the model's filter held back the rest"),
    ] {
        let shown = format!("{turn:?}");
        model.add(turn);
        let message = answer(&ada, "Hello").await;
        let content = message["content"].as_str().unwrap();
        assert!(
            message["state"] == state && content.starts_with(begins) && content.contains(contains),
            "{shown}: {message}"
        );
    }
    // A call that was cut is not done.
    let call =
        json!({ "index": 0, "id": "a", "function": { "name": "create_task", "arguments": "{\"title\":\"half\"}" } });
    model.add(Turn::Raw(piece(json!({ "tool_calls": [call] }), Some("length"))));
    assert_eq!(answer(&ada, "Do it").await["state"], "failed");
    assert_eq!(ada.numbers().await, [0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_parts_are_left_out_and_the_endpoints_message_is_logged() {
    let model = Model::start(vec![]).await;
    let folder = TempDir::new().unwrap();
    let url = database_url(Kind::Sqlite, &folder).await;
    let log_file = folder.path().join("log");
    let log = std::fs::File::create(&log_file).unwrap();
    let mut settings = model.settings();
    settings.push(("TALLYBOARD_LOG_LEVEL", "info"));
    let server = Server::start_with_log(folder, Kind::Sqlite, url, &settings, log.into());
    let ada = server.user("Ada").await;
    let last = |back: usize| model.requests().into_iter().rev().nth(back).unwrap();

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/inputs/t27-max-tokens-400.json");
    model.add(refuses(400, serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()));
    model.add(says("Here I am."));
    assert_eq!(answer(&ada, "Hello").await["content"], "Here I am.");
    assert!(last(1)["max_tokens"] == 2000 && last(1).get("max_completion_tokens").is_none());
    assert!(last(0)["max_completion_tokens"] == 2000 && last(0).get("max_tokens").is_none());
    // It is remembered; and what else is refused is left out, too.
    model.add(refuses(
        422,
        json!({ "detail": [{ "loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted" }] }),
    ));
    model.add(says("Again."));
    assert_eq!(answer(&ada, "Hello").await["content"], "Again.");
    assert!(last(0)["max_completion_tokens"] == 2000 && last(0).get("stream_options").is_none());
    assert!(last(1)["max_completion_tokens"] == 2000 && last(1)["stream_options"].is_object());

    model.add(refuses(400, json!({ "error": "registry.ollama.ai/library/tiny does not support tools" })));
    model.add(says("I talk."));
    let message = answer(&ada, "Hello").await;
    let content = message["content"].as_str().unwrap();
    assert!(content.starts_with("I talk.") && content.contains("can't use tools here"), "{message}");
    assert!(last(0).get("tools").is_none() && last(1)["tools"].is_array());

    // A conversation that is too long is shortened, once.
    let too_long = || {
        refuses(
            400,
            json!({ "error": { "code": "context_length_exceeded", "message": "sk-secret-of-the-test: too long" } }),
        )
    };
    let talk = conversation(&ada).await;
    for number in 0..4 {
        let long = json!({ "role": "assistant", "content": format!("{number} {}", "x".repeat(5_000)) });
        ada.post(&format!("{talk}/messages"), long).await.expect(201);
    }
    model.add(too_long());
    model.add(says("Shorter."));
    ask(&ada, &talk, "And now?").await;
    assert_eq!(ended(&ada, &talk).await["content"], "Shorter.");
    let sent = |request: Value| request["messages"].to_string();
    assert!(sent(last(0)).len() < sent(last(1)).len() && sent(last(0)).contains("And now?"));
    model.add(too_long());
    model.add(too_long());
    let message = answer(&ada, "Hello").await;
    let content = message["content"].as_str().unwrap();
    assert!(message["state"] == "failed" && content.contains("at least 8192 tokens"), "{message}");

    // What can't be left out is said.
    model.add(refuses(
        400,
        json!({ "error": { "message": "The temperature of the key sk-secret-of-the-test is wrong" } }),
    ));
    let message = answer(&ada, "Hello").await;
    assert!(message["content"].as_str().unwrap().contains("rejected the request (status 400)"), "{message}");
    let log = std::fs::read_to_string(log_file).unwrap();
    for words in
        ["not max_tokens", "tiny does not support tools", "***: too long", "The temperature of the key *** is wrong"]
    {
        assert!(log.contains(words), "{words}: {log}");
    }
    assert!(!log.contains("sk-secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reasoning_and_signatures_go_back_with_the_results_and_no_further() {
    let signed = json!({ "google": { "thought_signature": "signed" } });
    let call = json!({ "index": 0, "id": "a", "function": { "name": "get_statistics", "arguments": "" }, "extra_content": signed });
    let stream = [
        piece(json!({ "reasoning_content": "I have to " }), None),
        piece(json!({ "reasoning_content": "look." }), None),
        piece(json!({ "tool_calls": [call] }), Some("tool_calls")),
    ];
    let model = Model::start(vec![Turn::Raw(stream.concat()), says("Nothing to do.")]).await;
    let server = Server::start(Kind::Sqlite, &model.settings()).await;
    let ada = server.user("Ada").await;
    let talk = conversation(&ada).await;
    ask(&ada, &talk, "What is there to do?").await;
    assert_eq!(ended(&ada, &talk).await["content"], "Nothing to do.");
    let sent = model.requests().pop().unwrap()["messages"].clone();
    let called = sent.as_array().unwrap().iter().find(|message| message["tool_calls"].is_array()).unwrap();
    assert_eq!(
        (&called["reasoning_content"], &called["tool_calls"][0]["extra_content"]),
        (&json!("I have to look."), &signed)
    );
    model.add(says("Still nothing."));
    ask(&ada, &talk, "And now?").await;
    ended(&ada, &talk).await;
    assert!(!model.requests().pop().unwrap().to_string().contains("I have to look"));
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_alternate_and_everything_fits_the_least_context() {
    let model = Model::start(vec![]).await;
    let mut settings = model.settings();
    settings.push(("TALLYBOARD_ASSISTANT_CONTEXT_TOKENS", "8192"));
    let server = Server::start(Kind::Sqlite, &settings).await;
    let ada = server.user("Ada").await;
    for number in 0..30 {
        let task = json!({ "title": format!("Task {number}"), "description": "word ".repeat(190) });
        ada.post("/api/tasks", task).await.expect(201);
    }
    let talk = conversation(&ada).await;
    for (role, content) in [("user", "one"), ("user", "two"), ("assistant", "three"), ("assistant", "four")] {
        ada.post(&format!("{talk}/messages"), json!({ "role": role, "content": content })).await.expect(201);
    }
    for _ in 0..3 {
        model.add(calls("list_tasks", json!({ "limit": 20 })));
    }
    ask(&ada, &talk, "What is there to do?").await;
    let message = ended(&ada, &talk).await;
    assert_eq!(message["content"], "The script is over.", "{message}");
    let requests = model.requests();
    for request in &requests {
        let messages = request["messages"].as_array().unwrap();
        let roles: Vec<_> = messages.iter().map(|message| message["role"].as_str().unwrap()).collect();
        assert_eq!(roles[..2], ["system", "user"]);
        assert!(roles.windows(2).all(|pair| pair[0] != pair[1] || pair[0] == "tool"), "{roles:?}");
        let length = request["messages"].to_string().len() + request["tools"].to_string().len();
        assert!(length / 3 + 2000 <= 8192 + 300, "{length}, tools {}", request["tools"].to_string().len());
        assert!(request["messages"].to_string().contains("What is there to do?"));
    }
    assert!(requests[0]["messages"].to_string().contains("one\\n\\ntwo"));
    assert!(requests[3]["messages"].to_string().contains("(cut: the conversation is long"));
    let too_small = [("TALLYBOARD_ASSISTANT_CONTEXT_TOKENS", "4096")];
    let folder = TempDir::new().unwrap();
    let refused = binary(&folder).arg("doctor").envs(too_small).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
    assert!(said.contains("assistant.context_tokens") && said.contains("8192 or more"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_the_model() {
    let model = Model::start(vec![]).await;
    let folder = TempDir::new().unwrap();
    let doctor = |settings: &[(&str, &str)]| {
        let output = binary(&folder).args(["doctor", "--json"]).envs(settings.iter().copied()).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let findings = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        findings.into_iter().find(|finding| finding["check"] == "assistant").unwrap()
    };
    let usage = |read: u64| {
        Turn::Raw(format!("data: {}\n\ndata: [DONE]\n\n", json!({ "choices": [], "usage": { "prompt_tokens": read } })))
    };
    let refused = json!({ "error": { "message": "Model scripted is not here; your key is sk-secret-of-the-test" } });
    let no_tools = refuses(400, json!({ "error": "this model does not support tools" }));
    assert_eq!(doctor(&[])["level"], "ok");
    for (turns, level, said) in [
        (vec![says("OK")], "ok", "answers and supports tools"),
        (vec![no_tools, says("OK")], "warning", "doesn't support tools"),
        (vec![usage(4096)], "warning", "read 4096 tokens"),
        (vec![refuses(404, refused.clone())], "error", "It says: “Model scripted is not here; your key is ***”"),
        (vec![refuses(401, refused)], "error", "rejected this server's key"),
        (vec![Turn::Raw("<html>".to_owned())], "error", "couldn't be read"),
    ] {
        turns.into_iter().for_each(|turn| model.add(turn));
        let finding = doctor(&model.settings());
        assert_eq!(finding["level"], level, "{finding}");
        assert!(finding["message"].as_str().unwrap().contains(said), "{said}: {finding}");
        assert!(!finding.to_string().contains("sk-secret"));
    }
    let nobody = [("TALLYBOARD_ASSISTANT_BASE_URL", "http://127.0.0.1:9/v1"), ("TALLYBOARD_ASSISTANT_MODEL", "none")];
    let finding = doctor(&nobody);
    assert!(
        finding["level"] == "error" && finding["message"].as_str().unwrap().contains("can't be reached"),
        "{finding}"
    );
}
