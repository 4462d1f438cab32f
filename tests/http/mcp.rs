//! The protocol: revisions, authentication, resources, prompts, and notifications of changes.

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Assistant, Kind, STATELESS, Server, binary};

const DASHBOARD: &str = "tallyboard://dashboard";

on_both_databases! {
    async fn old_and_new_revisions_are_served_at_one_address(server) {
        let ada = server.user("Ada").await;
        let ada = ada.personal(&["write"]).await;
        for revision in ["2025-06-18", "2025-11-25"] {
            let assistant = Assistant::speaking(&ada, revision);
            let hello = json!({ "protocolVersion": revision, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
            let initialized = assistant.result("initialize", hello).await;
            assert_eq!(initialized["protocolVersion"], revision);
            assert_eq!(initialized["serverInfo"]["name"], "tallyboard");
            assert!(initialized["instructions"].as_str().unwrap().contains("data"));
            assistant.result("ping", json!({})).await;
            assert_eq!(assistant.call("create_task", json!({ "title": "Old" })).await.unwrap()["title"], "Old");
        }
        let assistant = Assistant::of(&ada);
        let discovered = assistant.result("server/discover", json!({})).await;
        let versions = discovered["supportedVersions"].as_array().unwrap();
        for revision in ["2025-06-18", "2025-11-25", STATELESS] {
            assert!(versions.contains(&json!(revision)), "{discovered}");
        }
        for (method, scope) in [("tools/list", "public"), ("prompts/list", "public"), ("resources/list", "private")] {
            let listed = assistant.result(method, json!({})).await;
            assert_eq!(listed["cacheScope"], scope, "{method}");
            assert!(listed["ttlMs"].is_u64(), "{method}");
        }
        assistant.call("create_task", json!({ "title": "New" })).await.unwrap();
        assert_eq!(ada.numbers().await[0], 3);
    }

    /// curl, Gemini CLI and the Java SDK name one type, or any; others write a slash at the end.
    async fn clients_that_name_one_type_or_write_a_slash_are_answered(server) {
        let ada = server.user("Ada").await.personal(&["write"]).await;
        let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
        for path in ["/mcp", "/mcp/"] {
            for accept in ["*/*", "application/json", "text/event-stream", "application/*;q=0.9, text/html", ""] {
                let request = ada.request(Method::POST, path).json(&hello);
                let request = if accept.is_empty() { request } else { request.header("accept", accept) };
                let answer = ada.send(request).await.expect(200);
                assert_eq!(answer["result"]["serverInfo"]["name"], "tallyboard", "{path} {accept}");
            }
            let picky = ada.request(Method::POST, path).json(&hello).header("accept", "image/png");
            assert_eq!(ada.send(picky).await.status, 406, "{path}");
        }
        let known = server.anybody().get("/.well-known/oauth-protected-resource/mcp").await.expect(200);
        for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/", "/.well-known/oauth-protected-resource/mcp/"] {
            assert_eq!(server.anybody().get(path).await.expect(200), known, "{path}");
        }
        let known = server.anybody().get("/.well-known/oauth-authorization-server").await.expect(200);
        for path in ["/", "/mcp", "/mcp/"].map(|path| format!("/.well-known/oauth-authorization-server{path}")) {
            assert_eq!(server.anybody().get(&path).await.expect(200), known, "{path}");
        }
    }

    async fn only_a_token_lets_in_and_only_from_here(server) {
        let mut ada = server.user("Ada").await;
        let challenge = format!("Bearer resource_metadata=\"{}/.well-known/oauth-protected-resource/mcp\"", server.base);
        let form = [("email", ada.email.as_str()), ("password", crate::support::PASSWORD)];
        let signed_in = ada.form("sign_in", None, &server.base, &format!("{}/signin", server.base), &form).await;
        let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
        let session = ada.token.take();
        let assistant = Assistant::of(&ada);
        let list = || assistant.request("tools/list", json!({}));
        for request in [list(), list().header("cookie", &cookie).header("origin", &server.base)] {
            let answer = ada.send(request).await;
            assert_eq!(answer.header("www-authenticate"), challenge);
            answer.expect_error(401, "UNAUTHORIZED");
        }
        let metadata = ada.get("/.well-known/oauth-protected-resource/mcp").await.expect(200);
        assert_eq!(metadata["resource"], format!("{}/mcp", server.base));
        assert_eq!(metadata["authorization_servers"], json!([server.base]));

        ada.token = session;
        let assistant = Assistant::of(&ada);
        assistant.result("tools/list", json!({})).await;
        for (header, value) in [("host", "evil.example"), ("origin", "https://evil.example"), ("origin", "null")] {
            let request = assistant.request("tools/list", json!({})).header(header, value);
            ada.send(request).await.expect_error(403, "FORBIDDEN");
        }
        let request = assistant.request("tools/list", json!({})).header("origin", "http://localhost:6274");
        assert_eq!(ada.send(request).await.status, 200);
    }

    async fn errors_outside_the_protocol_have_the_contracts_shape(server) {
        let ada = server.user("Ada").await;
        let assistant = Assistant::of(&ada);
        let post = || ada.request(Method::POST, "/mcp").header("accept", "application/json, text/event-stream");
        let json_post = || post().header("content-type", "application/json");
        ada.send(json_post().body(vec![b' '; 70 << 10])).await.expect_error(413, "PAYLOAD_TOO_LARGE");
        // The server does not read 8 MiB to their end: the client gets the answer, or fails while it still sends.
        if let Ok(answer) = json_post().body(vec![b' '; 8 << 20]).send().await {
            assert_eq!(answer.status(), 413);
        }
        ada.send(post().header("content-type", "text/plain").body("{}")).await.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
        for method in [Method::PUT, Method::DELETE] {
            ada.send(ada.request(method, "/mcp")).await.expect_error(405, "METHOD_NOT_ALLOWED");
        }
        ada.get("/mcp").await.expect_error(405, "METHOD_NOT_ALLOWED");
        for body in ["", "{", "[]", "null", "{\"jsonrpc\":\"2.0\"}", "\u{0}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}"] {
            let answer = ada.send(json_post().body(body)).await;
            assert!((400..500).contains(&answer.status), "{body:?}: {} {}", answer.status, answer.text);
        }
        // Headers have to agree with the message.
        let request = assistant.request("tools/list", json!({})).header("mcp-method", "tools/call");
        assert_eq!(ada.send(request).await.status, 400);
        // After every failure the next request works.
        assistant.result("tools/list", json!({})).await;
    }

    async fn resources_are_listed_read_and_completed(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let team = server.team(&ada, &[]).await;
        let task = ada.team_task("Paint the fence", &team).await;
        let (assistant, stranger) = (Assistant::of(&ada), Assistant::of(&eve));
        let uris = async |assistant: &Assistant| {
            let listed = assistant.result("resources/list", json!({})).await["resources"].clone();
            listed.as_array().unwrap().iter().map(|item| item["uri"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (task_uri, team_uri) = (format!("tallyboard://tasks/{task}"), format!("tallyboard://teams/{team}/tasks"));
        assert_eq!(uris(&assistant).await, [DASHBOARD, &team_uri, &task_uri]);
        assert_eq!(uris(&stranger).await, [DASHBOARD]);
        let read = async |uri: &str| {
            let content = assistant.result("resources/read", json!({ "uri": uri })).await["contents"][0].clone();
            assert_eq!((&content["uri"], &content["mimeType"]), (&json!(uri), &json!("application/json")));
            serde_json::from_str::<Value>(content["text"].as_str().unwrap()).unwrap()
        };
        assert_eq!(read(DASHBOARD).await["statistics"]["total_tasks"], 1);
        assert_eq!(read(&task_uri).await["title"], "Paint the fence");
        assert_eq!(read(&team_uri).await["items"][0]["id"], task);
        for uri in [&task_uri, &team_uri, "tallyboard://tasks/x", "file:///etc/passwd"] {
            let error = stranger.answer("resources/read", json!({ "uri": uri })).await.json();
            assert_eq!(error["error"]["code"], -32602, "{uri}: {error}");
            assert!(!error.to_string().contains("fence"));
        }
        let complete = async |assistant: &Assistant, uri: &str, typed: &str| {
            let params = json!({ "ref": { "type": "ref/resource", "uri": uri }, "argument": { "name": "id", "value": typed } });
            assistant.result("completion/complete", params).await["completion"]["values"].clone()
        };
        let (of_task, of_team) = ("tallyboard://tasks/{id}", "tallyboard://teams/{id}/tasks{?cursor}");
        for typed in ["", "FENCE", &task[..8]] {
            assert_eq!(complete(&assistant, of_task, typed).await, json!([task]), "{typed}");
            assert_eq!(complete(&stranger, of_task, typed).await, json!([]), "{typed}");
        }
        assert_eq!(complete(&assistant, of_team, "tea").await, json!([team]));
        assert_eq!(complete(&stranger, of_team, "").await, json!([]));
    }

    async fn prompts_bring_the_users_own_tasks(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        ada.post("/api/tasks", json!({ "title": "Late", "due_at": "2026-01-01T00:00:00Z" })).await.expect(201);
        eve.post("/api/tasks", json!({ "title": "Hers", "due_at": "2026-01-01T00:00:00Z" })).await.expect(201);
        let assistant = Assistant::of(&ada);
        for (prompt, arguments) in [
            ("plan_my_day", json!({ "day": "tomorrow", "hours": "3" })),
            ("weekly_review", json!({ "week": "last" })),
            ("triage_overdue", json!({ "limit": "5" })),
        ] {
            let got = assistant.result("prompts/get", json!({ "name": prompt, "arguments": arguments })).await;
            let text = got.to_string();
            assert!(text.contains("Late") && !text.contains("Hers"), "{prompt}: {text}");
        }
        for (prompt, arguments) in [
            ("plan_my_day", json!({ "day": "someday" })),
            ("plan_my_day", json!({ "hours": "0" })),
            ("plan_my_day", json!({ "colour": "red" })),
            ("nothing", json!({})),
        ] {
            let error = assistant.answer("prompts/get", json!({ "name": prompt, "arguments": arguments })).await.json();
            assert_eq!(error["error"]["code"], -32602, "{prompt} {arguments}: {error}");
        }
    }

    async fn a_listener_gets_changes_until_its_token_is_revoked(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let (task, secret) = (ada.task("Watched").await, eve.task("Hers").await);
        let created = ada.post("/api/auth/tokens", json!({ "name": "x", "scopes": ["read"] })).await.expect(201);
        let reader = ada.with_token(created["token"].as_str().unwrap());
        let (uri, foreign) = (format!("tallyboard://tasks/{task}"), format!("tallyboard://tasks/{secret}"));

        let mut newest = Assistant::of(&reader).listen(&[DASHBOARD, &uri, &foreign]).await;
        let older = Assistant::speaking(&reader, "2025-11-25");
        let mut stream = older.older_stream().await;
        for subscribed in [DASHBOARD, &uri] {
            older.result("resources/subscribe", json!({ "uri": subscribed })).await;
        }
        let refused = older.answer("resources/subscribe", json!({ "uri": foreign })).await.json();
        assert_eq!(refused["error"]["code"], -32002, "{refused}");

        eve.touch(&format!("/api/tasks/{secret}/complete")).await.expect(200);
        ada.touch(&format!("/api/tasks/{task}/complete")).await.expect(200);
        for events in [&mut newest, &mut stream] {
            let first = events.next().await.unwrap();
            assert_ne!(first["params"]["uri"], foreign, "{first}");
            if first["params"]["uri"] != uri {
                events.until_changed(&uri).await;
            }
        }
        older.result("resources/unsubscribe", json!({ "uri": uri })).await;
        ada.patch(&format!("/api/tasks/{task}"), json!({ "title": "Renamed" })).await.expect(200);
        newest.until_changed(&uri).await;
        ada.task("Another").await;
        loop {
            let changes = stream.next().await.unwrap();
            assert_ne!(changes["params"]["uri"], uri, "the subscription has ended");
            if changes["method"] == "notifications/resources/list_changed" {
                break;
            }
        }
        ada.delete(&format!("/api/auth/tokens/{}", created["id"].as_str().unwrap())).await.expect(204);
        newest.ended().await;
        stream.ended().await;
    }

    /// A program between an assistant's standard input and output and the server.
    async fn a_local_assistant_is_connected_by_a_program(server) {
        let ada = server.user("Ada").await;
        let token = ada.personal(&["write"]).await.token.unwrap();
        let folder = TempDir::new().unwrap();
        let mut bridge = binary(&folder)
            .args(["mcp", "--url", &server.base])
            .env("TALLYBOARD_TOKEN", &token)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut input, output) = (bridge.stdin.take().unwrap(), bridge.stdout.take().unwrap());
        let (lines, mut changes) = tokio::sync::mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let _ = lines.send(serde_json::from_str::<Value>(&line.unwrap()).unwrap());
            }
        });
        let mut say = |message: Value| writeln!(input, "{message}").unwrap();
        let mut until = async |right: &dyn Fn(&Value) -> bool| loop {
            let next = tokio::time::timeout(std::time::Duration::from_secs(20), changes.recv()).await;
            let message = next.expect("nothing came").expect("the program has ended");
            if right(&message) {
                return message;
            }
        };
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
        say(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello }));
        assert_eq!(until(&|answer| answer["id"] == 1).await["result"]["protocolVersion"], "2025-11-25");
        say(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        say(json!({ "jsonrpc": "2.0", "id": 2, "method": "resources/subscribe", "params": { "uri": DASHBOARD } }));
        until(&|answer| answer["id"] == 2 && answer["result"].is_object()).await;
        let new = json!({ "name": "create_task", "arguments": { "title": "By a program" } });
        say(json!({ "jsonrpc": "2.0", "id": "three", "method": "tools/call", "params": new }));
        let created = until(&|answer| answer["id"] == "three").await;
        assert_eq!(created["result"]["structuredContent"]["title"], "By a program");
        // The stream opens beside the requests: repeat the change until it arrives.
        let mut heard = false;
        for number in 0..20 {
            ada.task(&format!("By a browser {number}")).await;
            let next = tokio::time::timeout(std::time::Duration::from_millis(500), changes.recv()).await;
            if next.is_ok_and(|message| message.unwrap()["method"] == "notifications/resources/updated") {
                heard = true;
                break;
            }
        }
        assert!(heard, "the change did not arrive");
        say(json!("not a message"));
        drop(input);
        assert!(bridge.wait().unwrap().success());

        // Without a token that works the request is answered with an error.
        let mut bridge = binary(&folder)
            .args(["mcp", "--url", &server.base])
            .env("TALLYBOARD_TOKEN", "tallyboard_wrong")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(bridge.stdin.take().unwrap(), "{}", json!({ "jsonrpc": "2.0", "id": 7, "method": "ping" })).unwrap();
        let done = bridge.wait_with_output().unwrap();
        let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(answer["id"], 7);
        assert!(answer["error"]["message"].as_str().unwrap().contains("401"), "{answer}");
    }
}

