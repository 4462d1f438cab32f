//! One database transaction on a pooled connection.
//!
//! sqlx's own `Transaction` is not used: SQLite rolls back by itself on some errors (disk full, I/O
//! error, out of memory, interrupt) and sqlx keeps counting the transaction as open, after which every
//! later write on that connection fails. Here BEGIN, COMMIT and ROLLBACK are plain statements, and a
//! connection goes back to its pool only after one of the last two succeeded. Any other end (an error,
//! a timeout, a dropped future) closes the connection; the pool then opens a new one.

use std::sync::PoisonError;

use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres, SqlSafeStr, SqliteConnection, pool::PoolConnection};
use sqlx_core::transaction::TransactionManager as _;

use super::{
    AuditEntry, Database, Pools, Via, audit,
    retry::commit_error,
    sqlite_pool::AcquiredConnection,
    sqlite_writer::{Publish, SqliteWrite},
};
use tallyboard_model::{error::Result, id::UserId};

/// The connection of a transaction, for `on_both!`.
pub enum Connection<'a> {
    /// SQLite's.
    Sqlite(&'a mut SqliteConnection),
    /// PostgreSQL's.
    Postgres(&'a mut PgConnection),
}

/// Whether other transactions may hold the same advisory lock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// No other transaction may.
    Exclusive,
    /// Others that ask for a shared lock may.
    Shared,
}

impl Connection<'_> {
    /// Takes the advisory lock that belongs to `id` and keeps it until the transaction ends. SQLite
    /// needs none: it has one writer at a time.
    pub async fn lock(self, id: uuid::Uuid, lock: Lock) -> Result<()> {
        let Connection::Postgres(conn) = self else { return Ok(()) };
        let sql = match lock {
            Lock::Exclusive => "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))",
            Lock::Shared => "SELECT pg_advisory_xact_lock_shared(hashtextextended($1::text, 0))",
        };
        sqlx::query(sql).bind(id).execute(conn).await?;
        Ok(())
    }
}

/// Whether a transaction may write.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    Read,
    Write,
}

enum PooledConnection {
    Sqlite(AcquiredConnection),
    Postgres(PoolConnection<Postgres>),
}

/// sqlx's way to begin and roll back. `start_rollback` only queues a ROLLBACK: it is sent together with the ping by which
/// sqlx's pool checks a returned connection, so nobody waits for it, and it costs no extra round trip.
type PostgresTransactions = <Postgres as sqlx::Database>::TransactionManager;

/// The transaction state of a connection, which decides the cleanup before its next use.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// No transaction of ours: COMMIT and ROLLBACK have nothing to do. SQLite reads without one: each statement
    /// sees one snapshot, and BEGIN and COMMIT would be two more trips to the connection's thread
    /// (measured: 11,700 counts a second with them, 17,900 without).
    Autocommit,
    /// A transaction is open, or is being opened.
    Open,
    /// A transaction of PostgreSQL that only reads is open: it is rolled back when the connection is dropped.
    Reading,
    /// COMMIT or ROLLBACK succeeded: the connection can be reused.
    Ended,
}

/// An open transaction.
pub(super) enum Transaction {
    /// SQLite's, which writes: it is committed together with others.
    Grouped(SqliteWrite),
    /// Any other.
    Pooled(PooledTransaction),
}

/// A transaction on a pooled connection.
pub(super) struct PooledTransaction {
    connection: PooledConnection,
    state: State,
    /// Sent in front of COMMIT, in the same round trip.
    audit: String,
}

impl Drop for PooledTransaction {
    fn drop(&mut self) {
        match (&mut self.connection, self.state) {
            (_, State::Ended) => {}
            (PooledConnection::Sqlite(connection), _) => connection.close_on_drop(),
            (PooledConnection::Postgres(connection), State::Reading) => {
                PostgresTransactions::start_rollback(connection)
            }
            (PooledConnection::Postgres(connection), _) => connection.close_on_drop(),
        }
    }
}

