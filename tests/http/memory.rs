//! The memory of the server process.

use crate::support::{Kind, PASSWORD, Server};
use serde_json::json;

/// Memory that the server has taken and uses, in MiB: without the program's own pages, of which a debug build has many.
fn taken(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process_id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// A password hash takes 19 MiB; the memory is used again for the next one.
#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_do_not_use_more_and_more_memory() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    let before = taken(&server);
    let workers = (0..16).map(|_| {
        let (anybody, email) = (server.anybody(), ada.email.clone());
        tokio::spawn(async move {
            for _ in 0..12 {
                anybody.post("/api/auth/signin", json!({ "email": email, "password": PASSWORD })).await.expect(200);
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    let after = taken(&server);
    assert!(after < 95, "{before} MiB before, {after} MiB after 192 sign-ins");
}
