//! A connection that ends in the middle, one that was idle for too long, a compute that suspends, and what the log says.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{as_admin, database_of_new_owner, serve, serve_with_log};
use crate::support::{ChaosProxy, scalar, until};

/// The URL through a proxy that can be cut, and the proxy.
async fn behind_proxy(url: &str) -> (String, ChaosProxy) {
    let host = url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let (proxy, port) = ChaosProxy::start(host.clone()).await;
    (url.replace(&host, &format!("127.0.0.1:{port}")), proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_commit_is_not_reported_as_lost() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let (through, proxy) = behind_proxy(&url).await;
    let server = serve(&through, &[]);
    let ada = server.user("Ada").await;
    proxy.lose_commits();
    let new = json!({ "title": "Saved anyway" });
    let error = ada.post("/api/tasks", new).await.expect_error(503, "UNAVAILABLE");
    let detail = error["detail"].as_str().unwrap();
    assert!(detail.contains("may have been saved") && detail.contains("Idempotency-Key"), "{error}");
    assert_eq!(scalar(&url, "SELECT COUNT(*) FROM tasks").await, 1);
    proxy.mend();
    until(Duration::from_secs(5), async || ada.get("/api/tasks").await.status, |status| *status == 200).await;
    assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
}

/// Hosted databases end idle sessions: code 57P05.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_idle_for_too_long_is_replaced_without_an_error() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let server = serve(&url, &[]);
    let ada = server.user("Ada").await;
    drop(server);
    as_admin(None, &[format!("ALTER DATABASE {} SET idle_session_timeout = '150ms'", url.rsplit_once('/').unwrap().1)])
        .await;
    let server = serve(&url, &[("TALLYBOARD_LOG_LEVEL", "off")]);
    let ada = ada.with_base(&server.base);
    for round in 0..96_u64 {
        // Around the moment at which the session ends.
        tokio::time::sleep(Duration::from_millis(100 + round)).await;
        ada.get("/api/tasks").await.expect(200);
        if round % 8 == 0 {
            ada.task("x").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_a_few_lines_of_the_log() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let (through, proxy) = behind_proxy(&url).await;
    let (server, log) = serve_with_log(&through, &[]);
    let ada = server.user("Ada").await;
    ada.numbers().await;
    let before = fs::read_to_string(&log).unwrap().lines().count();
    proxy.cut();
    let started = Instant::now();
    let asking = (0..16).map(|_| async {
        let mut failed = 0;
        while started.elapsed() < Duration::from_secs(5) {
            failed += u32::from(ada.get("/api/tasks").await.status == 503);
        }
        failed
    });
    let failed: u32 = futures::future::join_all(asking).await.iter().sum();
    let text = fs::read_to_string(&log).unwrap();
    let lines = text.lines().count() - before;
    let seconds = started.elapsed().as_secs() as usize + 1;
    // One line a second of each of four kinds: the failed connection, no connection, a slow query, a slow request.
    assert!(failed > 0 && lines <= 4 * seconds + 8, "{lines} lines for {failed} failures in {seconds} s: {text}");
    proxy.mend();
    until(Duration::from_secs(5), async || ada.get("/api/tasks").await.status, |status| *status == 200).await;
}

/// With `database.keep_awake` off nothing is asked while nobody uses the board.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_may_suspend_is_left_alone_until_the_next_request() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let settings = [("TALLYBOARD_DATABASE_KEEP_AWAKE", "false")];
    let (server, other) = (serve(&url, &settings), serve(&url, &[]));
    let listening = "SELECT COUNT(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND application_name = 'tallyboard-listen'";
    // The other one listens all the time.
    until(Duration::from_secs(10), async || scalar(&url, listening).await, |count| *count == 1).await;
    let readiness = async || server.anybody().get("/healthz").await.status;
    assert_eq!(readiness().await, 200);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(scalar(&url, listening).await, 1);
    // A request wakes it: changes of the other instance arrive again.
    let ada = other.user("Ada").await;
    let here = ada.with_base(&server.base);
    assert_eq!(here.numbers().await, [0, 0, 0, 0]);
    until(Duration::from_secs(10), async || scalar(&url, listening).await, |count| *count == 2).await;
    ada.task("x").await;
    assert_eq!(here.numbers().await, [1, 1, 0, 0]);
}
