//! NOTIFY: tells the other instances on the same PostgreSQL what this one has committed.
//!
//! A NOTIFY inside a transaction takes a lock of the whole cluster until that transaction is durable, so no two of them share an
//! fsync (measured: 1,055 transactions a second instead of 3,125). It is sent after the COMMIT, before the request is answered,
//! for all that commit meanwhile in one statement. What an instance has committed and not notified when it dies, was answered to
//! nobody; the others notice that it's gone and refetch (listen.rs).

use std::{
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::{ConnectOptions, PgConnection, PgPool, Result};
use tokio::sync::{Mutex as AsyncMutex, oneshot};

use super::{CHANNEL, Database, Pools, scope::retry_delays};

/// How long a request waits until the other instances are notified.
const NOTIFY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one attempt may take: the connection may be dead without saying so.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);
/// Nothing is lost with such a transaction, so nobody waits for its fsync.
const NOTIFY: &str = "SELECT pg_notify($1, payload), set_config('synchronous_commit', 'off', true)
    FROM unnest($2::text[]) AS payload";

/// What waits to be notified, and the connection for it.
#[derive(Default)]
pub(super) struct Notifier {
    waiting: Mutex<Vec<Waiting>>,
    connection: AsyncMutex<Option<PgConnection>>,
}

struct Waiting {
    payloads: Vec<String>,
    /// Dropped when they can't be sent.
    sent: oneshot::Sender<()>,
}

impl Notifier {
    /// Whether it's the only one that waits.
    fn add(&self, one: Waiting) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(one);
        waiting.len() == 1
    }

    fn take(&self) -> Vec<Waiting> {
        mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends everything that waits.
    async fn send(&self, pool: &PgPool) -> Result<()> {
        // Those that come while an earlier batch is being sent wait here, and go together.
        let mut connection = self.connection.lock().await;
        let waiting = self.take();
        let payloads: Vec<&str> = waiting.iter().flat_map(|one| &one.payloads).map(String::as_str).collect();
        let mut delays = retry_delays();
        loop {
            let sent = tokio::time::timeout(SEND_TIMEOUT, send_once(&mut connection, pool, &payloads)).await;
            let Err(error) = sent.unwrap_or(Err(sqlx::Error::PoolTimedOut)) else { break };
            *connection = None;
            let Some(delay) = delays.next() else { return Err(error) };
            tokio::time::sleep(delay).await;
        }
        for Waiting { sent, .. } in waiting {
            // A request that timed out has dropped its end.
            let _ = sent.send(());
        }
        Ok(())
    }
}

async fn send_once(connection: &mut Option<PgConnection>, pool: &PgPool, payloads: &[&str]) -> Result<()> {
    let conn = match connection {
        Some(conn) => conn,
        none => {
            none.insert(pool.connect_options().as_ref().clone().application_name("tallyboard-notify").connect().await?)
        }
    };
    sqlx::query(NOTIFY).bind(CHANNEL).bind(payloads).execute(conn).await.map(drop)
}

impl Database {
    /// Notifies the other instances, and waits until PostgreSQL has the notifications; `false` when they couldn't be sent.
    pub(super) async fn notify(&self, payloads: Vec<String>) -> bool {
        let Pools::Postgres { notifier, .. } = self.pools() else { return true };
        if payloads.is_empty() {
            return true;
        }
        let (sent, is_sent) = oneshot::channel();
        if notifier.add(Waiting { payloads, sent }) {
            // In a task of its own: a request that goes away must not keep the others waiting.
            tokio::spawn(self.clone().send_notifications());
        }
        matches!(tokio::time::timeout(NOTIFY_TIMEOUT, is_sent).await, Ok(Ok(())))
    }

    async fn send_notifications(self) {
        let Pools::Postgres { pool, notifier, .. } = self.pools() else { return };
        if let Err(error) = notifier.send(pool).await {
            tracing::warn!(%error, "other instances couldn't be notified of changes; they will refetch");
            self.listen_connection().renew();
        }
    }
}
