//! An owner without CREATEROLE: an administrator makes the role, before or later, and until then it works without one.

use std::fs;

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{as_admin, database_of_new_owner, doctor, serve, serve_with_log};
use crate::{
    row_level_security::{AppConnection, CHANGES, WITHHELD, forbidden_inserts, populate},
    support::{Client, Server, app_role},
};

/// The statements for an administrator in a text.
fn statements(text: &str) -> Vec<String> {
    let start = text.find("CREATE ROLE").unwrap_or_else(|| panic!("no statements: {text}"));
    let parts: Vec<_> = text[start..].split(';').take(2).map(|part| part.trim().replace("\\\"", "\"")).collect();
    assert!(parts[1].starts_with("GRANT"), "{parts:?}");
    parts
}

/// A little of everything, by three people.
async fn use_board(server: &Server) -> (Client, Client, Client) {
    let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
    let team = server.team(&ada, &[(&grace, "member")]).await;
    let task = ada.task("Unmistakable words").await;
    ada.team_task("Of the team", &team).await;
    server.share(&task, &ada, &grace, "edit").await;
    grace.touch(&format!("/api/tasks/{task}/complete")).await.expect(200);
    assert_eq!(ada.numbers().await, [2, 1, 1, 0]);
    assert_eq!(grace.numbers().await, [0, 0, 0, 1]);
    assert_eq!(grace.listed("/api/tasks?q=mistakable&shared=with_me", "title").await, ["Unmistakable words"]);
    let members = grace.get(&format!("/api/teams/{team}/members")).await.expect(200);
    assert_eq!(members["items"].as_array().unwrap().len(), 2);
    let conversation = ada.post("/api/conversations", json!({ "title": "Talk" })).await.expect(201);
    let path = format!("/api/conversations/{}/messages", conversation["id"].as_str().unwrap());
    ada.post(&path, json!({ "role": "user", "content": "Hello" })).await.expect(201);
    // A stranger.
    eve.get(&format!("/api/tasks/{task}")).await.expect_error(403, "FORBIDDEN");
    eve.get(&format!("/api/teams/{team}")).await.expect_error(403, "FORBIDDEN");
    eve.patch(&format!("/api/tasks/{task}"), json!({ "title": "x" })).await.expect_error(403, "FORBIDDEN");
    assert!(eve.listed("/api/tasks", "id").await.is_empty());
    assert!(eve.listed("/api/tasks?q=mistakable", "id").await.is_empty());
    assert_eq!(eve.numbers().await, [0, 0, 0, 0]);
    (ada, grace, eve)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_own_role_the_board_works_and_keeps_people_apart() {
    let url = database_of_new_owner("", "").await;
    let (server, log) = serve_with_log(&url, &[]);
    let (ada, _, eve) = use_board(&server).await;
    let administrator = statements(&fs::read_to_string(&log).unwrap());
    let (level, said) = doctor(&url, &[], "app role");
    assert!(level == "warning" && said.contains("without its own role"), "{said}");
    assert_eq!(statements(&said), administrator);

    // As the owner, whose SQL has forgotten its WHERE: Eve sees and changes nothing of others.
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
         AND relname NOT IN ('_sqlx_migrations', 'audit_retention')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(tables.len() > 30, "{tables:?}");
    let others = format!("{}|{}", ada.id, "Unmistakable|unmistakable|Of the team");
    for table in &tables {
        connection.execute(AssertSqlSafe(format!("BEGIN; SET LOCAL app.user_id = '{}'", eve.id))).await.unwrap();
        let seen = format!("SELECT COUNT(*) FROM {table} t WHERE t::text ~ '{others}'");
        let seen: i64 = sqlx::query_scalar(AssertSqlSafe(seen)).fetch_one(&mut connection).await.unwrap();
        assert_eq!(seen, 0, "{table}");
        let deleted =
            connection.execute(AssertSqlSafe(format!("DELETE FROM {table} t WHERE t::text ~ '{others}'"))).await;
        assert_eq!(deleted.map(|done| done.rows_affected()).unwrap_or_default(), 0, "{table}");
        connection.execute("ROLLBACK").await.unwrap();
    }

    // An administrator runs what the log says, and the next start uses it.
    drop(server);
    as_admin(None, &administrator).await;
    let server = serve(&url, &[]);
    let ada = ada.with_base(&server.base);
    assert_eq!(ada.numbers().await, [2, 1, 1, 0]);
    ada.task("With the role").await;
    assert_eq!(doctor(&url, &[], "app role").0, "ok");
    assert!(app_role(&url).await.unwrap().starts_with("tallyboard_app_owner_"));
    assert!(eve.with_base(&server.base).listed("/api/tasks", "id").await.is_empty());
}

/// The owner has every right, so each wall has to be a policy: also where the app's role just lacks the right.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_own_role_nobody_changes_others_data() {
    let url = database_of_new_owner("", "").await;
    let server = serve(&url, &[("TALLYBOARD_LOG_LEVEL", "off")]);
    let (ada, _, eve) = populate(&server).await;
    let mut app = AppConnection::connect(&server).await;
    app.begin(Some(&eve)).await;
    for sql in CHANGES.into_iter().chain(["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log"]) {
        assert!(matches!(app.rows_affected(sql.to_owned()).await, Ok(0) | Err(_)), "{sql}");
    }
    for (what, sql) in forbidden_inserts(&ada, &eve) {
        let refused = app.rows_affected(sql).await.expect_err(what);
        assert!(refused.contains("row-level security"), "{what}: {refused}");
    }
    // A policy can't hold back one column of a row: this one changes her own notifications.
    for sql in WITHHELD.into_iter().filter(|sql| *sql != "UPDATE notifications SET subject = 'x'") {
        app.begin(Some(&ada)).await;
        if sql.starts_with("SELECT") {
            assert_eq!(app.count(sql).await, 0, "{sql}");
        } else {
            assert!(matches!(app.rows_affected(sql.to_owned()).await, Ok(0) | Err(_)), "{sql}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_an_administrator_made_before_the_first_start_is_used() {
    let url = database_of_new_owner("", "").await;
    let owner = url.rsplit_once('/').unwrap().1;
    let options = if super::is_at_least_16(&url).await { "WITH INHERIT FALSE, SET TRUE" } else { "" };
    let made = [
        format!("CREATE ROLE tallyboard_app_{owner} NOLOGIN"),
        format!("GRANT tallyboard_app_{owner} TO {owner} {options}"),
    ];
    as_admin(None, &made).await;
    let server = serve(&url, &[]);
    use_board(&server).await;
    assert_eq!(app_role(&url).await.unwrap(), format!("tallyboard_app_{owner}"));
    assert_eq!(doctor(&url, &[], "app role").0, "ok");
}
