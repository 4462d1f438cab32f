//! What a model's endpoint can do wrong: each is a message that says what to do, and the next question works.

use std::time::Duration;

use serde_json::json;

use crate::{
    assistant::{ask, ended},
    commands::{conversation, shown},
    support::{
        Kind, PASSWORD, Server, Socket,
        model::{Model, Turn, calls, says},
        until,
    },
};

const KEY: &str = "sk-secret-of-the-test";

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_says_what_to_do_and_the_next_question_works() {
    let model = Model::start(vec![]).await;
    let folder = tempfile::TempDir::new().unwrap();
    let url = crate::support::database_url(Kind::Sqlite, &folder).await;
    let log_file = folder.path().join("log");
    let log = std::fs::File::create(&log_file).unwrap();
    let mut settings = model.settings();
    settings.push(("TALLYBOARD_LOG_LEVEL", "debug"));
    let server = Server::start_with_log(folder, Kind::Sqlite, url, &settings, log.into());
    let ada = server.user("Ada").await;
    let leak = json!({ "error": { "message": format!("Incorrect API key provided: {KEY}"), "type": "invalid_request_error" } });
    let chunk = |delta: &str| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}\n\n");
    let same = || calls("get_statistics", json!({}));
    let cases: Vec<(Vec<Turn>, &str)> = vec![
        (vec![Turn::Fails(401, vec![], leak.to_string())], "rejected this server's key"),
        (vec![Turn::Fails(403, vec![], leak.to_string())], "rejected this server's key"),
        (vec![Turn::Fails(404, vec![], leak.to_string())], "doesn't know this model"),
        (vec![Turn::Fails(429, vec![("retry-after", "17".to_owned())], leak.to_string())], "Try again in 17 seconds"),
        (vec![Turn::Fails(429, vec![], String::new())], "Try again in a minute"),
        (vec![Turn::Fails(400, vec![], leak.to_string())], "rejected the request (status 400)"),
        (
            vec![Turn::Fails(302, vec![("location", "http://127.0.0.1:1/".to_owned())], String::new())],
            "rejected the request (status 302)",
        ),
        (vec![Turn::Fails(500, vec![], leak.to_string())], "The model failed (status 500)"),
        (vec![Turn::Fails(200, vec![], "<html>a page</html>".to_owned())], "couldn't be read"),
        (vec![Turn::Breaks("Half of".to_owned())], "was lost midway"),
        (vec![Turn::Raw(chunk(r#"{"content":"Half of"}"#))], "was lost midway"),
        (vec![Turn::Raw("data: nonsense\n\n".to_owned())], "couldn't be read"),
        (vec![Turn::Raw(format!("data: {}\n\n", leak))], "The model failed"),
        (vec![Turn::Raw("data: [DONE]\n\n".to_owned())], "The model returned an empty answer"),
        (vec![Turn::Raw(format!("data: {}", "x".repeat(5_000_000)))], "too long to store"),
        (vec![same(), same(), same(), same(), same()], "kept making the same call"),
    ];
    for (turns, expected) in cases {
        let talk = conversation(&ada).await;
        let shown = format!("{turns:?}").chars().take(100).collect::<String>();
        turns.into_iter().for_each(|turn| model.add(turn));
        ask(&ada, &talk, "Hello").await;
        let message = ended(&ada, &talk).await;
        assert_eq!(message["state"], "failed", "{shown}: {message}");
        assert!(message["content"].as_str().unwrap().contains(expected), "{shown}: {message}");
        assert!(!message.to_string().contains("sk-secret"), "{shown}");
        model.add(says("I am back."));
        ask(&ada, &talk, "Hello again").await;
        assert_eq!(ended(&ada, &talk).await["content"], "I am back.", "{shown}");
    }
    let log = std::fs::read_to_string(log_file).unwrap();
    assert!(log.contains("the model gave no answer") && !log.contains(KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_calls_are_returned_to_the_model_which_may_retry() {
    let model = Model::start(vec![
        Turn::Calls(vec![
            ("create_task".to_owned(), "{\"title\":".to_owned()),
            ("dance".to_owned(), "{}".to_owned()),
            ("create_task".to_owned(), json!({ "titel": "x" }).to_string()),
            ("save_message".to_owned(), json!({ "role": "user", "content": "x" }).to_string()),
            ("get_statistics".to_owned(), String::new()),
        ]),
        says("I gave up."),
    ])
    .await;
    let server = Server::start(Kind::Sqlite, &model.settings()).await;
    let ada = server.user("Ada").await;
    let talk = conversation(&ada).await;
    ask(&ada, &talk, "Do it").await;
    let message = ended(&ada, &talk).await;
    assert_eq!((&message["state"], &message["content"]), (&json!("done"), &json!("I gave up.")));
    assert_eq!(message["html"].as_str().unwrap().matches("class=\"failed\"").count(), 4, "{message}");
    let sent = model.requests().pop().unwrap()["messages"].clone();
    let results: Vec<_> = sent.as_array().unwrap().iter().filter(|message| message["role"] == "tool").collect();
    assert_eq!(results.len(), 5);
    assert!(results[2]["content"].as_str().unwrap().contains("titel"), "{}", results[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_away_or_silent_is_said_in_time() {
    let model = Model::start(vec![Turn::SaysAndWaits("Well".to_owned())]).await;
    let server = Server::start(Kind::Sqlite, &model.settings()).await;
    let ada = server.user("Ada").await;
    let talk = conversation(&ada).await;
    ask(&ada, &talk, "Hello").await;
    let message = ended(&ada, &talk).await;
    let content = message["content"].as_str().unwrap();
    assert!(content.starts_with("Well") && content.contains("didn't respond for 3 seconds"), "{content}");

    let nobody = [("TALLYBOARD_ASSISTANT_BASE_URL", "http://127.0.0.1:9/v1"), ("TALLYBOARD_ASSISTANT_MODEL", "none")];
    let server = Server::start(Kind::Sqlite, &nobody).await;
    let ada = server.user("Ada").await;
    let talk = conversation(&ada).await;
    ask(&ada, &talk, "Hello").await;
    assert!(ended(&ada, &talk).await["content"].as_str().unwrap().contains("can't be reached"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_megabyte_is_cut_to_a_message() {
    let model = Model::start(vec![Turn::Repeats("0123456789".repeat(100), 1000)]).await;
    let server = Server::start(Kind::Sqlite, &model.settings()).await;
    let ada = server.user("Ada").await;
    let talk = conversation(&ada).await;
    ask(&ada, &talk, "Count").await;
    let message = ended(&ada, &talk).await;
    let content = message["content"].as_str().unwrap();
    assert!(content.chars().count() <= 10_000 && content.ends_with("has been cut off here.)"), "{}", content.len());
    assert_eq!(message["state"], "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fast_models_text_is_batched_and_a_long_conversation_keeps_its_end() {
    let model = Model::start(vec![Turn::Repeats("word ".to_owned(), 1500)]).await;
    let server = Server::start(Kind::Sqlite, &model.settings()).await;
    let ada = server.user("Ada").await;
    let talk = conversation(&ada).await;
    let mut socket = Socket::of(&server, &ada).await;
    let started = std::time::Instant::now();
    let answer = ask(&ada, &talk, "Quickly").await;
    let mut frames = 0;
    loop {
        match socket.next_event_but_statistics().await {
            (kind, _) if kind == "message_delta" => frames += 1,
            (_, data) if data["message_id"] == answer.as_str() => break,
            _ => {}
        }
    }
    assert!(f64::from(frames) <= 20.0 * started.elapsed().as_secs_f64() + 2.0, "{frames} frames");
    for number in 0..4 {
        let long = json!({ "role": "assistant", "content": format!("{number} {}", "x".repeat(9_000)) });
        ada.post(&format!("{talk}/messages"), long).await.expect(201);
    }
    ask(&ada, &talk, "And now?").await;
    ended(&ada, &talk).await;
    let sent = model.requests().pop().unwrap()["messages"].clone();
    let sent: Vec<_> = sent.as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap()).collect();
    assert!(
        sent.len() == 4 && sent[2].starts_with("2 x") && sent[2].contains("\n\n3 x") && sent[3] == "And now?",
        "{}",
        sent.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rounds_and_the_days_tokens_have_an_end() {
    let turn = |number: u32| calls("search", json!({ "query": format!("word {number}") }));
    let model = Model::start((0..3).map(turn).collect()).await;
    let mut settings = model.settings();
    settings.extend([("TALLYBOARD_ASSISTANT_MAX_ROUNDS", "3"), ("TALLYBOARD_ASSISTANT_DAILY_TOKENS_PER_USER", "400")]);
    let server = Server::start(Kind::Sqlite, &settings).await;
    let (ada, grace) = (server.user_in("Ada", "Asia/Tokyo").await, server.user("Grace").await);
    let talk = conversation(&ada).await;
    ask(&ada, &talk, "Look").await;
    let message = ended(&ada, &talk).await;
    assert!(message["content"].as_str().unwrap().contains("stopped after 3 rounds"), "{message}");
    // 360 of 400 are used: the next answer is the last.
    model.add(says("The last words."));
    ask(&ada, &talk, "And now?").await;
    ended(&ada, &talk).await;
    let refused = ada.post(&format!("{talk}/ask"), json!({ "content": "More?" })).await;
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    let error = refused.expect_error(429, "RATE_LIMITED");
    assert!(error["error"].as_str().unwrap().contains("it continues at"), "{error}");
    assert_eq!(shown(&ada, &talk).await.len(), 4);
    // Another time zone has no new tokens, wherever its midnight is.
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        ada.patch("/api/auth/me", json!({ "time_zone": zone })).await.expect(200);
        ada.post(&format!("{talk}/ask"), json!({ "content": "More?" })).await.expect_error(429, "RATE_LIMITED");
    }
    // Commands cost nothing, and others have their own tokens.
    ada.post(&format!("{talk}/ask"), json!({ "content": "/stats" })).await.expect(202);
    model.add(says("Hello, Grace."));
    let talk = conversation(&grace).await;
    ask(&grace, &talk, "Hello").await;
    assert_eq!(ended(&grace, &talk).await["content"], "Hello, Grace.");
}

/// Signing out while an answer is being written stops it, and nothing more is done.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_ends_with_the_session_that_asked() {
    let model = Model::start(vec![Turn::WaitsAndCalls("create_task", json!({ "title": "Too late" }))]).await;
    let server = Server::start(Kind::Sqlite, &model.settings()).await;
    let ada = server.user("Ada").await;
    let mut elsewhere = ada.clone();
    elsewhere.sign_in(PASSWORD).await;
    let talk = conversation(&ada).await;
    ask(&ada, &talk, "Go").await;
    until(Duration::from_secs(10), async || model.requests().len(), |asked| *asked == 1).await;
    ada.touch("/api/auth/signout").await.expect(204);
    model.go_on();
    let message = ended(&elsewhere, &talk).await;
    assert_eq!(message["state"], "failed");
    assert!(message["content"].as_str().unwrap().contains("You've signed out since"), "{message}");
    assert_eq!(elsewhere.numbers().await, [0, 0, 0, 0]);
}
