//! `tallyboard copy`: between SQLite and PostgreSQL.

use std::{process::Stdio, time::Duration};

use crate::support::{Kind, PASSWORD, Place, filled, scalar, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_moves_everything_between_sqlite_and_postgresql() {
    let (server, ada) = filled(Kind::Sqlite).await;
    let numbers = ada.numbers().await;
    let place = Place::of(server).await;
    let postgres = Place::new(Kind::Postgres).await;
    let copied = place.expect(&["copy", "--from", &place.url, "--to", &postgres.url, "--json"]);
    let rows = |name: &str| copied.iter().find(|table| table["name"] == name).unwrap()["rows"].as_i64().unwrap();
    for table in [
        "users",
        "sessions",
        "teams",
        "tasks",
        "task_shares",
        "messages",
        "idempotency_keys",
        "access_tokens",
        "audit_log",
    ] {
        assert!(rows(table) > 0, "{table}");
    }
    let again = place.refusal(&["copy", "--from", &place.url, "--to", &postgres.url]);
    assert!(again.contains("has 2 accounts already") && again.contains("Nothing was copied"), "{again}");
    let back = Place::new(Kind::Sqlite).await;
    assert_eq!(place.expect(&["copy", "--from", &postgres.url, "--to", &back.url, "--json"]), copied);
    assert_eq!(back.expect(&["doctor", "--counters"])[0], "Every number is right");
    // People continue where they left off: with the same password, the same token, the same numbers; search finds.
    let server = postgres.serve(Kind::Postgres);
    let mut ada = ada.with_base(&server.base);
    assert_eq!(ada.numbers().await, numbers);
    ada.sign_in(PASSWORD).await;
    let found = ada.get("/api/tasks?q=%C3%BCn%C3%AFcode").await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    let wrong = place.refusal(&["copy", "--from", "sqlite://nowhere.db", "--to", &back.url]);
    assert!(wrong.contains("Nothing was copied"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_killed_has_copied_nothing_or_all() {
    let (server, _) = filled(Kind::Sqlite).await;
    let place = Place::of(server).await;
    let postgres = Place::new(Kind::Postgres).await;
    for pause in [0, 20, 50, 100, 200, 300] {
        let copy = ["copy", "--from", &place.url, "--to", &postgres.url];
        let mut killed = place.command(&copy).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let _ = killed.kill();
        if killed.wait().unwrap().success() {
            return;
        }
        let has_users = "SELECT CASE WHEN to_regclass('users') IS NULL THEN 0::bigint ELSE (xpath('/row/c/text()',
            query_to_xml('SELECT count(*) AS c FROM users', false, true, '')))[1]::text::bigint END";
        match scalar(&postgres.url, has_users).await {
            0 => {}
            // Killed after the end of its transaction, before it could say so.
            2 => return,
            some => panic!("{some} of two users after {pause} ms"),
        }
    }
    let copied = async || place.run(&["copy", "--from", &place.url, "--to", &postgres.url]).status.success();
    until(Duration::from_secs(10), copied, |ok| *ok).await;
}
