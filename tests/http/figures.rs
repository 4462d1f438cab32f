//! Figures: metrics for Prometheus, the last hour, slow queries.

use std::process::Stdio;

use serde_json::json;
use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use crate::support::{Kind, PASSWORD, Server, database_url};

const TOKEN: &str = "a-token-for-prometheus";

on_both_databases! {
    async fn the_last_hour_has_the_requests_and_the_cache(server) {
        let user = server.user("Ada").await;
        for _ in 0..10 {
            user.get("/api/dashboard/statistics").await.expect(200);
        }
        let found = user.get("/api/performance").await.expect(200);
        let number = |name: &str, field: &str| found[name][field].as_f64().unwrap_or_else(|| panic!("{found}"));
        assert!(number("requests", "count") >= 12.0, "{found}");
        assert!(number("requests", "average_ms") > 0.0 && number("requests", "p95_ms") > 0.0, "{found}");
        assert_eq!((number("cache", "hits"), number("cache", "misses")), (9.0, 1.0));
        assert!(found["since"].is_string() && found["slow_queries"].is_array(), "{found}");
        user.personal(&["read"]).await.get("/api/performance").await.expect(200);
        server.anybody().get("/api/performance").await.expect_error(401, "UNAUTHORIZED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_reads_what_happens_with_bounded_labels() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let server = Server::start(kind, &[("TALLYBOARD_METRICS_TOKEN", TOKEN)]).await;
        let user = server.user("Ada").await;
        let task = user.task("A title that nobody else may read").await;
        user.get(&format!("/api/tasks/{task}")).await.expect(200);
        user.get("/api/dashboard/statistics").await.expect(200);
        user.get("/api/dashboard/statistics").await.expect(200);
        for path in ["/nowhere/one", "/nowhere/two", "/api/ui/no_such_function"] {
            server.anybody().get(path).await;
        }
        let text = server.anybody().with_token(TOKEN).get("/metrics").await.text;
        let has = |line: &str| assert!(text.contains(line), "{line} is missing in {text}");
        has(r#"tallyboard_http_request_duration_seconds_count{method="GET",route="/api/tasks/{id}",status="200"} 1"#);
        has(r#"tallyboard_http_request_duration_seconds_bucket{method="POST",route="/api/tasks",status="201",le=""#);
        has(r#"route="other",status="404"} 2"#);
        has(r#"route="/api/ui/{*name}",status="404"} 1"#);
        has(r#"tallyboard_statistics_cache_reads_total{result="hit"} 1"#);
        has(r#"tallyboard_database_transaction_duration_seconds_count{mode="write"}"#);
        has(r#"tallyboard_database_connections{state="idle"}"#);
        has(r#"tallyboard_events_total{type="task_created"} 1"#);
        has("tallyboard_sockets 0");
        has("tallyboard_live 1");
        has("tallyboard_requests_in_flight 1");
        has(&format!("version=\"{}\"", env!("CARGO_PKG_VERSION")));
        has("process_resident_memory_bytes ");
        for secret in [&task, &user.id, user.email.as_str(), "nowhere", "nobody else", "no_such_function"] {
            assert!(!text.contains(secret), "{secret} is a label");
        }
        // A user's own account doesn't open everybody's figures.
        user.get("/metrics").await.expect_error(401, "UNAUTHORIZED");
        server.anybody().get("/metrics").await.expect_error(401, "UNAUTHORIZED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_setting_there_are_no_metrics() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    server.anybody().get("/metrics").await.expect_error(404, "NOT_FOUND");
    server.anybody().with_token("").get("/metrics").await.expect_error(404, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_their_own_address() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let server = Server::start(Kind::Sqlite, &[("TALLYBOARD_METRICS_ADDRESS", address.as_str())]).await;
    server.anybody().get("/metrics").await.expect_error(404, "NOT_FOUND");
    let text = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    assert!(text.contains(r#"route="/metrics",status="404"} 1"#), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_query_is_logged_by_its_name_without_its_values() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let file = std::fs::File::create(&log).unwrap();
    let url = database_url(Kind::Sqlite, &folder).await;
    let variables = [("TALLYBOARD_LOG_LEVEL", "warn"), ("TALLYBOARD_LOG_SLOW_QUERY_MS", "0")];
    let server = Server::start_with_log(folder, Kind::Sqlite, url, &variables, Stdio::from(file));
    let user = server.user("Ada").await;
    user.task("A secret title").await;
    // A request that takes over a second: SQLite's one writer is taken.
    let mut writer = SqliteConnection::connect(&server.url).await.unwrap();
    writer.execute("BEGIN IMMEDIATE").await.unwrap();
    let (waited, ()) = tokio::join!(user.post("/api/tasks", json!({ "title": "Another" })), async {
        tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
        writer.execute("ROLLBACK").await.unwrap();
    });
    waited.expect(201);
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("a query was slow query=\"tasks::store::insert\""), "{text}");
    assert!(text.contains("slow_request") && text.contains("a request was slow status=201"), "{text}");
    for secret in ["A secret title", PASSWORD, user.email.as_str()] {
        assert!(!text.contains(secret), "{secret}");
    }
    let slow = user.get("/api/performance").await.expect(200)["slow_queries"].clone();
    let insert = slow.as_array().unwrap().iter().find(|query| query["name"] == "tasks::store::insert").unwrap();
    assert_eq!(insert["count"], 2, "{slow}");
}
