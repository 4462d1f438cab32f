//! Behind a transaction pooler, with and without `database.direct_url`.

use std::{fs, process::Output, str::FromStr, time::Duration};

use serde_json::json;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

use super::{database_of_new_owner, doctor, serve, serve_with_log};
use crate::support::{Client, Pooler, Prepared, Server, Socket, binary, scalar, until};

const DIRECT: &str = "TALLYBOARD_DATABASE_DIRECT_URL";
/// How many connections the pooler has.
const CONNECTIONS: usize = 6;

/// A database, and the URL that leads to it through a pooler.
async fn pooled(prepared: Prepared) -> (String, String) {
    let direct = database_of_new_owner("CREATEROLE CREATEDB", "").await;
    let pooled = Pooler::before(&direct, CONNECTIONS, prepared).await;
    (direct, pooled)
}

/// The number of the pooler's connections on which somebody has executed LISTEN: only that connection itself knows.
async fn listening(pooled: &str) -> i64 {
    let options = PgConnectOptions::from_str(pooled).unwrap().extra_float_digits(None);
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = options.connect().await.unwrap();
        // Each transaction keeps its connection, so that the next one gets another.
        connection.execute("BEGIN").await.unwrap();
        held.push(connection);
    }
    let mut count = 0;
    for connection in &mut held {
        let channels = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM pg_listening_channels()");
        count += channels.fetch_one(connection).await.unwrap();
    }
    count
}

/// Runs a command, which has to finish within a minute.
async fn run(url: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    let mut command = tokio::process::Command::from(binary(&folder));
    command.args(arguments).env("DATABASE_URL", url).envs(variables.iter().copied()).kill_on_drop(true);
    tokio::time::timeout(Duration::from_secs(60), command.output()).await.expect("it hangs").unwrap()
}

