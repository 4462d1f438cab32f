//! What surrounds the program: the systemd unit, the monitoring.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use crate::support::{Kind, Server, program};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_systemd_unit_is_closed() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/tallyboard.service");
    let Some(systemd) = program("systemd-analyze") else { return };
    let output = Command::new(systemd).args(["security", "--offline=true", "--no-pager", unit]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let score =
        text.split("Overall exposure level for tallyboard.service: ").nth(1).unwrap_or_else(|| panic!("{text}"));
    let score: f64 = score.split_whitespace().next().unwrap().parse().unwrap();
    assert!(score < 2.0, "{text}");
}

/// Every metric that an alert, the dashboard or a page of the documents names is one that the server has.
#[tokio::test(flavor = "multi_thread")]
async fn monitoring_asks_for_metrics_that_exist() {
    let token = "a-token-for-prometheus";
    let variables = [("TALLYBOARD_METRICS_TOKEN", token), ("TALLYBOARD_LOG_SLOW_QUERY_MS", "0")];
    let server = Server::start(Kind::Sqlite, &variables).await;
    let user = server.user("Ada").await;
    user.task("One").await;
    user.numbers().await;
    let text = server.anybody().with_token(token).get("/metrics").await.text;
    // These need a second instance, a backup on schedule, and an SMTP server.
    let elsewhere = [
        "tallyboard_live_lag_seconds",
        "tallyboard_backups_total",
        "tallyboard_backup_last_success_timestamp_seconds",
        "tallyboard_mails_total",
    ];
    let source = read("crates/base/src/figures/mod.rs");
    for file in ["docs/monitoring/alerts.yml", "docs/monitoring/grafana.json", "docs/OPERATIONS.md"] {
        let content = read(file);
        let names: BTreeSet<&str> = content
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|word| word.starts_with("tallyboard_") && word.len() > 12 && !word.starts_with("tallyboard_app"))
            .map(|word| {
                ["_bucket", "_count"].iter().fold(word, |word, suffix| word.strip_suffix(suffix).unwrap_or(word))
            })
            .collect();
        assert!(names.len() >= 5, "{file}: {names:?}");
        for name in names {
            let exists = if elsewhere.contains(&name) { source.contains(name) } else { text.contains(name) };
            assert!(exists, "{file} asks for {name}");
        }
    }
}
