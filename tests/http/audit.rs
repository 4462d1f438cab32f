//! The audit log: who did what, on what, from where; read by those concerned, changed by nobody.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use crate::support::{Client, Kind, PASSWORD, Server, binary, until};

/// The actions that a user reads, newest first.
async fn actions(user: &Client) -> Vec<String> {
    user.listed("/api/audit", "action").await
}

async fn newest(user: &Client) -> Value {
    user.get("/api/audit?limit=1").await.expect(200)["items"][0].clone()
}

on_both_databases! {
    async fn every_change_is_one_record_of_its_request(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let task = ada.task("Secret words").await;
        let path = format!("/api/tasks/{task}");
        ada.patch(&path, json!({ "title": "Other words", "due_at": "2026-12-24T00:00:00Z" })).await.expect(200);
        let record = newest(&ada).await;
        assert_eq!(record["action"], "task.updated");
        assert_eq!(record["fields"], json!(["title", "due_at"]));
        ada.touch(&format!("{path}/complete")).await.expect(200);
        // Completing twice changes nothing.
        ada.touch(&format!("{path}/complete")).await.expect(200);
        ada.touch(&format!("{path}/reopen")).await.expect(200);
        server.share(&task, &ada, &grace, "view").await;
        ada.patch(&format!("{path}/shares/{}", grace.id), json!({ "permission": "edit" })).await.expect(200);
        ada.delete(&format!("{path}/shares/{}", grace.id)).await.expect(204);
        let deleted = ada.delete(&path).await;
        let record = newest(&ada).await;
        assert_eq!(record["target"], json!({ "kind": "task", "id": task }));
        assert_eq!(record["actor"], json!({ "user_id": ada.id, "name": "Ada", "via": "session" }));
        assert_eq!(record["ip"], "127.0.0.1");
        assert_eq!(record["request_id"], deleted.header("x-request-id"));
        ada.patch("/api/auth/me", json!({ "name": "Ada L" })).await.expect(200);
        let expected = [
            "auth.profile_changed", "task.deleted", "task.unshared", "task.share_changed", "task.shared", "task.reopened",
            "task.completed", "task.updated", "task.created", "auth.signed_in", "auth.signed_up",
        ];
        assert_eq!(actions(&ada).await, expected);
        assert!(!ada.get("/api/audit").await.text.contains("words"));
        assert_eq!(actions(&grace).await, ["auth.signed_in", "auth.signed_up"]);
        // What was rejected or rolled back is not there.
        ada.post("/api/tasks", json!({ "title": "" })).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(actions(&ada).await, expected);
    }

    async fn accounts_sessions_tokens_and_failures_are_recorded(server) {
        let mut ada = server.user("Ada").await;
        let wrong = json!({ "email": ada.email, "password": "wrong" });
        ada.post("/api/auth/signin", wrong).await.expect_error(401, "UNAUTHORIZED");
        let failed = async || actions(&ada).await.first().cloned();
        until(Duration::from_secs(5), failed, |action| action.as_deref() == Some("auth.sign_in_failed")).await;
        ada.sign_in(PASSWORD).await;
        let created = ada.post("/api/auth/tokens", json!({ "name": "Claude", "scopes": ["write"] })).await.expect(201);
        let assistant = ada.with_token(created["token"].as_str().unwrap());
        assistant.task("By Claude").await;
        assert_eq!(newest(&ada).await["actor"]["via"], "token:Claude");
        assistant.get("/api/audit").await.expect_error(403, "FORBIDDEN");
        let refused = async || newest(&ada).await;
        until(Duration::from_secs(5), refused, |record| record["action"] == "access.refused").await;
        assert_eq!(newest(&ada).await["actor"]["via"], "token:Claude");
        ada.delete(&format!("/api/auth/tokens/{}", created["id"].as_str().unwrap())).await.expect(204);
        assert_eq!(newest(&ada).await["target"], json!({ "kind": "token", "id": created["id"] }));
        let change = json!({ "current_password": PASSWORD, "new_password": "brave-otter-61-window" });
        ada.post("/api/auth/password", change).await.expect(204);
        assert_eq!(newest(&ada).await["action"], "auth.password_changed");
    }

    async fn a_teams_managers_read_its_activity(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let viewer = server.user("Vera").await;
        let team = server.team(&ada, &[(&grace, "member"), (&viewer, "viewer")]).await;
        let task = grace.team_task("Paint", &team).await;
        let own = grace.task("Private").await;
        let record = newest(&ada).await;
        assert_eq!((&record["action"], &record["target"]["id"]), (&json!("task.created"), &json!(task)));
        assert_eq!(record["actor"]["name"], "Grace");
        // Other people's addresses stay private.
        assert_eq!((&record["ip"], &record["request_id"]), (&Value::Null, &Value::Null));
        for other in [&viewer, &eve] {
            assert!(!other.get("/api/audit").await.text.contains(&task));
        }
        assert!(!ada.get("/api/audit").await.text.contains(&own));
        ada.delete(&format!("/api/teams/{team}/members/{}", grace.id)).await.expect(204);
        assert_eq!(actions(&ada).await[0], "team.member_removed");
        assert!(!grace.get("/api/audit").await.text.contains("member_removed"));
        // Two pages of two sources have no gap and nothing twice.
        let all = ada.listed("/api/audit", "id").await;
        let once: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(once.len(), all.len());
        assert_eq!(all.len(), 7, "{:?}", actions(&ada).await);
    }

    async fn rows_are_deleted_with_their_account_and_when_they_expire(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let request = eve.request(Method::DELETE, "/api/auth/me").json(&json!({ "password": PASSWORD }));
        eve.send(request).await.expect(204);
        let cast = if server.kind == Kind::Postgres { "::uuid" } else { "" };
        let old = if server.kind == Kind::Postgres { "'2020-01-01'" } else { "'2020-01-01T00:00:00+00:00'" };
        let rows = (0..700).map(|_| format!("('{}'{cast}, {old}, '{}'{cast}, 'task.created')", uuid::Uuid::now_v7(), ada.id));
        let rows = rows.collect::<Vec<_>>().join(", ");
        server.sql(format!("INSERT INTO audit_log (id, at, user_id, action) VALUES {rows}")).await;
        let count = async |user: &Client| user.listed("/api/audit", "id").await.len();
        assert_eq!(count(&ada).await, 702);
        // A server cleans when it starts, and then once an hour.
        let again = Server::start_on(server.kind, TempDir::new().unwrap(), server.url.clone(), &[("TALLYBOARD_AUDIT_KEEP_DAYS", "30")]);
        let mut there = again.anybody();
        there.token.clone_from(&ada.token);
        let left = async || there.get("/api/audit?limit=100").await.expect(200)["items"].as_array().unwrap().len();
        until(Duration::from_secs(10), left, |left| *left == 2).await;
    }

    async fn the_page_says_it_in_words_and_the_operator_reads_it_too(server) {
        let ada = server.user("Ada").await;
        let assistant = ada.personal(&["write"]).await;
        let task = assistant.task("Buy milk <b>").await;
        assistant.touch(&format!("/api/tasks/{task}/complete")).await.expect(200);
        let form = [("email", ada.email.as_str()), ("password", PASSWORD)];
        let signed_in = ada.form("sign_in", None, &server.base, &format!("{}/signin", server.base), &form).await;
        let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
        let page = server.anybody();
        let page = page.send(page.request(Method::GET, "/settings/activity").header("cookie", cookie)).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("Test completed “Buy milk &lt;b&gt;”"), "{}", page.text);
        assert!(page.text.contains("You signed in"));

        let run = |arguments: &[&str]| {
            let done = binary(&server.folder).arg("audit").args(arguments).env("DATABASE_URL", &server.url).output().unwrap();
            (done.status.success(), String::from_utf8(done.stdout).unwrap())
        };
        let (ok, text) = run(&["--user", &ada.email]);
        assert!(ok && text.lines().next().unwrap().contains("auth.signed_up"), "{text}");
        assert!(text.contains("task.completed") && text.contains("token:Test"), "{text}");
        let (_, lines) = run(&["--user", &ada.email, "--json", "--since", "2020-01-01"]);
        let records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(records.len(), text.lines().count());
        assert_eq!(run(&["--user", &ada.email, "--since", "2100-01-01"]).1, "");
    }
}

/// SQLite has no roles: triggers keep the rows.
#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_no_statement_changes_or_deletes_a_row() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    server.user("Ada").await;
    let mut connection = SqliteConnection::connect(&server.url).await.unwrap();
    for sql in ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log"] {
        let error = connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap_err();
        assert!(error.to_string().contains("audit_log: rows are"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_how_long_it_took() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    let answer = ada.get("/api/tasks").await;
    let timing = answer.header("server-timing");
    assert!(timing.starts_with("total;dur=") && timing.contains(", db;dur="), "{timing}");
    assert!(server.anybody().get("/healthz").await.header("server-timing").starts_with("total;dur="));
    server.anybody().get("/readyz").await.expect(200);
}
