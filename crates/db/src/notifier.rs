//! NOTIFY: tells the other instances on the same PostgreSQL what this one has committed.
//!
//! A NOTIFY inside a transaction holds a cluster-wide lock until that transaction is durable, so no two of them share an fsync
//! (measured: 1,055 transactions a second instead of 3,125). It is sent after the COMMIT and before the request is answered, in one
//! statement for everything committed in the meantime. If an instance dies between the two, the write was never acknowledged, and
//! the other instances notice that it's gone and refetch (listen.rs).

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{ConnectOptions, PgConnection, PgPool, Result};
use tokio::sync::{Mutex as AsyncMutex, Notify, oneshot};

use super::{CHANNEL, retry::retry_delays};

/// How long a request waits until the other instances are notified.
const NOTIFY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one attempt may take: the connection may be dead without saying so.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);
/// Nothing is lost with such a transaction, so nobody waits for its fsync.
const NOTIFY: &str = "SELECT pg_notify($1, payload), set_config('synchronous_commit', 'off', true)
    FROM unnest($2::text[]) AS payload";

/// The pending notifications, and their connection.
pub(super) struct Notifier {
    pool: PgPool,
    waiting: Mutex<Vec<Waiting>>,
    connection: AsyncMutex<Option<PgConnection>>,
    failure: Notify,
}

struct Waiting {
    payloads: Vec<String>,
    /// Dropped when they can't be sent.
    sent: oneshot::Sender<()>,
}

impl Notifier {
    /// Connects as this pool does, once there is something to notify.
    pub(super) fn new(pool: PgPool) -> Arc<Self> {
        let (waiting, connection, failure) = (Mutex::default(), AsyncMutex::default(), Notify::new());
        Arc::new(Self { pool, waiting, connection, failure })
    }

    /// Notifies the other instances, and waits until PostgreSQL has the notifications; `false` when they couldn't be sent.
    pub(super) async fn notify(self: &Arc<Self>, payloads: Vec<String>) -> bool {
        let (sent, is_sent) = oneshot::channel();
        if self.add(Waiting { payloads, sent }) {
            // Spawned, so that a canceled request does not keep the others waiting.
            tokio::spawn(self.clone().send());
        }
        matches!(tokio::time::timeout(NOTIFY_TIMEOUT, is_sent).await, Ok(Ok(())))
    }

    /// Waits until notifications couldn't be sent.
    pub(super) async fn failed(&self) {
        self.failure.notified().await;
    }

    /// Whether it's the only one that waits.
    fn add(&self, one: Waiting) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(one);
        waiting.len() == 1
    }

    /// Sends everything that waits.
    async fn send(self: Arc<Self>) {
        // Those that come while an earlier batch is being sent wait here, and go together.
        let mut connection = self.connection.lock().await;
        let waiting = mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let payloads: Vec<&str> = waiting.iter().flat_map(|one| &one.payloads).map(String::as_str).collect();
        let mut delays = retry_delays();
        loop {
            let sent = tokio::time::timeout(SEND_TIMEOUT, self.send_once(&mut connection, &payloads)).await;
            let Err(error) = sent.unwrap_or(Err(sqlx::Error::PoolTimedOut)) else { break };
            *connection = None;
            let Some(delay) = delays.next() else {
                tracing::warn!(%error, "other instances couldn't be notified of changes; they will refetch");
                self.failure.notify_one();
                return;
            };
            tokio::time::sleep(delay).await;
        }
        for Waiting { sent, .. } in waiting {
            // A request that timed out has dropped its end.
            let _ = sent.send(());
        }
    }

    async fn send_once(&self, connection: &mut Option<PgConnection>, payloads: &[&str]) -> Result<()> {
        let conn = match connection {
            Some(conn) => conn,
            none => {
                let options = self.pool.connect_options().as_ref().clone().application_name("tallyboard-notify");
                none.insert(options.connect().await?)
            }
        };
        sqlx::query(NOTIFY).bind(CHANNEL).bind(payloads).execute(conn).await.map(drop)
    }
}
