//! Faults: kill -9 under writes, SIGTERM under load, a disk that fails to sync. `make faults` does more rounds of the same.

use std::{
    collections::BTreeSet,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::{Client, Kind, Server};

/// How often each fault is tried.
fn rounds() -> usize {
    std::env::var("FAULT_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap())
}

const WRITERS: usize = 8;

/// People who write all the time, and what was acknowledged.
struct Load {
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
    stopping: Arc<AtomicBool>,
    writers: Vec<JoinHandle<usize>>,
}

impl Load {
    fn start(user: &Client, round: usize) -> Self {
        let (acknowledged, stopping) = (Arc::<Mutex<BTreeSet<String>>>::default(), Arc::<AtomicBool>::default());
        let write = |writer: usize| {
            let (user, acknowledged, stopping) = (user.clone(), acknowledged.clone(), stopping.clone());
            async move {
                let mut failed = 0;
                for number in 0.. {
                    let title = format!("{round}-{writer}-{number}");
                    let sent =
                        user.request(reqwest::Method::POST, "/api/tasks").json(&json!({ "title": title })).send();
                    match sent.await {
                        Ok(answer) if answer.status() == 201 => drop(acknowledged.lock().unwrap().insert(title)),
                        _ if stopping.load(Ordering::SeqCst) => return failed,
                        _ => failed += 1,
                    }
                }
                failed
            }
        };
        let writers = (0..WRITERS).map(|writer| tokio::spawn(write(writer))).collect();
        Self { acknowledged, stopping, writers }
    }

    /// Waits until this many writes were acknowledged.
    async fn until_acknowledged(&self, count: usize) {
        while self.acknowledged.lock().unwrap().len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The server goes now: from here on a failed request is no surprise.
    fn server_goes(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// What was acknowledged, and how many requests failed before the server went.
    async fn end(self) -> (BTreeSet<String>, usize) {
        let mut failed = 0;
        for writer in self.writers {
            failed += writer.await.unwrap();
        }
        let acknowledged = self.acknowledged.lock().unwrap().clone();
        (acknowledged, failed)
    }
}

async fn titles(user: &Client) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page = user.get(&format!("/api/tasks?limit=100{cursor}")).await.expect(200);
        found.extend(page["items"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_under_writes_loses_nothing_that_was_acknowledged() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let mut server = Server::start(kind, &[]).await;
        let mut ada = server.user("Ada").await;
        let (mut all, mut longest) = (BTreeSet::new(), Duration::ZERO);
        for round in 0..rounds() {
            let load = Load::start(&ada, round);
            load.until_acknowledged(50 + 37 * round).await;
            load.server_goes();
            let (folder, url) = server.stop();
            all.extend(load.end().await.0);
            let started = Instant::now();
            server = Server::start_on(kind, folder, url, &[]);
            ada = ada.with_base(&server.base);
            ada.get("/api/auth/me").await.expect(200);
            longest = longest.max(started.elapsed());
            let found = titles(&ada).await;
            let lost: Vec<_> = all.difference(&found).collect();
            assert!(lost.is_empty(), "{kind:?}, round {round}: {} were lost: {lost:?}", lost.len());
            assert_eq!(ada.numbers().await[0], found.len() as u64, "the counters agree");
        }
        println!(
            "{kind:?}: {} kills, {} acknowledged, 0 lost, ready after {longest:?} at the most",
            rounds(),
            all.len()
        );
        assert!(longest < Duration::from_secs(if cfg!(debug_assertions) { 6 } else { 2 }), "{longest:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_finishes_what_is_in_flight() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let mut server = Server::start(kind, &[]).await;
        let mut ada = server.user("Ada").await;
        let mut all = BTreeSet::new();
        for round in 0..rounds() {
            let load = Load::start(&ada, round);
            load.until_acknowledged(50).await;
            load.server_goes();
            let id = server.process_id().to_string();
            assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
            assert!(server.wait().success(), "{kind:?}: it did not end in order");
            let (acknowledged, failed) = load.end().await;
            assert_eq!(failed, 0, "{kind:?}: requests failed before the signal");
            all.extend(acknowledged);
            let (folder, url) = server.stop();
            server = Server::start_on(kind, folder, url, &[]);
            ada = ada.with_base(&server.base);
            // Every committed change was acknowledged, and every acknowledged change was committed.
            assert_eq!(titles(&ada).await, all, "{kind:?}, round {round}");
        }
    }
}

/// strace makes the disk fail: each fsync and fdatasync of the server answers EIO for a while.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_to_sync_rejects_writes_and_loses_nothing() {
    let server = Server::start(Kind::Sqlite, &[("TALLYBOARD_LOG_LEVEL", "off")]).await;
    let ada = server.user("Ada").await;
    ada.task("Before").await;
    let strace = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"])
        .args(["-e", "inject=fsync,fdatasync:error=EIO", "-p", &server.process_id().to_string()])
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut strace) = strace else {
        eprintln!("skipped: strace is not installed (`make faults` installs it)");
        return;
    };
    let (started, mut rejected, mut written) = (Instant::now(), 0, vec!["Before".to_owned()]);
    while rejected < 3 && started.elapsed() < Duration::from_secs(10) {
        let title = format!("During {rejected} {}", written.len());
        let answer = ada.post("/api/tasks", json!({ "title": title })).await;
        match answer.status {
            201 => written.push(title),
            _ => {
                answer.expect_error(503, "UNAVAILABLE");
                rejected += 1;
            }
        }
    }
    let may_trace = strace.try_wait().unwrap().is_none();
    let _ = strace.kill();
    let _ = strace.wait();
    if !may_trace {
        eprintln!("skipped: this process may not trace another");
        return;
    }
    assert_eq!(rejected, 3, "the disk did not fail");
    ada.task("After").await;
    written.push("After".to_owned());
    assert_eq!(titles(&ada).await, written.into_iter().collect(), "a rejected write was not done, and others were");
}
