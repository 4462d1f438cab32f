//! The subscriptions of this instance, and how events are pushed to them.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use chrono::SecondsFormat;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, watch};

use crate::{
    auth::{Auth, AuthenticatedUser, CredentialId},
    statistics::service::StatisticsCache,
};
use tallyboard_base::figures;
use tallyboard_db::{Changes, Database, Event, ListenEvent, Via, now};
use tallyboard_model::id::UserId;

/// How many frames may wait for a slow socket; with more it is closed.
const MAX_QUEUED_FRAMES: usize = 64;
/// How many sockets one user may have.
const MAX_SOCKETS_PER_USER: usize = 10;
/// How often the credentials of the sockets are checked: the sockets of an ended session or a revoked token close within
/// 5 s.
const CREDENTIAL_CHECK_INTERVAL: Duration = Duration::from_secs(4);

/// Why the server closes a socket: the close code and its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseReason(pub u16, pub &'static str);

impl CloseReason {
    /// No valid session, or too many invalid messages.
    pub const POLICY_VIOLATION: Self = Self(1008, "policy");
    /// The server shuts down.
    pub const RESTART: Self = Self(1012, "restart");
    /// The socket could not keep up.
    pub const TOO_SLOW: Self = Self(1013, "too slow");
    /// The user has opened more sockets than allowed.
    pub const TOO_MANY_SOCKETS: Self = Self(4008, "too many sockets");
}

/// All subscriptions of this instance. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    statistics: StatisticsCache,
    subscribers: RwLock<HashMap<UserId, Vec<Subscriber>>>,
    last_id: AtomicU64,
    /// A [`Listening`].
    listening: AtomicU8,
    is_stopping: AtomicBool,
}

/// Whether changes of other instances arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Listening {
    /// They do, or there are no other instances: on SQLite.
    Working,
    /// The connection is lost; it is opened again.
    Lost,
    /// A transaction pooler is in the way. Numbers are right, but only polling shows what other instances change.
    NotPossible,
    /// Nobody uses the board; the next request connects again.
    Asleep,
}

/// The hub's end of a subscription.
struct Subscriber {
    id: u64,
    credential: CredentialId,
    frames: mpsc::Sender<Utf8Bytes>,
    statistics_changed: Arc<Notify>,
    close: watch::Sender<Option<CloseReason>>,
}

/// The socket's end of a subscription; dropping it unsubscribes.
pub struct Subscription {
    id: u64,
    user: UserId,
    hub: Hub,
    /// The frames to send.
    pub frames: mpsc::Receiver<Utf8Bytes>,
    /// Notified when the user's statistics have changed.
    pub statistics_changed: Arc<Notify>,
    /// Set when the socket has to be closed.
    pub close: watch::Receiver<Option<CloseReason>>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut subscribers = self.hub.write();
        if let Some(of_user) = subscribers.get_mut(&self.user) {
            of_user.retain(|subscriber| subscriber.id != self.id);
            if of_user.is_empty() {
                subscribers.remove(&self.user);
            }
        }
    }
}

/// The text of an event, in the shape of the contract.
pub fn frame(event_type: &str, data: Value) -> Utf8Bytes {
    let timestamp = now().to_rfc3339_opts(SecondsFormat::Micros, true);
    json!({ "event_type": event_type, "timestamp": timestamp, "data": data }).to_string().into()
}

/// An event for the user whose personal token or program made the change: with its name and the client's.
fn frame_with_via(event: &Event, via: &Via) -> Utf8Bytes {
    let mut data = event.data.clone();
    if let Some(fields) = data.as_object_mut() {
        let mut shown = serde_json::to_value(&via.by).unwrap_or_default();
        shown["client"] = json!(via.client);
        fields.insert("via".to_owned(), shown);
    }
    frame(&event.event_type, data)
}

impl Hub {
    /// A hub that publishes every commit on `db`.
    pub fn new(db: &Database, statistics: StatisticsCache) -> Self {
        let hub = Self(Arc::new(Inner {
            statistics,
            subscribers: RwLock::default(),
            last_id: AtomicU64::new(0),
            listening: AtomicU8::new(if db.is_shared() { Listening::Lost } else { Listening::Working } as u8),
            is_stopping: AtomicBool::new(false),
        }));
        let publisher = hub.clone();
        db.on_commit(move |changes| publisher.publish(&changes));
        hub
    }

    /// Publishes what other instances commit and closes the sockets whose credential has ended, until the future is
    /// dropped.
    pub async fn run(self, db: Database, auth: Arc<Auth>) {
        let set = |state: Listening| self.0.listening.store(state as u8, Ordering::Relaxed);
        let listening = db.listen(|event| match event {
            ListenEvent::Connected => {
                set(Listening::Working);
                self.invalidate_everything();
            }
            ListenEvent::PeerGone => self.invalidate_everything(),
            ListenEvent::Changes(changes) => self.publish(&changes),
            ListenEvent::Disconnected => set(Listening::Lost),
            ListenEvent::NotPossible => set(Listening::NotPossible),
            ListenEvent::Asleep => set(Listening::Asleep),
        });
        tokio::join!(listening, self.close_ended(auth));
    }

