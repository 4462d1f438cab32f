//! Who is listening, and the pushing to them.

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use chrono::SecondsFormat;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, watch};

use crate::{
    auth::{Auth, AuthenticatedUser},
    db::{Changes, Database, Heard, now},
    id::{SessionId, UserId},
    statistics::service::Counts,
};

/// What may wait for a socket that is slow, in frames; more and it is closed.
const QUEUE: usize = 64;
/// The sockets that one person may have.
const SOCKETS_A_USER: usize = 10;
/// How often the sockets' sessions are looked at: an ended one's close within 5 s.
const SWEEP: Duration = Duration::from_secs(4);

/// Why the server closes a socket: the code, and a word for who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing(pub u16, pub &'static str);

impl Closing {
    /// Not signed in (any longer), or too many bad messages.
    pub const POLICY: Self = Self(1008, "policy");
    /// The server stops.
    pub const RESTART: Self = Self(1012, "restart");
    /// It could not keep up.
    pub const TRY_AGAIN: Self = Self(1013, "too slow");
    /// Its user opened an eleventh.
    pub const TOO_MANY: Self = Self(4008, "too many sockets");
}

/// Everybody who listens on this instance. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    counts: Counts,
    sockets: RwLock<HashMap<UserId, Vec<Handle>>>,
    last: AtomicU64,
    shared: bool,
    hears: AtomicBool,
    stopping: AtomicBool,
}

struct Handle {
    id: u64,
    session: SessionId,
    queue: mpsc::Sender<Utf8Bytes>,
    numbers: Arc<Notify>,
    closing: watch::Sender<Option<Closing>>,
}

/// A socket's own end.
pub struct Seat {
    id: u64,
    user: UserId,
    hub: Hub,
    /// Frames to send.
    pub queue: mpsc::Receiver<Utf8Bytes>,
    /// Its user's numbers are others now.
    pub numbers: Arc<Notify>,
    /// That it is to be closed.
    pub closing: watch::Receiver<Option<Closing>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut sockets = self.hub.write();
        if let Some(handles) = sockets.get_mut(&self.user) {
            handles.retain(|handle| handle.id != self.id);
            if handles.is_empty() {
                sockets.remove(&self.user);
            }
        }
    }
}

/// A frame as the contract has it.
pub fn frame(event_type: &str, data: Value) -> Utf8Bytes {
    let timestamp = now().to_rfc3339_opts(SecondsFormat::Micros, true);
    json!({ "event_type": event_type, "timestamp": timestamp, "data": data }).to_string().into()
}

impl Hub {
    /// Hears every commit on `db` from now on.
    pub fn new(db: &Database, counts: Counts) -> Self {
        let hub = Self(Arc::new(Inner {
            counts,
            sockets: RwLock::default(),
            last: AtomicU64::new(0),
            shared: db.is_shared(),
            hears: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
        }));
        let hears = hub.clone();
        db.on_commit(move |changes| hears.publish(&changes));
        hub
    }

    /// Hears other instances, and ends the sockets of ended sessions, for as long as the server runs.
    pub async fn run(self, db: Database, auth: Arc<Auth>) {
        let heard = db.listen(|heard| match heard {
            Heard::Listening => {
                self.0.hears.store(true, Ordering::Relaxed);
                self.catch_up();
            }
            Heard::Changes(changes) => self.publish(&changes),
            Heard::Deaf => self.0.hears.store(false, Ordering::Relaxed),
        });
        tokio::join!(heard, self.sweep(auth));
    }

    /// Whether what other instances change is heard; on SQLite there are no others.
    pub fn is_live(&self) -> bool {
        !self.0.shared || self.0.hears.load(Ordering::Relaxed)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<UserId, Vec<Handle>>> {
        self.0.sockets.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<UserId, Vec<Handle>>> {
        self.0.sockets.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn publish(&self, changes: &Changes) {
        for user in &changes.numbers {
            self.0.counts.forget(user);
        }
        let sockets = self.read();
        for event in &changes.events {
            // Made once, shared by all who get it.
            let text = frame(&event.event_type, event.data.clone());
            for handle in event.to.iter().filter_map(|user| sockets.get(user)).flatten() {
                handle.push(text.clone());
            }
        }
        for handle in changes.numbers.iter().filter_map(|user| sockets.get(user)).flatten() {
            handle.numbers.notify_one();
        }
    }

    /// Something may have been missed: nothing that is known counts, everybody counts and asks anew.
    fn catch_up(&self) {
        self.0.counts.forget_all();
        let text = frame("refetch", json!({}));
        for handle in self.read().values().flatten() {
            handle.push(text.clone());
            handle.numbers.notify_one();
        }
    }

    /// A place for a socket; the oldest of too many goes.
    pub fn join(&self, user: &AuthenticatedUser) -> Seat {
        let (queue, frames) = mpsc::channel(QUEUE);
        let (closing, told) = watch::channel(None);
        let numbers = Arc::new(Notify::new());
        let id = self.0.last.fetch_add(1, Ordering::Relaxed);
        let handle = Handle { id, session: user.session(), queue, numbers: numbers.clone(), closing };
        if self.0.stopping.load(Ordering::Relaxed) {
            handle.close(Closing::RESTART);
        }
        let mut sockets = self.write();
        let handles = sockets.entry(user.id()).or_default();
        handles.push(handle);
        if handles.len() > SOCKETS_A_USER {
            handles.remove(0).close(Closing::TOO_MANY);
        }
        Seat { id, user: user.id(), hub: self.clone(), queue: frames, numbers, closing: told }
    }

    async fn sweep(&self, auth: Arc<Auth>) {
        loop {
            tokio::time::sleep(SWEEP).await;
            let sessions: Vec<SessionId> = self.read().values().flatten().map(|handle| handle.session).collect();
            match auth.good_sessions(sessions).await {
                Ok(good) => {
                    for handle in self.read().values().flatten().filter(|handle| !good.contains(&handle.session)) {
                        handle.close(Closing::POLICY);
                    }
                }
                // While the database is away nobody is signed out.
                Err(error) => tracing::debug!(%error, "the sockets' sessions could not be looked at"),
            }
        }
    }

    /// Closes every socket: the server stops.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
        for handle in self.read().values().flatten() {
            handle.close(Closing::RESTART);
        }
    }
}

impl Handle {
    fn push(&self, frame: Utf8Bytes) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(frame) {
            self.close(Closing::TRY_AGAIN);
        }
    }

    fn close(&self, closing: Closing) {
        self.closing.send_if_modified(|told| {
            let first = told.is_none();
            told.get_or_insert(closing);
            first
        });
    }
}
