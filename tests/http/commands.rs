//! Commands in a conversation, without a model.

use serde_json::{Value, json};

use crate::support::{Client, Server};

/// A new conversation; its path.
pub async fn conversation(user: &Client) -> String {
    let made = user.post("/api/conversations", json!({})).await.expect(201);
    format!("/api/conversations/{}", made["id"].as_str().unwrap())
}

/// Asks, and answers the text of the answer, which a command has at once.
pub async fn ask(user: &Client, conversation: &str, content: &str) -> String {
    let answer = user.post(&format!("{conversation}/ask"), json!({ "content": content })).await.expect(202);
    assert_eq!(answer["role"], "assistant");
    answer["content"].as_str().unwrap().to_owned()
}

/// The messages as the page shows them, the oldest first.
pub async fn shown(user: &Client, conversation: &str) -> Vec<Value> {
    let id = conversation.rsplit('/').next().unwrap();
    let found = user.get(&format!("/api/ui/messages?id={id}")).await.expect(200);
    found.as_array().unwrap().clone()
}

/// Sends a form of the page as its script does; returns the status.
pub async fn click(server: &Server, user: &Client, form: &str, fields: &[(&str, &str)]) -> u16 {
    let request = user.request(reqwest::Method::POST, &format!("/api/ui/{form}"));
    user.send(request.header("origin", &server.base).form(fields)).await.status
}

