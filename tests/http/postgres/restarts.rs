//! PostgreSQL restarts while two servers use it: no number is stale, and no event is lost silently.

use std::{
    os::unix::fs::MetadataExt,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;

use super::serve;
use crate::support::{Client, Received, Socket, scalar, until};

const RESTARTS: usize = 30;

/// Its own PostgreSQL, of the version of the tests' cluster.
struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    fn start() -> Self {
        let programs =
            std::env::var("TEST_POSTGRES_BIN").expect("TEST_POSTGRES_BIN: run the tests with `make test-rust`");
        let folder = TempDir::with_prefix_in("tallyboard-cluster", "/tmp").unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { folder, programs: programs.into(), port };
        if is_root() {
            let done = Command::new("chown").arg("postgres").arg(cluster.folder.path()).status().unwrap();
            assert!(done.success());
        }
        cluster.run("initdb", &["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]);
        cluster.control("start");
        cluster
    }

    /// Runs a program of PostgreSQL, which refuses to be root.
    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let data = self.folder.path().join("data");
        let output = command.arg("-D").arg(data).args(arguments).current_dir("/").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn control(&self, action: &str) {
        let folder = self.folder.path().display().to_string();
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off", self.port);
        let log = format!("{folder}/log");
        self.run("pg_ctl", &["-w", "-m", "fast", "-l", &log, "-o", &options, action]);
    }

    /// A database of an ordinary owner.
    async fn database(&self) -> String {
        let mut admin =
            PgConnection::connect(&format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)).await.unwrap();
        admin.execute("CREATE ROLE tallyboard LOGIN CREATEROLE").await.unwrap();
        admin.execute("CREATE DATABASE tallyboard OWNER tallyboard").await.unwrap();
        format!("postgres://tallyboard@127.0.0.1:{}/tallyboard", self.port)
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.control("stop")));
    }
}

/// A task, as soon as the server takes one; when the request that created it began, and its id.
async fn create(user: &Client) -> (DateTime<Utc>, String) {
    let started = Instant::now();
    loop {
        let asked = Utc::now();
        let answer = user.post("/api/tasks", json!({ "title": "x" })).await;
        if answer.status == 201 {
            return (asked, answer.json()["id"].as_str().unwrap().to_owned());
        }
        assert!(answer.status == 503 && started.elapsed() < Duration::from_secs(20), "{}", answer.text);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for the event of this task, or for a `refetch` that came after it may have been lost.
async fn is_told(socket: &mut Socket, asked: DateTime<Utc>, task: &str) -> bool {
    let started = Instant::now();
    while let Some(received) = socket.receive_within(Duration::from_secs(15)).await {
        match received {
            Received::Event(event) => {
                let at: DateTime<Utc> = event["timestamp"].as_str().unwrap().parse().unwrap();
                if event["data"]["task_id"] == task || (event["event_type"] == "refetch" && at > asked) {
                    return true;
                }
            }
            Received::Closed(code) => panic!("closed with {code}"),
        }
        if started.elapsed() > Duration::from_secs(60) {
            break;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn after_every_restart_numbers_are_right_and_sockets_are_told() {
    let cluster = Cluster::start();
    let url = cluster.database().await;
    let quiet = [("TALLYBOARD_LOG_LEVEL", "off")];
    let (one, two) = (serve(&url, &quiet), serve(&url, &quiet));
    let ada = one.user("Ada").await;
    let here = ada.with_base(&two.base);
    let mut socket = Socket::of(&two, &ada).await;
    for round in 0..RESTARTS {
        // Also while the listening connection is being replaced: at another moment in each round.
        tokio::time::sleep(Duration::from_millis(40 * (round % 10) as u64)).await;
        cluster.control("restart");
        let (asked, task) = create(&ada).await;
        let numbers = async || here.get("/api/dashboard/statistics").await;
        until(Duration::from_secs(20), async || numbers().await.status, |status| *status == 200).await;
        for _ in 0..3 {
            create(&ada).await;
            let counted = scalar(&url, "SELECT COUNT(*) FROM tasks").await;
            let shown = numbers().await.expect(200)["total_tasks"].as_i64().unwrap();
            assert_eq!(shown, counted, "after restart {round}");
        }
        assert!(is_told(&mut socket, asked, &task).await, "the task of restart {round} was lost without a refetch");
    }
}
