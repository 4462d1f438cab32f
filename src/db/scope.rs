//! Transactions that know whose they are.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use futures::future::BoxFuture;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction, pool::PoolConnection};

use super::{CHANNEL, Changes, Database, Event, Pools};
use crate::{
    auth::AuthenticatedUser,
    error::{Error, Result, Retry},
    id::UserId,
};

/// How long a transaction's first answer may take before the caller is told to come back.
const BEGIN_TIMEOUT: Duration = Duration::from_millis(2500);
/// How long all of a transaction may take.
const WORK_TIMEOUT: Duration = Duration::from_secs(10);

/// Proof that `auth` or `ops` is asking, who alone may work outside a user's scope.
pub struct SystemKey(());

impl From<crate::auth::DatabaseKey> for SystemKey {
    fn from(_: crate::auth::DatabaseKey) -> Self {
        Self(())
    }
}

impl From<crate::ops::DatabaseKey> for SystemKey {
    fn from(_: crate::ops::DatabaseKey) -> Self {
        Self(())
    }
}

/// The connection of a scope, for `on_both!`.
pub enum Connection<'a> {
    /// SQLite's.
    Sqlite(&'a mut SqliteConnection),
    /// PostgreSQL's.
    Postgres(&'a mut PgConnection),
}

/// With whom a held thing is shared until the transaction ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nobody.
    Alone,
    /// Others who hold it together.
    Together,
}

impl Connection<'_> {
    /// Waits for its turn at what `id` names and keeps it until the transaction ends. On SQLite
    /// writers wait for one another anyway.
    pub async fn hold(self, id: uuid::Uuid, hold: Hold) -> Result<()> {
        let Connection::Postgres(conn) = self else { return Ok(()) };
        let sql = match hold {
            Hold::Alone => "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))",
            Hold::Together => "SELECT pg_advisory_xact_lock_shared(hashtextextended($1::text, 0))",
        };
        sqlx::query(sql).bind(id).execute(conn).await?;
        Ok(())
    }
}

pub(super) enum Tx {
    /// Reading only: each statement sees one snapshot, as on PostgreSQL; BEGIN and COMMIT would be
    /// two more trips to the connection's thread (measured: 11,700 counts a second, 17,900 without).
    SqliteRead(PoolConnection<Sqlite>),
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(super) fn connection(&mut self) -> Connection<'_> {
        match self {
            Tx::SqliteRead(connection) => Connection::Sqlite(&mut *connection),
            Tx::Sqlite(tx) => Connection::Sqlite(&mut *tx),
            Tx::Postgres(tx) => Connection::Postgres(&mut *tx),
        }
    }

    pub(super) async fn commit(self) -> Result<()> {
        match self {
            Tx::SqliteRead(_) => Ok(()),
            Tx::Sqlite(tx) => tx.commit().await,
            Tx::Postgres(tx) => tx.commit().await,
        }
        .map_err(|error| {
            // A COMMIT whose answer was lost may have been done: never again by itself.
            let mut error = Error::from(error);
            error.retry = Retry::No;
            error
        })
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    Read,
    Write,
}

/// Opens scopes of one user.
pub struct Scopes<'a> {
    database: &'a Database,
    user: UserId,
}

/// A transaction of one user. PostgreSQL's policies see the same user, so that a forgotten
/// WHERE finds nothing.
pub struct Scope {
    pub(super) tx: Tx,
    pub(super) user: UserId,
    pub(super) changes: Changes,
}

/// A transaction of the system itself: sign-in, before anybody is known.
pub struct SystemScope {
    tx: Tx,
    changes: Changes,
}

impl Scope {
    /// Whose transaction this is.
    pub fn user_id(&self) -> UserId {
        self.user
    }

    /// The connection, for the store's SQL.
    pub fn connection(&mut self) -> Connection<'_> {
        self.tx.connection()
    }

    /// Notes that this transaction changes `user`'s numbers; the commit makes it known.
    pub fn numbers_changed(&mut self, user: UserId) {
        self.changes.numbers.insert(user);
    }

    /// Notes what this transaction does, for those who are to hear of it; the commit makes it known.
    pub fn emit(&mut self, event_type: &str, to: Vec<UserId>, data: Value) {
        self.changes.events.push(Event { event_type: event_type.to_owned(), to, data });
    }
}

impl SystemScope {
    /// The connection, for the store's SQL.
    pub fn connection(&mut self) -> Connection<'_> {
        self.tx.connection()
    }

    /// Notes that this transaction changes `user`'s numbers; the commit makes it known.
    pub fn numbers_changed(&mut self, user: UserId) {
        self.changes.numbers.insert(user);
    }

    /// Notes what this transaction does, for those who are to hear of it; the commit makes it known.
    pub fn emit(&mut self, event_type: &str, to: Vec<UserId>, data: Value) {
        self.changes.events.push(Event { event_type: event_type.to_owned(), to, data });
    }
}

