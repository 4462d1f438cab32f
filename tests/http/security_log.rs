//! FR-028: an attempt to reach somebody else's data is logged with the user, the path and the address.

use std::{fs::File, process::Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Kind, Server, database_url};

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_one_line_with_who_what_and_where() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let folder = TempDir::new().unwrap();
        let url = database_url(kind, &folder).await;
        let log = folder.path().join("log");
        let variables = [("TALLYBOARD_LOG_LEVEL", "warn"), ("TALLYBOARD_LOG_FORMAT", "json")];
        let server = Server::start_with_log(folder, kind, url, &variables, Stdio::from(File::create(&log).unwrap()));
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let task = ada.task("Secret").await;
        let refused = eve.get(&format!("/api/tasks/{task}")).await;
        assert_eq!(refused.status, 403);
        ada.get(&format!("/api/tasks/{task}")).await.expect(200);
        // A page is logged like a REST route.
        let page = eve.get(&format!("/tasks/{task}/shares")).await;
        assert_eq!(page.status, 403);

        let text = std::fs::read_to_string(&log).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let events: Vec<_> = lines.iter().filter(|line| line["target"] == "security").collect();
        assert_eq!(events.len(), 2, "{text}");
        for (event, answer, path) in
            [(events[0], &refused, format!("/api/tasks/{task}")), (events[1], &page, format!("/tasks/{task}/shares"))]
        {
            let span = &event["span"];
            assert_eq!(span["user"], eve.id, "{event}");
            assert_eq!((span["method"].as_str(), span["path"].as_str()), (Some("GET"), Some(path.as_str())));
            assert_eq!(span["peer"], "127.0.0.1");
            assert_eq!(span["id"], answer.header("x-request-id"));
            assert!(!event.to_string().contains("Secret"));
        }
    }
}
