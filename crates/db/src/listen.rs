//! LISTEN: receives what other instances on the same PostgreSQL changed.

use std::{collections::BTreeSet, time::Duration};

use sqlx::{
    Executor,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::{sync::oneshot, time::MissedTickBehavior};

use super::{
    CHANNEL, Changes, Database, Notification, Pools, now,
    pooler::{self, NEEDS_DIRECT_URL},
};
use tallyboard_base::figures;
use tallyboard_model::error::{Error, Result};

/// The time limit for a notification to this instance itself.
const SELF_TEST_TIMEOUT: Duration = Duration::from_secs(2);
/// The connection is tested after this much silence.
const SELF_TEST_INTERVAL: Duration = Duration::from_secs(20);
/// How often to look whether the other instances are still there.
const PEER_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// The first number of the advisory locks by which listening connections show that they're there; the second is the process id
/// of their backend. Locks of rows have one large number (`Connection::lock`), so the two never meet.
const PEERS: i32 = 0x7461_6c6c;
/// Behind a transaction pooler: when to look again whether it is one.
const POOLER_CHECK_INTERVAL: Duration = Duration::from_secs(60);
const FIRST_RECONNECT_DELAY: Duration = Duration::from_secs(1);
const LONGEST_RECONNECT_DELAY: Duration = Duration::from_secs(30);

/// The connection's name in `pg_stat_activity`.
const APPLICATION_NAME: &str = "tallyboard-listen";

/// What [`Database::listen`] reports.
#[derive(Debug)]
pub enum ListenEvent {
    /// Notifications arrive from now on. Earlier ones were missed: cached statistics are not valid.
    Connected,
    /// Another instance committed this.
    Changes(Changes),
    /// Another instance is gone. It may have committed something that it didn't notify.
    PeerGone,
    /// Notifications no longer arrive.
    Disconnected,
    /// A transaction pooler is in the way: LISTEN would stay on a connection that others use, too.
    NotPossible,
    /// Nobody uses the board, and the database may suspend (`database.keep_awake`).
    Asleep,
}

impl Database {
    /// Whether other processes may change this database.
    pub fn is_shared(&self) -> bool {
        matches!(self.pools(), Pools::Postgres { .. })
    }

    /// Waits until every change that any process committed before this call has been applied here;
    /// `false` when that cannot be known.
    ///
    /// PostgreSQL signals listeners before it answers a COMMIT, and a listening connection receives what
    /// it was signalled before the end of its next answer. So one query over that connection is enough,
    /// and all callers that wait at the same time share one query.
    pub async fn notifications_applied(&self) -> bool {
        // Boxed, so that SQLite's callers don't hold its future.
        !self.is_shared() || Box::pin(self.wait_for_notifications()).await
    }

    async fn wait_for_notifications(&self) -> bool {
        let Some(sender) = self.listen_connection().sender() else { return false };
        let (request, applied) = oneshot::channel();
        sender.send(request).is_ok()
            && tokio::time::timeout(SELF_TEST_TIMEOUT, applied).await.is_ok_and(|applied| applied.is_ok())
    }

    /// Calls `handler` with everything that other instances commit, until the future is dropped. It uses a
    /// separate connection and reconnects when that fails. On SQLite it returns at once.
    pub async fn listen(&self, handler: impl Fn(ListenEvent)) {
        if !self.is_shared() {
            return;
        }
        let mut delay = FIRST_RECONNECT_DELAY;
        let mut had_pooler = false;
        loop {
            if !self.is_awake() {
                handler(ListenEvent::Asleep);
                self.awake().await;
            }
            if self.has_pooler_in_the_way().await {
                handler(ListenEvent::NotPossible);
                if !had_pooler {
                    tracing::warn!("changes from other instances arrive late: {NEEDS_DIRECT_URL}");
                }
                had_pooler = true;
                tokio::time::sleep(POOLER_CHECK_INTERVAL).await;
                continue;
            }
            had_pooler = false;
            let ended = self.listen_once(&handler, &mut delay).await;
            self.listen_connection().close();
            handler(ListenEvent::Disconnected);
            if let Err(error) = ended {
                tracing::warn!(%error, detail = error.detail, "the LISTEN connection failed");
            }
            let jitter = rand::random_range(0.8..1.2);
            tokio::time::sleep(delay.mul_f64(jitter)).await;
            delay = (delay * 2).min(LONGEST_RECONNECT_DELAY);
        }
    }

    /// Notifies itself once, as [`Database::listen`] does when it begins.
    ///
    /// # Errors
    /// The notification does not arrive, or a transaction pooler is in the way.
    pub async fn test_listening(&self) -> Result<()> {
        if self.has_pooler_in_the_way().await {
            return Err(Error::unavailable().detail(NEEDS_DIRECT_URL));
        }
        let Some(mut listener) = self.listener().await? else { return Ok(()) };
        self.self_test(&mut listener, &|_| {}).await
    }

    /// Also `false` when the server doesn't respond: connecting next reports that.
    async fn has_pooler_in_the_way(&self) -> bool {
        let Pools::Postgres { direct, .. } = self.pools() else { return false };
        matches!(pooler::is_transaction_pooler(direct).await, Ok(true))
    }

    async fn listener(&self) -> Result<Option<PgListener>> {
        let Pools::Postgres { direct, .. } = self.pools() else { return Ok(None) };
        let options = (**direct).clone().application_name(APPLICATION_NAME);
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&pool).await?;
        // A lost connection has to show: the loop below drops `try_recv` in the middle, and one that reconnects by itself
        // would then do so silently, and lose the notifications sent in between.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        sqlx::query("SELECT pg_advisory_lock_shared($1, pg_backend_pid())").bind(PEERS).execute(&mut listener).await?;
        Ok(Some(listener))
    }

    async fn listen_once(&self, handler: &impl Fn(ListenEvent), delay: &mut Duration) -> Result<()> {
        let Pools::Postgres { notifier, .. } = self.pools() else { return Ok(()) };
        let Some(mut listener) = self.listener().await? else { return Ok(()) };
        self.self_test(&mut listener, handler).await?;
        *delay = FIRST_RECONNECT_DELAY;
        handler(ListenEvent::Connected);
        let mut requests = self.listen_connection().open();
        let mut peers = BTreeSet::new();
        let mut peer_check = tokio::time::interval(PEER_CHECK_INTERVAL);
        peer_check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = peer_check.tick(), if self.is_awake() => {
                    let before = std::mem::replace(&mut peers, listening_backends(&mut listener).await?);
                    if !before.is_subset(&peers) {
                        handler(ListenEvent::PeerGone);
                    }
                }
                // Another connection: the other instances notice, and refetch.
                () = notifier.failed() => return Ok(()),
                Some(first) = requests.recv() => {
                    let mut waiting = vec![first];
                    while let Ok(another) = requests.try_recv() {
                        waiting.push(another);
                    }
                    // An empty statement: any answer will do, and PostgreSQL has nothing to plan.
                    listener.execute(sqlx::raw_sql("")).await?;
                    while let Some(notification) = listener.next_buffered() {
                        self.handle_payload(notification.payload(), handler);
                    }
                    for request in waiting {
                        // A caller that timed out has dropped its end.
                        let _ = request.send(());
                    }
                }
                received = tokio::time::timeout(SELF_TEST_INTERVAL, listener.try_recv()) => match received {
                    Ok(Ok(Some(notification))) => self.handle_payload(notification.payload(), handler),
                    Ok(Ok(None)) => return Err(Error::unavailable()),
                    Ok(Err(error)) => return Err(error.into()),
                    Err(_) if self.is_awake() => self.self_test(&mut listener, handler).await?,
                    // The database may suspend; the next request connects again.
                    Err(_) => return Ok(()),
                },
            }
        }
    }

    /// Notifies itself through the pool that writes use and waits for the notification: a transaction
    /// pooler accepts LISTEN and never delivers.
    async fn self_test(&self, listener: &mut PgListener, handler: &impl Fn(ListenEvent)) -> Result<()> {
        let Pools::Postgres { pool, .. } = self.pools() else { return Ok(()) };
        let own = Notification { from: self.instance(), changes: Changes::default(), at: None };
        let text = serde_json::to_string(&own).map_err(Error::internal)?;
        sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(&text).execute(pool).await?;
        let received = async {
            while let Some(notification) = listener.try_recv().await? {
                if notification.payload() == text {
                    return Ok(());
                }
                self.handle_payload(notification.payload(), handler);
            }
            Err(Error::unavailable())
        };
        tokio::time::timeout(SELF_TEST_TIMEOUT, received)
            .await
            .unwrap_or_else(|_| Err(Error::unavailable().detail("a notification to ourselves did not arrive")))
    }

    fn handle_payload(&self, payload: &str, handler: &impl Fn(ListenEvent)) {
        match serde_json::from_str::<Notification>(payload) {
            Ok(notification) if notification.from == self.instance() => {}
            Ok(notification) => {
                // Clocks differ: a change from the future has arrived at once.
                let lag = notification.at.map(|at| (now() - at).to_std().unwrap_or_default());
                lag.into_iter().for_each(figures::change_arrived);
                handler(ListenEvent::Changes(notification.changes));
            }
            Err(error) => tracing::warn!(%error, "a notification has an unknown format"),
        }
    }
}

/// The process ids of the backends that serve listening connections.
async fn listening_backends(listener: &mut PgListener) -> Result<BTreeSet<i64>> {
    let found: Vec<i64> = sqlx::query_scalar(
        "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid = $1::bigint::oid
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    .bind(i64::from(PEERS))
    .fetch_all(listener)
    .await?;
    Ok(found.into_iter().collect())
}