impl Database {
    /// Scopes of this user; the token check alone makes such a user.
    pub fn scope(&self, user: &AuthenticatedUser) -> Scopes<'_> {
        Scopes { database: self, user: user.id() }
    }

    /// Reads outside any user's scope.
    pub async fn system_read<T, F>(&self, _key: impl Into<SystemKey>, work: F) -> Result<T>
    where
        F: for<'a> Fn(&'a mut SystemScope) -> BoxFuture<'a, Result<T>>,
    {
        self.system(Mode::Read, work).await
    }

    /// Writes outside any user's scope.
    pub async fn system_write<T, F>(&self, _key: impl Into<SystemKey>, work: F) -> Result<T>
    where
        F: for<'a> Fn(&'a mut SystemScope) -> BoxFuture<'a, Result<T>>,
    {
        self.system(Mode::Write, work).await
    }

    async fn system<T, F>(&self, mode: Mode, work: F) -> Result<T>
    where
        F: for<'a> Fn(&'a mut SystemScope) -> BoxFuture<'a, Result<T>>,
    {
        retrying(|| async {
            let tx = begin(self, mode, None).await?;
            let mut scope = SystemScope { tx, changes: Changes::default() };
            let value = in_time(work(&mut scope)).await?;
            commit(self, scope.tx, scope.changes).await?;
            Ok(value)
        })
        .await
    }
}

impl Scopes<'_> {
    /// Runs `work` in a transaction that only reads.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'a> Fn(&'a mut Scope) -> BoxFuture<'a, Result<T>>,
    {
        self.run(Mode::Read, work).await
    }

    /// Runs `work` in a transaction and commits it when it answers `Ok`. Work that the database
    /// says it has not done is done again, so it must have no other effects.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'a> Fn(&'a mut Scope) -> BoxFuture<'a, Result<T>>,
    {
        self.run(Mode::Write, work).await
    }

    async fn run<T, F>(&self, mode: Mode, work: F) -> Result<T>
    where
        F: for<'a> Fn(&'a mut Scope) -> BoxFuture<'a, Result<T>>,
    {
        retrying(|| async {
            let tx = begin(self.database, mode, Some(self.user)).await?;
            let mut scope = Scope { tx, user: self.user, changes: Changes::default() };
            let value = in_time(work(&mut scope)).await?;
            commit(self.database, scope.tx, scope.changes).await?;
            Ok(value)
        })
        .await
    }
}

/// Commits, and makes known what was changed: to this instance at once, to others by a
/// notification that is part of the transaction.
async fn commit(database: &Database, mut tx: Tx, changes: Changes) -> Result<()> {
    let notices = changes.notices(database.instance());
    if let (Tx::Postgres(tx), false) = (&mut tx, notices.is_empty()) {
        let notify = "SELECT pg_notify($1, notice) FROM unnest($2::text[]) AS notice";
        sqlx::query(notify).bind(CHANNEL).bind(notices).execute(&mut **tx).await?;
    }
    let done = tx.commit().await;
    if done.is_ok() {
        database.committed(changes);
    } else {
        // A COMMIT whose answer was lost may have been done: who counts anew counts right.
        database.committed(Changes { events: Vec::new(), ..changes });
    }
    done
}

/// Does again what the database says was not done, for as long as a person would wait.
async fn retrying<T, W, F>(attempt: W) -> Result<T>
where
    W: FnMut() -> F,
    F: Future<Output = Result<T>>,
{
    let backoff = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(10))
        .with_max_delay(Duration::from_millis(400))
        .with_max_times(12)
        .with_total_delay(Some(Duration::from_secs(2)))
        .with_jitter();
    attempt.retry(backoff).when(|error: &Error| error.retry == Retry::Safe).await
}

async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(WORK_TIMEOUT, work).await.unwrap_or_else(|_| Err(Error::unavailable()))
}

/// Begins in one round trip. On PostgreSQL the transaction gives up the URL's role for the one
/// that owns nothing, and says who is asking; without a user it says that the system is.
pub(super) async fn begin(database: &Database, mode: Mode, user: Option<UserId>) -> Result<Tx> {
    let begin = async {
        match database.inner() {
            Pools::Sqlite { writer, reader, .. } => match mode {
                Mode::Read => reader.acquire().await.map(Tx::SqliteRead),
                // A deferred transaction that turns to writing fails at once instead of waiting.
                Mode::Write => writer.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite),
            },
            Pools::Postgres { pool, .. } => {
                let access = if mode == Mode::Read { "READ ONLY" } else { "READ WRITE" };
                let identity = match user {
                    // A typed id: nothing of a request's text gets into this statement.
                    Some(UserId(user)) => format!("SET LOCAL ROLE tallyboard_app; SET LOCAL app.user_id = '{user}'"),
                    None => "SET LOCAL app.system = 'on'".to_owned(),
                };
                let sql = format!("BEGIN {access}; SET LOCAL statement_timeout = '10s'; {identity}");
                pool.begin_with(AssertSqlSafe(sql)).await.map(Tx::Postgres)
            }
        }
    };
    match tokio::time::timeout(BEGIN_TIMEOUT, begin).await {
        Ok(tx) => Ok(tx?),
        Err(_) => Err(Error::unavailable()),
    }
}