impl Transaction {
    /// Begins a transaction. On PostgreSQL a user's transaction drops to the role that owns nothing and names the user to the
    /// row-level policies; without a user it is the system's.
    pub(super) async fn begin(database: &Database, mode: Mode, user: Option<UserId>) -> Result<Self> {
        Ok(match database.pools() {
            Pools::Sqlite { writer, .. } if mode == Mode::Write => Self::Grouped(writer.begin().await?),
            Pools::Sqlite { reader, .. } => {
                let connection = PooledConnection::Sqlite(reader.acquire().await?);
                Self::Pooled(PooledTransaction::new(connection, State::Autocommit))
            }
            Pools::Postgres { pool, app_role, .. } => {
                let identity = match user {
                    Some(user) => app_role.read().unwrap_or_else(PoisonError::into_inner).identity(user),
                    None => "SET LOCAL app.system = 'on'".to_owned(),
                };
                Self::Pooled(PooledTransaction::begin_postgres(pool.acquire().await?, mode, &identity).await?)
            }
        })
    }

    pub(super) fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Grouped(connection) => Connection::Sqlite(connection),
            Self::Pooled(transaction) => transaction.connection(),
        }
    }

    /// Writes these rows into the audit log: at once, or with the COMMIT.
    pub(super) async fn record_audit(&mut self, entries: &[AuditEntry], via: Option<&Via>) -> Result<()> {
        match self {
            Self::Grouped(connection) => audit::insert(connection, entries, via).await,
            Self::Pooled(transaction) => {
                transaction.audit = audit::insert_statement(entries, via);
                Ok(())
            }
        }
    }

    /// Commits, and calls `publish` before anybody is answered. An error is never retried: a COMMIT whose answer was lost may have
    /// been done.
    pub(super) async fn commit(self, publish: Publish) -> Result<()> {
        match self {
            Self::Grouped(transaction) => transaction.commit(publish).await,
            Self::Pooled(transaction) => {
                let done = transaction.commit().await;
                publish(done.is_ok());
                done
            }
        }
    }

    pub(super) async fn rollback(self) {
        match self {
            Self::Grouped(transaction) => transaction.rollback().await,
            Self::Pooled(transaction) => transaction.rollback().await,
        }
    }
}

impl PooledTransaction {
    fn new(connection: PooledConnection, state: State) -> Self {
        Self { connection, state, audit: String::new() }
    }

    /// In one round trip.
    async fn begin_postgres(connection: PoolConnection<Postgres>, mode: Mode, identity: &str) -> Result<Self> {
        let access = if mode == Mode::Read { "READ ONLY" } else { "READ WRITE" };
        // Lists are read in an index's order. While a table has no statistics (before ANALYZE) the planner
        // would read a bitmap and sort all of it.
        let sql = format!(
            "BEGIN {access}; SET LOCAL statement_timeout = '10s'; SET LOCAL enable_bitmapscan = off; {identity}"
        );
        // From here on dropping it closes the connection: BEGIN may have worked and what follows it not.
        let mut transaction = Self::new(PooledConnection::Postgres(connection), State::Open);
        if let (Mode::Read, PooledConnection::Postgres(connection)) = (mode, &mut transaction.connection) {
            PostgresTransactions::begin(connection, Some(AssertSqlSafe(sql).into_sql_str())).await?;
            transaction.state = State::Reading;
        } else {
            transaction.execute(AssertSqlSafe(sql)).await?;
        }
        Ok(transaction)
    }

    fn connection(&mut self) -> Connection<'_> {
        match &mut self.connection {
            PooledConnection::Sqlite(connection) => Connection::Sqlite(connection),
            PooledConnection::Postgres(connection) => Connection::Postgres(connection),
        }
    }

    async fn execute(&mut self, sql: impl sqlx::SqlSafeStr) -> Result<(), sqlx::Error> {
        let sql = sql.into_sql_str();
        match self.connection() {
            Connection::Sqlite(conn) => conn.execute(sqlx::raw_sql(sql)).await.map(drop),
            Connection::Postgres(conn) => conn.execute(sqlx::raw_sql(sql)).await.map(drop),
        }
    }

    async fn commit(mut self) -> Result<()> {
        if self.state == State::Open {
            let sql = format!("{}COMMIT", self.audit);
            self.execute(AssertSqlSafe(sql)).await.map_err(commit_error)?;
        }
        self.end();
        Ok(())
    }

    /// Rolls back. When that fails the connection is broken: dropping the transaction closes it.
    async fn rollback(mut self) {
        if self.state == State::Open
            && let Err(error) = self.execute("ROLLBACK").await
        {
            tracing::debug!(%error, "a connection is closed because ROLLBACK failed");
            return;
        }
        self.end();
    }

    /// The connection can be reused. A reading transaction stays: dropping it rolls back.
    fn end(&mut self) {
        if self.state != State::Reading {
            self.state = State::Ended;
        }
    }
}
