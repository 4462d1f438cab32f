//! A database that is down, silent, or slow.

use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{ChaosProxy, Client, Kind, Server, binary, database_url, until};

/// A server whose PostgreSQL is behind a proxy, and an account.
async fn behind_proxy() -> (Server, ChaosProxy, Client) {
    let folder = TempDir::new().unwrap();
    let url = database_url(Kind::Postgres, &folder).await;
    assert!(binary(&folder).args(["migrate", "up"]).env("DATABASE_URL", &url).status().unwrap().success());
    let host = url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let (proxy, port) = ChaosProxy::start(host.clone()).await;
    let server = Server::start_on(Kind::Postgres, folder, url.replace(&host, &format!("127.0.0.1:{port}")), &[]);
    let ada = server.user("Ada").await;
    (server, proxy, ada)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_answers_are_503_and_it_recovers_by_itself() {
    let (server, proxy, ada) = behind_proxy().await;
    ada.task("Kept").await;

    for _ in 0..2 {
        // Several live connections in the pool: all of them die at once.
        let requests: Vec<_> = (0..4)
            .map(|_| {
                let ada = ada.clone();
                tokio::spawn(async move { ada.get("/api/tasks").await })
            })
            .collect();
        for request in requests {
            request.await.unwrap().expect(200);
        }
        proxy.cut();
        let started = Instant::now();
        for path in ["/api/tasks", "/api/dashboard/trend?days=7"] {
            let asked = Instant::now();
            let answer = ada.get(path).await;
            assert!(asked.elapsed() < Duration::from_secs(3), "{path}: {:?}", asked.elapsed());
            assert_eq!((answer.status, answer.header("retry-after")), (503, "2"), "{path}");
            let error = answer.expect_error(503, "UNAVAILABLE").to_string();
            assert!(!error.contains("postgres") && !error.contains("127.0.0.1"), "{error}");
        }
        assert_eq!(server.anybody().get("/health").await.expect(503)["status"], "unhealthy");
        assert!(started.elapsed() < Duration::from_secs(9));

        proxy.mend();
        until(Duration::from_secs(2), async || ada.get("/api/tasks").await.status, |status| *status == 200).await;
        until(Duration::from_secs(2), async || server.anybody().get("/health").await.status, |status| *status == 200)
            .await;
    }
    assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
}

/// As a firewall that has forgotten its connections: nothing is refused, nothing comes back.
#[tokio::test(flavor = "multi_thread")]
async fn an_unresponsive_database_costs_three_seconds_once() {
    let (server, proxy, ada) = behind_proxy().await;
    ada.task("Kept").await;
    proxy.swallow();
    for _ in 0..3 {
        let asked = Instant::now();
        let answer = ada.post("/api/tasks", json!({ "title": "Lost?" })).await;
        assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
        answer.expect_error(503, "UNAVAILABLE");
    }
    assert_eq!(server.anybody().get("/healthz").await.status, 200);
    assert_eq!(server.anybody().get("/readyz").await.status, 503);
    // Old connections stay dead; new ones work.
    proxy.mend();
    until(Duration::from_secs(20), async || ada.get("/api/tasks").await.status, |status| *status == 200).await;
    for _ in 0..8 {
        ada.task("After").await;
    }
    assert_eq!(ada.numbers().await[0], 9, "what was answered with 503 was not done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_database_makes_slow_answers_and_no_wrong_ones() {
    let (server, proxy, ada) = behind_proxy().await;
    proxy.delay(Duration::from_millis(40));
    for number in 1..=5 {
        ada.task("Slow").await;
        assert_eq!(ada.numbers().await[0], number);
    }
    // The process itself is not slow.
    let asked = Instant::now();
    server.anybody().get("/healthz").await.expect(200);
    assert!(asked.elapsed() < Duration::from_millis(500));
    proxy.mend();
    assert_eq!(ada.numbers().await[0], 5);
}