    /// How many sockets are open.
    pub fn sockets(&self) -> usize {
        self.read().values().map(Vec::len).sum()
    }

    /// Whether changes of other instances arrive.
    pub fn listening(&self) -> Listening {
        let state = self.0.listening.load(Ordering::Relaxed);
        let known = [Listening::Working, Listening::NotPossible, Listening::Asleep];
        known.into_iter().find(|known| *known as u8 == state).unwrap_or(Listening::Lost)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<UserId, Vec<Subscriber>>> {
        self.0.subscribers.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<UserId, Vec<Subscriber>>> {
        self.0.subscribers.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn publish(&self, changes: &Changes) {
        for user in &changes.statistics {
            self.0.statistics.invalidate(user);
        }
        let subscribers = self.read();
        for event in &changes.events {
            figures::event_published(&event.event_type);
            // The dashboard shows numbers of teams, which change for every member.
            for user in &event.to {
                self.0.statistics.invalidate(user);
            }
            // One text, shared by all recipients; the user who made the change learns by which of their tokens.
            let text = frame(&event.event_type, event.data.clone());
            let of_own_token = changes.via.as_deref().map(|via| (via.user, frame_with_via(event, via)));
            for user in &event.to {
                let text = of_own_token.as_ref().filter(|(maker, _)| maker == user).map_or(&text, |(_, text)| text);
                for subscriber in subscribers.get(user).into_iter().flatten() {
                    subscriber.push(text.clone());
                }
            }
        }
        for subscriber in changes.statistics.iter().filter_map(|user| subscribers.get(user)).flatten() {
            subscriber.statistics_changed.notify_one();
        }
    }

    /// Changes may have been missed: no cached number is valid, and every page has to fetch again.
    fn invalidate_everything(&self) {
        self.0.statistics.invalidate_all();
        let text = frame("refetch", json!({}));
        for subscriber in self.read().values().flatten() {
            subscriber.push(text.clone());
            subscriber.statistics_changed.notify_one();
        }
    }

    /// Adds a subscription. Beyond the limit the user's oldest socket is closed.
    pub fn subscribe(&self, user: &AuthenticatedUser) -> Subscription {
        let (frames, frames_to_send) = mpsc::channel(MAX_QUEUED_FRAMES);
        let (close, closed) = watch::channel(None);
        let statistics_changed = Arc::new(Notify::new());
        let id = self.0.last_id.fetch_add(1, Ordering::Relaxed);
        let credential = user.credential();
        let subscriber = Subscriber { id, credential, frames, statistics_changed: statistics_changed.clone(), close };
        if self.0.is_stopping.load(Ordering::Relaxed) {
            subscriber.close(CloseReason::RESTART);
        }
        let mut subscribers = self.write();
        let of_user = subscribers.entry(user.id()).or_default();
        of_user.push(subscriber);
        if of_user.len() > MAX_SOCKETS_PER_USER {
            of_user.remove(0).close(CloseReason::TOO_MANY_SOCKETS);
        }
        let hub = self.clone();
        Subscription { id, user: user.id(), hub, frames: frames_to_send, statistics_changed, close: closed }
    }

    async fn close_ended(&self, auth: Arc<Auth>) {
        loop {
            tokio::time::sleep(CREDENTIAL_CHECK_INTERVAL).await;
            let credentials: HashSet<CredentialId> =
                self.read().values().flatten().map(|subscriber| subscriber.credential).collect();
            match auth.valid_credentials(credentials).await {
                Ok(valid) => {
                    let subscribers = self.read();
                    let has_ended = |subscriber: &&Subscriber| !valid.contains(&subscriber.credential);
                    for subscriber in subscribers.values().flatten().filter(has_ended) {
                        subscriber.close(CloseReason::POLICY_VIOLATION);
                    }
                }
                // While the database is away, nobody is signed out.
                Err(error) => tracing::debug!(%error, "the credentials of the sockets could not be checked"),
            }
        }
    }

    /// Closes every socket: the server shuts down.
    pub fn stop(&self) {
        self.0.is_stopping.store(true, Ordering::Relaxed);
        for subscriber in self.read().values().flatten() {
            subscriber.close(CloseReason::RESTART);
        }
    }
}

impl Subscriber {
    fn push(&self, frame: Utf8Bytes) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.frames.try_send(frame) {
            self.close(CloseReason::TOO_SLOW);
        }
    }

    /// The first reason counts.
    fn close(&self, reason: CloseReason) {
        self.close.send_if_modified(|current| {
            let is_first = current.is_none();
            current.get_or_insert(reason);
            is_first
        });
    }
}
