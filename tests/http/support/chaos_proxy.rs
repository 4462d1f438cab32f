use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::Notify,
};

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Forward,
    /// New connections are closed at once.
    Cut,
    /// Nothing gets through, and nothing is closed.
    Swallow,
    /// The connection on which a COMMIT is answered is closed instead.
    LoseCommit,
}

/// Sits between the server and PostgreSQL, and can be cut, made to swallow everything, and slowed down.
#[derive(Clone)]
pub struct ChaosProxy {
    mode: Arc<Mutex<Mode>>,
    /// Counted up when every connection of before has to swallow everything.
    generation: Arc<AtomicU64>,
    delay_millis: Arc<AtomicU64>,
    drop_all: Arc<Notify>,
}

impl ChaosProxy {
    /// The proxy, and the port that it listens on.
    pub async fn start(target: String) -> (Self, u16) {
        let proxy = Self {
            mode: Arc::new(Mutex::new(Mode::Forward)),
            generation: Arc::default(),
            delay_millis: Arc::default(),
            drop_all: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let this = proxy.clone();
        tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                let (this, target) = (this.clone(), target.clone());
                tokio::spawn(async move { this.connection(from, target).await });
            }
        });
        (proxy, port)
    }

    async fn connection(&self, from: TcpStream, target: String) {
        let dropped = self.drop_all.notified();
        let mode = *self.mode.lock().unwrap();
        if mode == Mode::Cut {
            return; // closed at once
        }
        let Ok(to) = TcpStream::connect(target).await else { return };
        // One that begins while everything is swallowed never works.
        let generation = self.generation.load(Ordering::SeqCst) - u64::from(mode == Mode::Swallow);
        let (from_reader, from_writer) = from.into_split();
        let (to_reader, to_writer) = to.into_split();
        tokio::select! {
            () = self.pump(from_reader, to_writer, generation, false) => {}
            () = self.pump(to_reader, from_writer, generation, true) => {}
            () = dropped => {}
        }
    }

    async fn pump(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, generation: u64, is_answer: bool) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count) = from.read(&mut buffer).await {
            if self.generation.load(Ordering::SeqCst) != generation {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_millis(self.delay_millis.load(Ordering::SeqCst))).await;
            let loses = is_answer && *self.mode.lock().unwrap() == Mode::LoseCommit;
            if loses && buffer[..count].windows(7).any(|bytes| bytes == b"COMMIT\0") {
                return;
            }
            if count == 0 || to.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
    }

    /// Closes every connection and lets none through.
    pub fn cut(&self) {
        *self.mode.lock().unwrap() = Mode::Cut;
        self.drop_all.notify_waiters();
    }

    /// Holds every connection open and lets nothing through.
    pub fn swallow(&self) {
        *self.mode.lock().unwrap() = Mode::Swallow;
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Closes each connection on which a COMMIT is answered, before the answer.
    pub fn lose_commits(&self) {
        *self.mode.lock().unwrap() = Mode::LoseCommit;
    }

    /// Lets everything through a little later.
    pub fn delay(&self, delay: Duration) {
        self.delay_millis.store(u64::try_from(delay.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Lets new connections through at once.
    pub fn mend(&self) {
        *self.mode.lock().unwrap() = Mode::Forward;
        self.delay_millis.store(0, Ordering::SeqCst);
    }
}
