//! Text that PostgreSQL cannot store (U+0000) or that is no valid input, wherever a request can carry it: a clear
//! answer, never a 500.

use reqwest::Method;
use serde_json::json;

use crate::support::{PASSWORD, Socket};

const NUL: &str = "a\0b@example.org";

on_both_databases! {
    async fn a_nul_in_any_text_is_rejected(server) {
        let ada = server.user("Ada").await;
        let anybody = server.anybody();
        anybody.post("/api/auth/signin", json!({ "email": NUL, "password": PASSWORD })).await.expect_error(401, "UNAUTHORIZED");
        anybody.post("/api/auth/signin", json!({ "email": ada.email, "password": "a\0b" })).await.expect_error(401, "UNAUTHORIZED");
        let new = json!({ "name": "Eve", "email": NUL, "password": PASSWORD });
        anybody.post("/api/auth/signup", new).await.expect_error(422, "VALIDATION_ERROR");
        let new = json!({ "name": "a\0b", "email": "eve@example.org", "password": PASSWORD, "time_zone": "a\0b" });
        let error = anybody.post("/api/auth/signup", new).await.expect_error(422, "VALIDATION_ERROR");
        assert!(error["fields"]["name"].is_string() && error["fields"]["time_zone"].is_string(), "{error}");
        for change in [json!({ "name": "a\0" }), json!({ "email": NUL }), json!({ "time_zone": "UTC\0" })] {
            ada.patch("/api/auth/me", change).await.expect_error(422, "VALIDATION_ERROR");
        }
        let task = ada.task("Task").await;
        let team = server.team(&ada, &[]).await;
        let conversation = ada.post("/api/conversations", json!({})).await.expect(201)["id"].as_str().unwrap().to_owned();
        for (path, body) in [
            ("/api/tasks".to_owned(), json!({ "title": "a\0" })),
            ("/api/tasks".to_owned(), json!({ "title": "a", "description": "\0" })),
            (format!("/api/tasks/{task}/shares"), json!({ "email": NUL })),
            ("/api/teams".to_owned(), json!({ "name": "\0" })),
            (format!("/api/teams/{team}/members"), json!({ "email": NUL })),
            ("/api/conversations".to_owned(), json!({ "title": "\0" })),
            (format!("/api/conversations/{conversation}/messages"), json!({ "content": "a\0" })),
        ] {
            ada.post(&path, body).await.expect_error(422, "VALIDATION_ERROR");
        }
        let form = |email: &'static str| [("email", email), ("password", PASSWORD)];
        let answer = anybody.form("sign_in", None, &server.base, &format!("{}/signin", server.base), &form(NUL)).await;
        assert!((400..500).contains(&answer.status) && answer.text.contains("role=\"alert\""), "{}", answer.text);
    }

    async fn bad_text_in_paths_queries_headers_and_sockets_is_rejected(server) {
        let ada = server.user("Ada").await;
        ada.task("Task").await;
        for (path, status) in [
            ("/api/tasks?q=%00", 422),
            ("/api/tasks?cursor=%00", 422),
            // A time and "\0" instead of an id.
            ("/api/tasks?cursor=MjAyNi0wMS0wMVQwMDowMDowMFogAA", 422),
            ("/api/tasks?q=%FF", 200),
            ("/api/tasks?team_id=%00", 422),
            ("/api/tasks/%00", 400),
            ("/api/teams/%FF", 400),
            ("/api/auth/sessions?cursor=%00", 422),
            ("/tasks?q=%00", 422),
            ("/tasks/%00/shares", 303),
        ] {
            let answer = ada.get(path).await;
            assert!(answer.status == status || (path.starts_with("/tasks") && answer.status < 500), "{path}: {}", answer.text);
        }
        for value in [&b"\xff"[..], b"\x80key", &[b'k'; 256]] {
            let request = ada.request(Method::POST, "/api/tasks").json(&json!({ "title": "Once" }));
            ada.send(request.header("idempotency-key", value)).await.expect_error(400, "BAD_REQUEST");
        }
        for (name, value) in [("cookie", &b"session=\xff"[..]), ("cookie", b"session=a.b.c"), ("authorization", b"Bearer \xff")] {
            let request = server.anybody().request(Method::GET, "/api/auth/me").header(name, value);
            server.anybody().send(request).await.expect_error(401, "UNAUTHORIZED");
        }
        let sign_in = json!({ "email": ada.email, "password": PASSWORD });
        let request = server.anybody().request(Method::POST, "/api/auth/signin").json(&sign_in);
        server.anybody().send(request.header("user-agent", &b"\xff\tx"[..])).await.expect(200);
        let mut socket = Socket::open(&server, "", &[]).await.unwrap();
        socket.send("{\"type\":\"auth\",\"token\":\"\\u0000\"}").await;
        assert_eq!(socket.event().await["event_type"], "error");
        assert_eq!(socket.closed().await, 1008);
    }

    async fn text_that_hides_or_turns_what_follows_is_rejected_and_every_script_stays(server) {
        let ada = server.user("Ada").await;
        let team = server.team(&ada, &[]).await;
        let conversation = ada.post("/api/conversations", json!({})).await.expect(201)["id"].as_str().unwrap().to_owned();
        let messages = format!("/api/conversations/{conversation}/messages");
        for text in ["Bank\u{1b}[2J", "a\u{202e}b", "\u{202a}a", "a\u{7}", "\u{200b}", "\u{feff} \u{2060}", "\u{3164}"] {
            ada.post("/api/tasks", json!({ "title": text })).await.expect_error(422, "VALIDATION_ERROR");
            ada.post("/api/teams", json!({ "name": text })).await.expect_error(422, "VALIDATION_ERROR");
            ada.post(&messages, json!({ "content": text })).await.expect_error(422, "VALIDATION_ERROR");
            ada.patch("/api/auth/me", json!({ "name": text })).await.expect_error(422, "VALIDATION_ERROR");
            ada.patch(&format!("/api/teams/{team}"), json!({ "name": text })).await.expect_error(422, "VALIDATION_ERROR");
            let csv = format!("title\n\"{text}\"\n");
            let answer = crate::import::csv(&ada, &csv).await;
            assert!(answer.status == 422 || answer.json()["tasks"].as_array().is_some_and(Vec::is_empty), "{text:?}: {}", answer.text);
        }
        for text in ["Bank\n\nPlease verify", "a\r\nb", "a\u{2028}b"] {
            ada.post("/api/tasks", json!({ "title": text })).await.expect_error(422, "VALIDATION_ERROR");
            ada.post("/api/teams", json!({ "name": text })).await.expect_error(422, "VALIDATION_ERROR");
        }
        assert_eq!(ada.numbers().await, [0, 0, 0, 0]);
        for name in ["محمد عبد الله", "שָׁלוֹם כהן", "می\u{200c}خواهم", "👩\u{200d}👩\u{200d}👧 trip", "Zoë O’Neill-Łuczak"] {
            let task = ada.post("/api/tasks", json!({ "title": name, "description": format!("{name}\r\n{name}\r\tx") })).await.expect(201);
            assert_eq!(task["title"], name);
            assert_eq!(task["description"], format!("{name}\n{name}\n\tx"));
            ada.patch("/api/auth/me", json!({ "name": name })).await.expect(200);
        }
    }
}
