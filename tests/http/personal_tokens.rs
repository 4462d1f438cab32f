//! Personal tokens: what they are, what they may do, and how they end.

use std::{collections::BTreeMap, fs::File, process::Stdio, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Client, Kind, Server, Socket, binary, database_url, until};

/// A token made by the API: its id and a client that signs in by it.
async fn token(user: &Client, scopes: &[&str]) -> (String, Client) {
    let created = user.post("/api/auth/tokens", json!({ "name": "Claude", "scopes": scopes })).await.expect(201);
    (created["id"].as_str().unwrap().to_owned(), user.with_token(created["token"].as_str().unwrap()))
}

on_both_databases! {
    async fn a_token_is_shown_once_and_works_until_it_is_revoked(server) {
        let ada = server.user("Ada").await;
        let new = json!({ "name": "  Claude  ", "scopes": ["read", "write"], "expires_in_days": 30 });
        let created = ada.post("/api/auth/tokens", new).await.expect(201);
        let keys: Vec<_> = created.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["created_at", "expires_at", "id", "last_used_at", "name", "prefix", "scopes", "token"]);
        let secret = created["token"].as_str().unwrap();
        assert!(secret.starts_with("tallyboard_") && secret.len() == 51, "{secret}");
        assert!(secret.starts_with(created["prefix"].as_str().unwrap()));
        assert_eq!((&created["name"], &created["scopes"]), (&json!("Claude"), &json!(["read", "write"])));

        let assistant = ada.with_token(secret);
        let task = assistant.task("From the assistant").await;
        assert_eq!(ada.get(&format!("/api/tasks/{task}")).await.expect(200)["user_id"], ada.id);
        let listed = ada.get("/api/auth/tokens").await.expect(200);
        assert!(!listed.to_string().contains(secret), "{listed}");
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        // The last use is stored in the background.
        let used = async || ada.get("/api/auth/tokens").await.expect(200)["items"][0]["last_used_at"].clone();
        until(Duration::from_secs(5), used, Value::is_string).await;

        let id = created["id"].as_str().unwrap();
        ada.delete(&format!("/api/auth/tokens/{id}")).await.expect(204);
        assistant.get("/api/tasks").await.expect_error(401, "UNAUTHORIZED");
        ada.delete(&format!("/api/auth/tokens/{id}")).await.expect_error(404, "NOT_FOUND");
        assert_eq!(ada.get("/api/auth/tokens").await.expect(200)["items"], json!([]));
        // A token whose checksum is wrong, or that nobody has made.
        for wrong in [format!("{}x", &secret[..50]), "tallyboard_".to_owned(), "tallyboard_x.y.z".to_owned()] {
            ada.with_token(&wrong).get("/api/tasks").await.expect_error(401, "UNAUTHORIZED");
        }
    }

    async fn invalid_requests_for_a_token_name_the_field(server) {
        let ada = server.user("Ada").await;
        for (body, field) in [
            (json!({ "name": "", "scopes": ["read"] }), "name"),
            (json!({ "name": "x".repeat(101), "scopes": ["read"] }), "name"),
            (json!({ "name": "x", "scopes": [] }), "scopes"),
            (json!({ "name": "x", "scopes": ["admin"] }), "scopes[0]"),
            (json!({ "name": "x", "scopes": ["read", "read", "read"] }), "scopes"),
            (json!({ "name": "x" }), "scopes"),
            (json!({ "name": "x", "scopes": ["read"], "expires_in_days": 0 }), "expires_in_days"),
            (json!({ "name": "x", "scopes": ["read"], "expires_in_days": 367 }), "expires_in_days"),
            (json!({ "name": "x", "scopes": ["read"], "expires_in_days": 9, "never_expires": true }), "never_expires"),
            (json!({ "name": "x", "scopes": ["read"], "colour": 1 }), "colour"),
        ] {
            let error = ada.post("/api/auth/tokens", body).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{field}: {error}");
        }
        let never = json!({ "name": "x", "scopes": ["write"], "never_expires": true });
        let never = ada.post("/api/auth/tokens", never).await.expect(201);
        assert_eq!((&never["expires_at"], &never["scopes"]), (&Value::Null, &json!(["read", "write"])));
        // The header is ignored here: the answer is a secret, which is not stored.
        let new = json!({ "name": "x", "scopes": ["read"] });
        let [first, second] = [(); 2].map(|()| ada.post_with("/api/auth/tokens", new.clone(), ("idempotency-key", "k")));
        assert_ne!(first.await.expect(201)["token"], second.await.expect(201)["token"]);
    }

    async fn nobody_has_more_than_fifty_tokens_also_in_a_race(server) {
        let ada = server.user("Ada").await;
        let created = futures::future::join_all((0..60).map(|_| {
            ada.post("/api/auth/tokens", json!({ "name": "x", "scopes": ["read"] }))
        })).await;
        let mut statuses = BTreeMap::new();
        for answer in created {
            *statuses.entry(answer.status).or_insert(0) += 1;
        }
        assert_eq!(statuses, BTreeMap::from([(201, 50), (409, 10)]));
        let ids = ada.listed("/api/auth/tokens", "id").await;
        assert_eq!(ids.len(), 50);
        ada.delete(&format!("/api/auth/tokens/{}", ids[0])).await.expect(204);
        ada.post("/api/auth/tokens", json!({ "name": "x", "scopes": ["read"] })).await.expect(201);
    }

    async fn tokens_belong_to_their_user(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let (id, assistant) = token(&ada, &["read"]).await;
        assert_eq!(eve.get("/api/auth/tokens").await.expect(200)["items"], json!([]));
        eve.delete(&format!("/api/auth/tokens/{id}")).await.expect_error(404, "NOT_FOUND");
        assistant.get("/api/tasks").await.expect(200);
        // A deleted account's tokens end with it.
        let request = ada.request(Method::DELETE, "/api/auth/me").json(&json!({ "password": crate::support::PASSWORD }));
        ada.send(request).await.expect(204);
        assistant.get("/api/tasks").await.expect_error(401, "UNAUTHORIZED");
    }

    async fn expired_or_revoked_credentials_are_refused_within_five_seconds_and_their_sockets_close(server) {
        let ada = server.user("Ada").await;
        let ((_, first), (id, second)) = (token(&ada, &["read"]).await, token(&ada, &["read"]).await);
        let mut sockets = [Socket::of(&server, &first).await, Socket::of(&server, &second).await];
        let past = if server.kind == Kind::Sqlite { "'2026-01-01T00:00:00.000000+00:00'" } else { "'2026-01-01'" };
        let token_of = |user: &Client| user.token.clone().unwrap()[..15].to_owned();
        server.sql(format!(
            "UPDATE access_tokens SET expires_at = {past} WHERE prefix = '{}';
             UPDATE access_tokens SET revoked_at = {past} WHERE id = '{id}'", token_of(&first))).await;
        for client in [&first, &second] {
            let status = async || client.get("/api/tasks").await.status;
            until(Duration::from_secs(5), status, |status| *status == 401).await;
        }
        for socket in &mut sockets {
            assert_eq!(socket.closed().await, 1008);
        }
    }

    async fn a_read_token_claims_no_idempotency_key(server) {
        let ada = server.user("Ada").await;
        let (reader, writer) = (ada.personal(&["read"]).await, ada.personal(&["read", "write"]).await);
        let new = json!({ "title": "Once" });
        reader.post_with("/api/tasks", new.clone(), ("idempotency-key", "k")).await.expect_error(403, "FORBIDDEN");
        writer.post_with("/api/tasks", new, ("idempotency-key", "k")).await.expect(201);
    }
}

/// What a route answers to a credential that is enough; everything but 401 and 403 will do.
fn is_let_in(status: u16) -> bool {
    status != 401 && status != 403
}

/// Every documented route with no token, a token that reads, one that writes, and a session. A new route is refused to
/// tokens until its handler says what it needs, and is missing here until somebody has decided.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_admits_the_right_people() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let document = server.anybody().get("/api/openapi.json").await.expect(200);
    let mut checked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let is_open = operation["security"] == json!([{}]);
            let is_account = path.starts_with("/api/auth/") || path == "/api/audit";
            let (read, write) = match (is_open, is_account, method == "get") {
                (true, ..) => (true, true),
                (_, true, _) => (false, false),
                (_, _, is_read) => (is_read, true),
            };
            // Each route gets its own user: some of them end the session.
            let user = server.user(&format!("User {checked}")).await;
            let address = path.replace("{id}", "019f0000-0000-7000-8000-000000000000").replace("{user_id}", &user.id);
            let (reader, writer) = (user.personal(&["read"]).await, user.personal(&["read", "write"]).await);
            let mut stranger = user.clone();
            stranger.token = None;
            for (who, client, expected) in [
                ("nobody", &stranger, is_open),
                ("read", &reader, read),
                ("write", &writer, write),
                ("session", &user, true),
            ] {
                let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let answer = client.send(client.request(verb, &address).json(&json!({}))).await;
                assert_eq!(
                    is_let_in(answer.status),
                    expected,
                    "{method} {path} as {who}: {} {}",
                    answer.status,
                    answer.text
                );
                if !expected {
                    assert_eq!(answer.status, if who == "nobody" { 401 } else { 403 }, "{method} {path} as {who}");
                }
            }
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");

    // Server functions and pages belong to the browser.
    let ada = server.user("Ada").await.personal(&["read", "write"]).await;
    assert_eq!(ada.get("/api/ui/dashboard").await.status, 403);
    assert_eq!(ada.get("/dashboard").await.status, 403);
    assert_eq!(ada.get("/settings").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_by_a_token_says_so_in_the_log_and_to_its_user_alone() {
    let folder = TempDir::new().unwrap();
    let url = database_url(Kind::Sqlite, &folder).await;
    let log = folder.path().join("log");
    let variables = [("TALLYBOARD_LOG_LEVEL", "info"), ("TALLYBOARD_LOG_FORMAT", "json")];
    let to_log = Stdio::from(File::create(&log).unwrap());
    let server = Server::start_with_log(folder, Kind::Sqlite, url, &variables, to_log);
    let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
    let team = server.team(&ada, &[(&grace, "member")]).await;
    let (id, assistant) = token(&ada, &["write"]).await;
    let mut sockets = [Socket::of(&server, &ada).await, Socket::of(&server, &grace).await];
    let request = assistant.request(Method::POST, "/api/tasks").header("user-agent", "Claude-Test/2");
    assistant.send(request.json(&json!({ "title": "Secret words", "team_id": team }))).await.expect(201);
    let [(kind, own), (_, others)] =
        [sockets[0].next_event_but_statistics().await, sockets[1].next_event_but_statistics().await];
    assert_eq!(kind, "task_created");
    assert_eq!(own["via"], json!({ "token": "Claude", "client": "Claude-Test/2" }));
    assert_eq!(others.get("via"), None, "{others}");
    ada.delete(&format!("/api/auth/tokens/{id}")).await.expect(204);

    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let security: Vec<_> = lines.iter().filter(|line| line["target"] == "security").collect();
    assert_eq!(security.len(), 2, "{text}");
    assert_eq!(security[0]["fields"]["message"], "personal token created");
    assert_eq!(
        (&security[1]["fields"]["message"], &security[1]["fields"]["token"]),
        (&"personal token revoked".into(), &id.into())
    );
    let written: Vec<_> =
        lines.iter().filter(|line| line["fields"]["message"] == "written with a personal token").collect();
    assert_eq!(written.len(), 1, "{text}");
    let fields = &written[0]["fields"];
    assert_eq!((&fields["token"], &fields["client"]), (&"Claude".into(), &"Claude-Test/2".into()));
    assert_eq!(written[0]["span"]["user"], ada.id);
    assert!(!text.contains("Secret words") && !text.contains(assistant.token.as_deref().unwrap()), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_creates_lists_and_revokes_tokens() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let server = Server::start(kind, &[]).await;
        let ada = server.user("Ada").await;
        let run = |arguments: &[&str]| {
            let done =
                binary(&server.folder).arg("token").args(arguments).env("DATABASE_URL", &server.url).output().unwrap();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
            (done.status.success(), text(&done.stdout), text(&done.stderr))
        };
        let (ok, secret, stderr) = run(&["create", "--user", "ADA@example.org", "--name", "Cron", "--read-only"]);
        assert!(ok && secret.starts_with("tallyboard_") && secret.lines().count() == 1, "{secret} {stderr}");
        let cron = ada.with_token(&secret);
        cron.get("/api/tasks").await.expect(200);
        cron.post("/api/tasks", json!({ "title": "x" })).await.expect_error(403, "FORBIDDEN");
        let (_, listed, _) = run(&["list", "--user", &ada.email]);
        assert!(listed.contains("Cron") && listed.contains(&secret[..15]) && !listed.contains(&secret), "{listed}");
        let id = listed.split_whitespace().next().unwrap();
        assert!(run(&["revoke", "--user", &ada.email, "--id", id]).0);
        let status = async || cron.get("/api/tasks").await.status;
        until(Duration::from_secs(5), status, |status| *status == 401).await;
        let (ok, _, stderr) = run(&["create", "--user", "nobody@example.org", "--name", "x"]);
        assert!(!ok && stderr.contains("No account uses"), "{stderr}");
        let (ok, _, stderr) = run(&["create", "--user", &ada.email, "--name", ""]);
        assert!(!ok && stderr.contains("name"), "{stderr}");
    }
}