fn error(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_start_comes_through_and_leaves_no_lock() {
    let (direct, pooled) = pooled(Prepared::Kept).await;
    for _ in 0..3 {
        let done = run(&pooled, &[], &["migrate", "up"]).await;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let server = serve(&pooled, &[]);
        server.anybody().get("/health").await.expect(200);
    }
    let locks = "SELECT COUNT(*) FROM pg_locks JOIN pg_database d ON d.oid = database
                 WHERE locktype = 'advisory' AND datname = current_database()";
    until(Duration::from_secs(5), async || scalar(&direct, locks).await, |count| *count == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_waits_for_another_one_says_so() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let mut other = PgConnection::connect(&url).await.unwrap();
    other.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('tallyboard migrations', 0))").await.unwrap();
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let mut start = binary(&folder)
        .args(["migrate", "up"])
        .envs([("DATABASE_URL", url.as_str()), ("TALLYBOARD_LOG_LEVEL", "warn")])
        .stderr(fs::File::create(&log).unwrap())
        .stdout(fs::File::create(folder.path().join("log2")).unwrap())
        .spawn()
        .unwrap();
    let said = async || {
        let logged = [&log, &folder.path().join("log2")].map(|path| fs::read_to_string(path).unwrap());
        logged.concat().contains("waiting for another Tallyboard")
    };
    until(Duration::from_secs(20), said, |said| *said).await;
    other.execute("ROLLBACK").await.unwrap();
    assert!(start.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_direct_url_every_write_is_answered_and_every_number_is_right() {
    let (_, pooled) = pooled(Prepared::Kept).await;
    let (one, two) = (serve(&pooled, &[]), serve(&pooled, &[]));
    let ada = one.user("Ada").await;
    let elsewhere = ada.with_base(&two.base);
    for round in 0..10_u64 {
        let writes = (0..8).map(|_| async { ada.post("/api/tasks", json!({ "title": "x" })).await.expect(201) });
        futures::future::join_all(writes).await;
        assert_eq!(elsewhere.numbers().await[0], (round + 1) * 8);
    }
    for server in [&one, &two] {
        let hint = async || server.anybody().get("/readyz").await;
        let right =
            |answer: &crate::support::Answer| answer.status == 200 && answer.text.contains("database.direct_url");
        until(Duration::from_secs(10), hint, right).await;
    }
    let cookie = format!("session={}", ada.token.as_deref().unwrap());
    let page =
        reqwest::Client::new().get(format!("{}/dashboard", one.base)).header("cookie", cookie).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("an administrator sets database.direct_url"));
    assert_eq!(listening(&pooled).await, 0);
    // The count would have seen one.
    let options = PgConnectOptions::from_str(&pooled).unwrap().extra_float_digits(None);
    options.connect().await.unwrap().execute("LISTEN tallyboard").await.unwrap();
    assert_eq!(listening(&pooled).await, 1);
    let (level, said) = doctor(&pooled, &[], "pooler");
    assert!(level == "error" && said.contains("direct_url"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_direct_url_changes_arrive_immediately() {
    let (direct, pooled) = pooled(Prepared::Kept).await;
    let settings = [(DIRECT, direct.as_str())];
    let (one, two) = (serve(&pooled, &settings), serve(&pooled, &settings));
    let ready = async |server: &Server| server.anybody().get("/readyz").await.expect(200)["live"] == "working";
    for server in [&one, &two] {
        until(Duration::from_secs(10), async || server.anybody().get("/readyz").await.status, |s| *s == 200).await;
        assert!(ready(server).await);
    }
    let ada = one.user("Ada").await;
    let mut socket = Socket::of(&two, &ada).await;
    for number in 1..=20 {
        let task = ada.task("x").await;
        assert_eq!(elsewhere(&ada, &two).numbers().await[0], number);
        let (event, data) = socket.next_event_but_statistics().await;
        assert_eq!((event.as_str(), &data["task_id"]), ("task_created", &json!(task)));
    }
    assert_eq!(doctor(&pooled, &settings, "pooler").0, "ok");
    assert_eq!(doctor(&pooled, &settings, "LISTEN").0, "ok");
}

fn elsewhere(user: &Client, server: &Server) -> Client {
    user.with_base(&server.base)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_forgets_prepared_statements_is_refused_in_one_sentence() {
    let (direct, pooled) = pooled(Prepared::Forgotten).await;
    for arguments in [&["migrate", "up"][..], &["serve"]] {
        let error = error(&run(&pooled, &[], arguments).await);
        assert!(error.contains("1.21") && error.contains("max_prepared_statements"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    let (level, said) = doctor(&pooled, &[], "pooler");
    assert!(level == "error" && said.contains("1.21"), "{said}");
    let (level, said) = doctor(&pooled, &[(DIRECT, &direct)], "pooler");
    assert!(level == "error" && said.contains("1.21"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn session_features_are_refused_through_a_pooler() {
    let (direct, pooled) = pooled(Prepared::Kept).await;
    let server = serve(&pooled, &[(DIRECT, &direct)]);
    server.user("Ada").await.task("Kept").await;
    drop(server);
    let backups = TempDir::new().unwrap();
    let folder = ("TALLYBOARD_BACKUP_FOLDER", backups.path().to_str().unwrap());
    let backup = run(&pooled, &[(DIRECT, &direct), folder], &["backup", "--json"]).await;
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    let backup =
        serde_json::from_slice::<serde_json::Value>(&backup.stdout).unwrap()["path"].as_str().unwrap().to_owned();
    let source = database_of_new_owner("CREATEROLE", "").await;
    assert!(run(&source, &[], &["migrate", "up"]).await.status.success());
    for (url, arguments) in [
        (pooled.as_str(), &["backup"][..]),
        (&pooled, &["restore", &backup]),
        (&pooled, &["copy", "--from", &pooled, "--to", &source]),
        (&source, &["copy", "--from", &source, "--to", &pooled]),
    ] {
        let error = error(&run(url, &[], arguments).await);
        assert!(error.contains("database.direct_url"), "{arguments:?}: {error}");
    }
    // With the way past it, `copy` takes it for the database of the settings.
    let empty = database_of_new_owner("CREATEROLE", "").await;
    let through = Pooler::before(&empty, 4, Prepared::Kept).await;
    let copied = run(&through, &[(DIRECT, &empty)], &["copy", "--from", &direct, "--to", &through]).await;
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    let counted = async |url: &str| scalar(url, "SELECT COUNT(*) FROM tasks").await;
    assert_eq!((counted(&empty).await, counted(&direct).await), (1, 1));
    let locks = "SELECT COUNT(*) FROM pg_locks JOIN pg_database d ON d.oid = database
                 WHERE locktype = 'advisory' AND datname = current_database()";
    until(Duration::from_secs(5), async || scalar(&empty, locks).await, |count| *count == 0).await;
    drop(serve_with_log(&through, &[(DIRECT, &empty)]));
}