/// Nothing of a client is kept in one process: any instance answers any request, and reports changes made at another.
#[tokio::test(flavor = "multi_thread")]
async fn any_instance_answers_and_announces_the_others_changes() {
    let first = Server::start(Kind::Postgres, &[]).await;
    let second = Server::start_on(Kind::Postgres, TempDir::new().unwrap(), first.url.clone(), &[]);
    let ada = first.user("Ada").await.personal(&["write"]).await;
    let mut there = second.anybody();
    there.token.clone_from(&ada.token);
    let (here, there) = (Assistant::speaking(&ada, "2025-11-25"), Assistant::speaking(&there, "2025-11-25"));
    // Subscribed at one instance, notified by the other of a change at the first.
    here.result("resources/subscribe", json!({ "uri": DASHBOARD })).await;
    let mut older = there.older_stream().await;
    let mut newest = Assistant::of(&there.client).listen(&[DASHBOARD]).await;
    let task = here.call("create_task", json!({ "title": "Here" })).await.unwrap();
    older.until_changed(DASHBOARD).await;
    newest.until_changed(DASHBOARD).await;
    let completed = there.call("complete_task", json!({ "task_id": task["id"] })).await.unwrap();
    assert_eq!(completed["status"], "completed");
    assert_eq!(here.call("get_statistics", json!({})).await.unwrap()["statistics"]["completed_tasks"], 1);
}
