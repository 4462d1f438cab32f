//! A connection that belongs to no pool: for work on the whole database that may take long.

use std::str::FromStr;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection as _, Executor, PgConnection, SqliteConnection, query_scalar,
    sqlite::SqliteConnectOptions,
};

use super::{
    BUSY_TIMEOUT, Connection, Scope, System, pooler,
    role::{self, AppRole},
};
use tallyboard_base::config::DatabaseConfig;

/// Sees every user's rows, has no time limit, and goes past a transaction pooler.
pub enum OwnConnection {
    /// SQLite's.
    Sqlite(SqliteConnection),
    /// PostgreSQL's.
    Postgres(PgConnection),
}

/// Anything with a connection, for SQL that runs both inside and outside a [`super::Scope`].
pub trait HasConnection {
    /// The connection.
    fn connection(&mut self) -> Connection<'_>;
}

impl HasConnection for OwnConnection {
    fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Postgres(connection) => Connection::Postgres(connection),
        }
    }
}

impl HasConnection for Scope<System> {
    fn connection(&mut self) -> Connection<'_> {
        Self::connection(self)
    }
}

impl OwnConnection {
    /// Connects to a database that exists. Only `ops` may call it (clippy.toml).
    ///
    /// # Errors
    /// The database does not answer, or only through a transaction pooler, where one session is several clients'.
    pub async fn open(config: &DatabaseConfig) -> Result<Self, sqlx::Error> {
        if config.is_sqlite() {
            let options = SqliteConnectOptions::from_str(&config.url)?.busy_timeout(BUSY_TIMEOUT).foreign_keys(true);
            return Ok(Self::Sqlite(options.disable_statement_logging().connect().await?));
        }
        pooler::refuse_pooler(config).await?;
        let options = pooler::options(config.url_past_pooler())?.application_name("tallyboard-maintenance");
        let mut connection = options.connect().await?;
        connection.execute("SET app.system = 'on'").await?;
        Ok(Self::Postgres(connection))
    }

    /// The role that users' transactions will run as in a database of this name. It is made where it can be.
    ///
    /// # Errors
    /// The database does not answer, or is SQLite, which has no roles.
    pub async fn choose_role(&mut self, database: &str) -> Result<AppRole, sqlx::Error> {
        match self {
            Self::Sqlite(_) => Err(sqlx::Error::Configuration("SQLite has no roles".into())),
            Self::Postgres(connection) => role::choose(connection, database).await,
        }
    }

    /// Runs a statement that the two databases spell differently.
    pub async fn execute(&mut self, sqlite: &'static str, postgres: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.execute(sqlite).await.map(drop),
            Self::Postgres(connection) => connection.execute(postgres).await.map(drop),
        }
    }

    /// The one number that a query answers. `sql` has nothing of a request in it.
    pub async fn number(&mut self, sql: &str) -> Result<i64, sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => query_scalar(sql).fetch_one(connection).await,
            Self::Postgres(connection) => query_scalar(sql).fetch_one(connection).await,
        }
    }

    /// The number of the last migration that was applied.
    pub async fn schema(&mut self) -> Result<i64, sqlx::Error> {
        self.number("SELECT CAST(coalesce(max(version), 0) AS bigint) FROM _sqlx_migrations WHERE success").await
    }

    /// Closes it in order: the database knows at once that nobody is connected.
    pub async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        }
    }
}
