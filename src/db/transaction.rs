//! One database transaction on a pooled connection.
//!
//! sqlx's own `Transaction` is not used: SQLite rolls back by itself on some errors (disk full, I/O
//! error, out of memory, interrupt) and sqlx keeps counting the transaction as open, after which every
//! later write on that connection fails. Here BEGIN, COMMIT and ROLLBACK are plain statements, and a
//! connection goes back to its pool only after one of the last two succeeded. Any other end (an error,
//! a timeout, a dropped future) closes the connection; the pool then opens a new one.

use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres, SqliteConnection, pool::PoolConnection};

use super::{
    Database, Pools,
    sqlite_pool::{AcquiredConnection, SqliteConnections},
};
use crate::{
    error::{Error, Result, Retry},
    id::UserId,
};

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
    /// A transaction that only reads is sqlx's. When it is dropped, ROLLBACK is sent together with the ping by which
    /// sqlx's pool checks a returned connection: nobody waits for it, and it is no round trip of its own.
    PostgresReading(sqlx::Transaction<'static, Postgres>),
}

/// What a connection has open, and so what must happen before another request may use it.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// No transaction of ours: COMMIT and ROLLBACK have nothing to do. SQLite reads without one: each statement
    /// sees one snapshot, and BEGIN and COMMIT would be two more trips to the connection's thread
    /// (measured: 11,700 counts a second with them, 17,900 without).
    Autocommit,
    /// A transaction is open.
    Open,
    /// COMMIT or ROLLBACK succeeded: the connection can be reused.
    Ended,
}

/// An open transaction.
pub(super) struct Transaction {
    connection: PooledConnection,
    state: State,
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.state != State::Ended {
            match &mut self.connection {
                PooledConnection::Sqlite(connection) => connection.close_on_drop(),
                PooledConnection::Postgres(connection) => connection.close_on_drop(),
                PooledConnection::PostgresReading(_) => {}
            }
        }
    }
}

impl Transaction {
    /// Begins a transaction in one round trip. On PostgreSQL a user's transaction drops to the role that
    /// owns nothing and names the user to the row-level policies; without a user it is the system's.
    pub(super) async fn begin(database: &Database, mode: Mode, user: Option<UserId>) -> Result<Self> {
        match database.pools() {
            Pools::Sqlite { writer, reader, .. } => Self::begin_sqlite(writer, reader, mode).await,
            Pools::Postgres { pool, .. } => {
                let access = if mode == Mode::Read { "READ ONLY" } else { "READ WRITE" };
                let identity = match user {
                    // A typed id: no text of a request gets into this statement.
                    Some(UserId(user)) => format!("SET LOCAL ROLE tallyboard_app; SET LOCAL app.user_id = '{user}'"),
                    None => "SET LOCAL app.system = 'on'".to_owned(),
                };
                // Lists are read in an index's order. While a table has no statistics (before ANALYZE) the planner
                // would read a bitmap and sort all of it.
                let sql = format!(
                    "BEGIN {access}; SET LOCAL statement_timeout = '10s'; SET LOCAL enable_bitmapscan = off; {identity}"
                );
                if mode == Mode::Read {
                    let reading = pool.begin_with(AssertSqlSafe(sql)).await?;
                    return Ok(Self {
                        connection: PooledConnection::PostgresReading(reading),
                        state: State::Autocommit,
                    });
                }
                let connection = PooledConnection::Postgres(pool.acquire().await?);
                let mut transaction = Self { connection, state: State::Open };
                transaction.execute(AssertSqlSafe(sql)).await?;
                Ok(transaction)
            }
        }
    }

    async fn begin_sqlite(writer: &SqliteConnections, reader: &SqliteConnections, mode: Mode) -> Result<Self> {
        if mode == Mode::Read {
            let connection = PooledConnection::Sqlite(reader.acquire().await?);
            return Ok(Self { connection, state: State::Autocommit });
        }
        let connection = PooledConnection::Sqlite(writer.acquire().await?);
        let mut transaction = Self { connection, state: State::Open };
        // IMMEDIATE: a deferred transaction that turns to writing fails at once instead of waiting.
        transaction.execute("BEGIN IMMEDIATE").await?;
        Ok(transaction)
    }

    pub(super) fn connection(&mut self) -> Connection<'_> {
        match &mut self.connection {
            PooledConnection::Sqlite(connection) => Connection::Sqlite(connection),
            PooledConnection::Postgres(connection) => Connection::Postgres(connection),
            PooledConnection::PostgresReading(reading) => Connection::Postgres(reading),
        }
    }

    async fn execute(&mut self, sql: impl sqlx::SqlSafeStr) -> Result<(), sqlx::Error> {
        let sql = sql.into_sql_str();
        match self.connection() {
            Connection::Sqlite(conn) => conn.execute(sqlx::raw_sql(sql)).await.map(drop),
            Connection::Postgres(conn) => conn.execute(sqlx::raw_sql(sql)).await.map(drop),
        }
    }

    /// Commits. An error is never retried: a COMMIT whose answer was lost may have been done.
    pub(super) async fn commit(mut self) -> Result<()> {
        if self.state == State::Open {
            self.execute("COMMIT").await.map_err(|error| {
                let mut error = Error::from(error);
                error.retry = Retry::No;
                error
            })?;
        }
        self.state = State::Ended;
        Ok(())
    }

    /// Rolls back. When that fails, the database has done so by itself or the connection is broken:
    /// dropping the transaction closes it.
    pub(super) async fn rollback(mut self) {
        if self.state == State::Open
            && let Err(error) = self.execute("ROLLBACK").await
        {
            tracing::debug!(%error, "a connection is closed because ROLLBACK failed");
            return;
        }
        self.state = State::Ended;
    }
}
