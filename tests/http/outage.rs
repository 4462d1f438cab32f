use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::support::{Kind, Server, binary, database_url, until};

/// Stands between the server and PostgreSQL, and can be cut.
#[derive(Clone)]
struct ChaosProxy {
    cut: Arc<AtomicBool>,
    drop_all: Arc<Notify>,
}

impl ChaosProxy {
    /// The proxy, and the port that it listens on.
    async fn start(target: String) -> (Self, u16) {
        let proxy = Self { cut: Arc::default(), drop_all: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let this = proxy.clone();
        tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let (this, target) = (this.clone(), target.clone());
                tokio::spawn(async move {
                    let dropped = this.drop_all.notified();
                    if this.cut.load(Ordering::SeqCst) {
                        return; // closed at once
                    }
                    let Ok(mut to) = TcpStream::connect(target).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut from, &mut to) => {}
                        () = dropped => {}
                    }
                });
            }
        });
        (proxy, port)
    }

    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        self.drop_all.notify_waiters();
    }

    fn mend(&self) {
        self.cut.store(false, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_answers_are_503_and_it_recovers_by_itself() {
    let folder = TempDir::new().unwrap();
    let url = database_url(Kind::Postgres, &folder).await;
    assert!(binary(&folder).args(["migrate", "up"]).env("DATABASE_URL", &url).status().unwrap().success());
    let host = url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let (proxy, port) = ChaosProxy::start(host.clone()).await;
    let server = Server::start_on(Kind::Postgres, folder, url.replace(&host, &format!("127.0.0.1:{port}")), &[]);
    let ada = server.user("Ada").await;
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