on_both_databases! {
    async fn tasks_are_added_listed_completed_and_moved(server) {
        let ada = server.user_in("Ada", "Europe/Berlin").await;
        let talk = conversation(&ada).await;
        let team = ada.post("/api/teams", json!({ "name": "Our Household" })).await.expect(201);
        let added = ask(&ada, &talk, "/add Buy *oat* milk tomorrow @our house").await;
        assert!(added.starts_with("Added [Buy \\*oat\\* milk](/tasks?") && added.contains("Our Household, due tomorrow"), "{added}");
        let task = ada.get("/api/tasks").await.expect(200)["items"][0].clone();
        assert_eq!((&task["title"], &task["team_id"]), (&json!("Buy *oat* milk"), &team["id"]));
        assert!(task["due_at"].as_str().unwrap().contains("T22:59:59"), "{task}");
        assert!(ask(&ada, &talk, "/list").await.contains("oat"));
        assert!(ask(&ada, &talk, "/list @Our Household").await.contains("oat"));
        assert_eq!(ask(&ada, &talk, "/list overdue").await, "No tasks are overdue.");
        assert_eq!(ask(&ada, &talk, "/list today").await, "No tasks are due today.");
        assert!(ask(&ada, &talk, "/due milk today").await.contains("due today"));
        assert!(ask(&ada, &talk, "/list today").await.contains("oat"));
        assert!(ask(&ada, &talk, "/due milk none").await.contains("no due date"));
        assert!(ask(&ada, &talk, "/done MILK").await.starts_with("Completed ["));
        assert_eq!(ada.numbers().await, [1, 0, 1, 0]);
        assert!(ask(&ada, &talk, "/stats").await.contains("**1** tasks: **0** pending, **1** completed"));
        assert!(ask(&ada, &talk, "/reopen milk").await.starts_with("Reopened ["));
        assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
        assert!(ask(&ada, &talk, "/help").await.contains("`/share task email [view|edit]`"));
        // All of it is kept, each answer after its question, and the first question is the title.
        let messages = shown(&ada, &talk).await;
        assert_eq!(messages.len(), 24);
        assert!(messages.chunks(2).all(|pair| pair[0]["role"] == "user" && pair[1]["role"] == "assistant"));
        let title = ada.get(&talk).await.expect(200)["title"].clone();
        assert_eq!(title, "/add Buy *oat* milk tomorrow @our house");
        let html = messages[1]["html"].as_str().unwrap();
        assert!(html.contains("<a href=\"/tasks?q=Buy") && html.contains(">Buy *oat* milk</a>"), "{html}");
    }

    async fn errors_are_reported_and_nothing_is_done(server) {
        let ada = server.user("Ada").await;
        let talk = conversation(&ada).await;
        ada.task("Water the plants").await;
        ada.task("Water the roses").await;
        assert!(ask(&ada, &talk, "/dance").await.contains("There is no command `/dance`"));
        assert!(ask(&ada, &talk, "/add").await.contains("Write `/add title"));
        assert!(ask(&ada, &talk, "/done nothing").await.contains("I found no task"));
        let which = ask(&ada, &talk, "/done water").await;
        assert!(which.contains("Which one do you mean?") && which.contains("plants") && which.contains("roses"), "{which}");
        assert!(ask(&ada, &talk, "/add Paint @nowhere").await.contains("nowhere"));
        assert!(ask(&ada, &talk, &format!("/add {}", "x".repeat(201))).await.contains("at most 200 characters"));
        assert_eq!(ada.numbers().await, [2, 2, 0, 0]);
        assert!(ask(&ada, &talk, "/done water the roses").await.contains("Completed"));
        // Somebody else's conversation is an error, not an answer.
        let eve = server.user("Eve").await;
        eve.post(&format!("{talk}/ask"), json!({ "content": "/add Mine" })).await.expect_error(403, "FORBIDDEN");
        assert_eq!(eve.numbers().await, [0, 0, 0, 0]);
        for content in ["", "  ", &"x".repeat(10_001), "/add a\u{0}b"] {
            ada.post(&format!("{talk}/ask"), json!({ "content": content })).await.expect_error(422, "VALIDATION_ERROR");
        }
    }

    async fn sharing_waits_for_a_click_of_the_person(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let talk = conversation(&ada).await;
        let task = ada.task("Plan the trip").await;
        let asked = ask(&ada, &talk, &format!("/share trip {} edit", grace.email)).await;
        assert!(asked.contains("Share “Plan the trip” with") && asked.ends_with("may then change it?"), "{asked}");
        assert_eq!(grace.numbers().await, [0, 0, 0, 0]);
        let question = shown(&ada, &talk).await.pop().unwrap();
        assert_eq!(question["state"], "waiting");
        let answer = question["id"].as_str().unwrap();
        // Nobody else's click counts, nor that of a token.
        assert_eq!(click(&server, &eve, "confirm_answer", &[("answer", answer), ("yes", "true")]).await, 404);
        let token = ada.personal(&["read", "write"]).await;
        assert_eq!(click(&server, &token, "confirm_answer", &[("answer", answer), ("yes", "true")]).await, 403);
        assert_eq!(click(&server, &ada, "confirm_answer", &[("answer", answer), ("yes", "true")]).await, 200);
        assert_eq!(grace.get(&format!("/api/tasks/{task}")).await.expect(200)["access"], "shared_edit");
        let messages = shown(&ada, &talk).await;
        assert_eq!((&messages[1]["state"], &messages[2]["state"]), (&json!("confirmed"), &json!("done")));
        // Once.
        assert_eq!(click(&server, &ada, "confirm_answer", &[("answer", answer), ("yes", "true")]).await, 409);
        // No.
        ask(&ada, &talk, &format!("/share trip {}", eve.email)).await;
        let answer = shown(&ada, &talk).await.pop().unwrap()["id"].as_str().unwrap().to_owned();
        assert_eq!(click(&server, &ada, "confirm_answer", &[("answer", &answer), ("yes", "false")]).await, 200);
        eve.get(&format!("/api/tasks/{task}")).await.expect_error(403, "FORBIDDEN");
        assert!(shown(&ada, &talk).await.pop().unwrap()["content"].as_str().unwrap().contains("Nothing was done"));
        // Too late.
        ask(&ada, &talk, &format!("/share trip {}", eve.email)).await;
        let answer = shown(&ada, &talk).await.pop().unwrap()["id"].as_str().unwrap().to_owned();
        server.sql("UPDATE answers SET expires_at = '2026-01-01T00:00:00+00:00' WHERE state = 'waiting'".to_owned()).await;
        assert_eq!(shown(&ada, &talk).await.pop().unwrap()["state"], "expired");
        assert_eq!(click(&server, &ada, "confirm_answer", &[("answer", &answer), ("yes", "true")]).await, 409);
        eve.get(&format!("/api/tasks/{task}")).await.expect_error(403, "FORBIDDEN");
    }

    async fn a_command_is_answered_and_other_messages_explain_commands(server) {
        let ada = server.user("Ada").await;
        let talk = conversation(&ada).await;
        let said = ada.post(&format!("{talk}/messages"), json!({ "content": "/add Buy milk" })).await.expect(201);
        assert_eq!(said["role"], "user");
        assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
        // An assistant's message is never a command.
        let kept = json!({ "role": "assistant", "content": "/add Buy bread" });
        ada.post(&format!("{talk}/messages"), kept).await.expect(201);
        assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
        let answer = ask(&ada, &talk, "Hello?").await;
        assert!(answer.contains("no AI model") && answer.contains("/add") && answer.contains("[assistant]"), "{answer}");
        // Repeated with its key, a command is done once.
        let key = ("idempotency-key", "once");
        for _ in 0..2 {
            ada.post_with(&format!("{talk}/ask"), json!({ "content": "/add Only once" }), key).await.expect(202);
        }
        assert_eq!(ada.numbers().await, [2, 2, 0, 0]);
        ada.touch(&format!("{talk}/stop")).await.expect(204);
    }

    async fn the_last_question_can_be_asked_in_other_words(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let talk = conversation(&ada).await;
        let id = talk.rsplit('/').next().unwrap();
        ask(&ada, &talk, "/stats").await;
        ask(&ada, &talk, "/hlep").await;
        let messages = shown(&ada, &talk).await;
        assert_eq!((&messages[0]["may_repeat"], &messages[2]["may_repeat"]), (&json!(false), &json!(true)));
        let (first, last) = (messages[0]["id"].as_str().unwrap(), messages[2]["id"].as_str().unwrap());
        let instead = [("id", id), ("instead", last), ("content", "/help")];
        assert_eq!(click(&server, &eve, "ask", &instead).await, 404);
        assert_eq!(click(&server, &ada, "ask", &[("id", id), ("instead", first), ("content", "/help")]).await, 409);
        assert_eq!(click(&server, &ada, "ask", &[("id", id), ("instead", last), ("content", " ")]).await, 422);
        assert_eq!(shown(&ada, &talk).await.len(), 4);
        assert_eq!(click(&server, &ada, "ask", &instead).await, 200);
        let messages = shown(&ada, &talk).await;
        assert_eq!(messages.iter().map(|message| message["content"] == "/help").collect::<Vec<_>>(), [false, false, true, false]);
    }
}
