//! Migrations, compiled in: the same numbers for both databases.

use std::{fs::File, path::Path};

use sqlx::{
    ConnectOptions, Connection,
    migrate::{Migrate, MigrateError, Migrator},
};

use super::{Database, Pools, SystemKey};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Which way to migrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migration {
    /// To the newest.
    Up,
    /// The last one back.
    Down,
    /// All of them back, to nothing.
    DownAll,
}

/// One migration, and whether the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// Its number.
    pub version: i64,
    /// What it does.
    pub description: String,
    /// Whether it has been applied.
    pub applied: bool,
}

impl Database {
    /// Migrates; waits for another process that is doing so.
    pub async fn migrate(&self, key: impl Into<SystemKey>, way: Migration) -> Result<(), MigrateError> {
        match self.pools(key) {
            Pools::Sqlite { writer, path, .. } => {
                // sqlx takes no lock for SQLite; two processes that start together need one.
                let _lock = lock_beside(path).await?;
                let mut connection = writer.acquire().await?;
                match target(&SQLITE, &mut *connection, way).await? {
                    None => SQLITE.run_direct(None, &mut *connection, false).await,
                    Some(target) => SQLITE.undo(&mut *connection, target).await,
                }
            }
            Pools::Postgres { direct, .. } => {
                let mut connection = direct.connect().await?;
                match target(&POSTGRES, &mut connection, way).await? {
                    None => POSTGRES.run_direct(None, &mut connection, false).await?,
                    Some(target) => POSTGRES.undo(&mut connection, target).await?,
                }
                Ok(connection.close().await?)
            }
        }
    }

    /// Every migration that this binary knows, oldest first.
    pub async fn migrations(&self, key: impl Into<SystemKey>) -> Result<Vec<MigrationState>, MigrateError> {
        match self.pools(key) {
            Pools::Sqlite { writer, .. } => states(&SQLITE, &mut *writer.acquire().await?).await,
            Pools::Postgres { direct, .. } => states(&POSTGRES, &mut direct.connect().await?).await,
        }
    }
}

/// The version to go back to, or `None` to go up.
async fn target<C: Migrate>(
    migrator: &Migrator,
    connection: &mut C,
    way: Migration,
) -> Result<Option<i64>, MigrateError> {
    if way == Migration::Up {
        return Ok(None);
    }
    let applied: Vec<_> = states(migrator, connection).await?.into_iter().filter(|state| state.applied).collect();
    Ok(Some(match (way, applied.as_slice()) {
        (Migration::Down, [.., before, _last]) => before.version,
        _ => 0,
    }))
}

async fn states<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<Vec<MigrationState>, MigrateError> {
    connection.ensure_migrations_table(&migrator.table_name).await?;
    let applied = connection.list_applied_migrations(&migrator.table_name).await?;
    Ok(migrator
        .iter()
        .filter(|migration| migration.migration_type.is_up_migration())
        .map(|migration| MigrationState {
            version: migration.version,
            description: migration.description.to_string(),
            applied: applied.iter().any(|done| done.version == migration.version),
        })
        .collect())
}

async fn lock_beside(database: &Path) -> Result<Option<File>, MigrateError> {
    if database.as_os_str() == ":memory:" {
        return Ok(None);
    }
    let mut path = database.as_os_str().to_owned();
    path.push(".migrate-lock");
    let lock = tokio::task::spawn_blocking(move || {
        let file = File::create(path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    });
    match lock.await {
        Ok(Ok(file)) => Ok(Some(file)),
        Ok(Err(error)) => Err(MigrateError::Execute(sqlx::Error::Io(error))),
        Err(error) => Err(MigrateError::Execute(sqlx::Error::Io(std::io::Error::other(error)))),
    }
}
