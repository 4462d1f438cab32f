//! Steps of the wall clock, as a wrong setting or its correction makes them: libfaketime moves what the server sees.

use std::{collections::BTreeSet, path::PathBuf};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Client, Kind, PASSWORD, Server, Socket};

/// A clock that a server's process sees instead of the real one.
struct Clock {
    library: PathBuf,
    folder: TempDir,
}

impl Clock {
    /// The clock, or nothing where libfaketime is not installed.
    fn new() -> Option<Self> {
        let library = format!("/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1", std::env::consts::ARCH).into();
        let clock = Self { library, folder: TempDir::new().unwrap() };
        clock.step("+0");
        clock.library.exists().then_some(clock)
    }

    /// Moves the clock this far from the real one: `-2d`, `+20h`.
    fn step(&self, offset: &str) {
        // Renamed, because the server reads it all the time.
        std::fs::write(self.folder.path().join("new"), offset).unwrap();
        std::fs::rename(self.folder.path().join("new"), self.file()).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    async fn server(&self, kind: Kind) -> Server {
        let variables = [
            ("LD_PRELOAD", self.library.to_str().unwrap()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            // The clock that only goes forward goes on.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("NO_FAKE_STAT", "1"),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        Server::start(kind, &variables.each_ref().map(|(name, value)| (*name, value.as_str()))).await
    }
}

/// Writes a task, sees it on the socket at once, and finds every task once, in pages, and counted.
async fn goes_on(ada: &Client, socket: &mut Socket, titles: &mut BTreeSet<String>, when: &str) {
    let title = format!("Written {when}");
    let id = ada.task(&title).await;
    titles.insert(title);
    let (event, data) = socket.next_event_but_statistics().await;
    assert_eq!((event.as_str(), data["task_id"].as_str()), ("task_created", Some(id.as_str())), "{when}");
    let listed = ada.listed("/api/tasks", "title").await;
    assert_eq!(listed.len(), titles.len(), "{when}: {listed:?}");
    assert_eq!(&listed.into_iter().collect::<BTreeSet<_>>(), titles, "{when}");
    assert_eq!(ada.numbers().await[0], titles.len() as u64, "{when}");
    ada.patch(&format!("/api/tasks/{id}"), json!({ "description": when })).await.expect(200);
    assert_eq!(socket.next_event_but_statistics().await.0, "task_updated", "{when}");
    for route in ["activity", "trend?days=30", "teams"] {
        ada.get(&format!("/api/dashboard/{route}")).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_step_loses_nothing_and_ends_only_expired_sessions() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(clock) = Clock::new() else {
            eprintln!("skipped: libfaketime is not installed (`make faults` installs it)");
            return;
        };
        let server = clock.server(kind).await;
        let (mut ada, bob) = (server.user("Ada").await, server.user("Bob").await);
        let (mut socket, mut titles) = (Socket::of(&server, &ada).await, BTreeSet::new());
        // A session lasts 24 hours.
        for step in ["+0", "-2d", "+20h", "-20h", "+1h"] {
            clock.step(step);
            goes_on(&ada, &mut socket, &mut titles, step).await;
        }
        clock.step("+2d");
        assert_eq!(socket.closed().await, 1008, "{kind:?}: a session that has run out has no socket");
        ada.get("/api/tasks").await.expect_error(401, "UNAUTHORIZED");
        bob.get("/api/tasks").await.expect_error(401, "UNAUTHORIZED");
        ada.sign_in(PASSWORD).await;
        for step in ["in two days", "today again"] {
            let mut socket = Socket::of(&server, &ada).await;
            goes_on(&ada, &mut socket, &mut titles, step).await;
            clock.step("+0");
        }
    }
}
