//! A connection that belongs to no pool: for work on the whole database that may take long.

use std::str::FromStr;

use sqlx::{
    ConnectOptions, Executor, PgConnection, SqliteConnection, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};

use super::{BUSY_TIMEOUT, Connection, Scope, System, migrate::ENSURE_ROLE};
use crate::config::DatabaseConfig;

/// Sees every user's rows, has no time limit, and goes past a transaction pooler.
pub enum OwnConnection {
    /// SQLite's.
    Sqlite(SqliteConnection),
    /// PostgreSQL's.
    Postgres(PgConnection),
}

/// What has a connection for SQL that runs both in a [`super::Scope`] and without one.
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
    pub async fn open(config: &DatabaseConfig) -> Result<Self, sqlx::Error> {
        if config.url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(&config.url)?.busy_timeout(BUSY_TIMEOUT).foreign_keys(true);
            return Ok(Self::Sqlite(options.disable_statement_logging().connect().await?));
        }
        let url = config.direct_url.as_ref().unwrap_or(&config.url);
        let options = PgConnectOptions::from_str(url)?.application_name("tallyboard-maintenance");
        let mut connection = options.disable_statement_logging().connect().await?;
        connection.execute("SET app.system = 'on'").await?;
        Ok(Self::Postgres(connection))
    }

    /// Makes the role that the policies name, where the server does not have it yet.
    pub async fn ensure_role(&mut self) -> Result<(), sqlx::Error> {
        if let Self::Postgres(connection) = self {
            connection.execute(ENSURE_ROLE).await?;
        }
        Ok(())
    }
}
