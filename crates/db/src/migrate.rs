//! Migrations, compiled in: the same numbers for both databases.

use std::{borrow::Cow, fs::File, path::Path, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqlSafeStr,
    migrate::{Migrate, MigrateError, MigrationType, Migrator},
    query,
};

use super::{
    Database, Pools, beside, environment,
    role::{self, AppRole, DatabaseInfo},
};

// `SQLITE` and `POSTGRES`: version, description, "up" and "down" of each migration. build.rs writes them from
// the folder `migrations`; sqlx's `migrate!` would compile sqlx a second time, for the macro.
include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// A migration: version, description, the SQL to apply it, the SQL to undo it.
type MigrationFiles = (i64, &'static str, &'static str, &'static str);

/// How long to wait before logging that another process has the lock.
const SILENT_WAIT: Duration = Duration::from_secs(5);
/// Keeps other processes away until the transaction ends. sqlx's own lock belongs to a session: behind a transaction pooler
/// it would stay on a backend that nobody finds again.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('tallyboard migrations', 0))";

/// The migrations of a database; on PostgreSQL, their SQL names its app role.
fn migrator(files: &[MigrationFiles], role: Option<&AppRole>) -> Migrator {
    let migrations = files.iter().flat_map(|(version, description, up, down)| {
        [(MigrationType::ReversibleUp, *up), (MigrationType::ReversibleDown, *down)].map(|(kind, sql)| {
            let description = Cow::Borrowed(*description);
            let mut migration = sqlx::migrate::Migration::new(*version, description, kind, sql.into_sql_str(), false);
            // The checksum stays that of the file.
            if let Some(role) = role {
                migration.sql = AssertSqlSafe(role.apply_to(sql)).into_sql_str();
            }
            migration
        })
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    migrator.set_locking(false);
    migrator
}

/// The direction of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migration {
    /// To the newest version.
    Up,
    /// Undoes the last one.
    Down,
    /// Undoes all of them, to an empty database.
    DownAll,
}

/// One migration, and whether the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// Its number.
    pub version: i64,
    /// Its effect.
    pub description: String,
    /// Whether it has been applied.
    pub applied: bool,
}

/// The number of the last migration that this program knows.
pub fn newest_schema() -> i64 {
    SQLITE.last().map_or(0, |(version, ..)| *version)
}

impl Database {
    /// Migrates; waits for another process that is doing so.
    pub async fn migrate(&self, direction: Migration) -> Result<(), MigrateError> {
        match self.pools() {
            Pools::Sqlite { writer, path, .. } => {
                // sqlx takes no lock for SQLite; two processes that start together need one.
                let _lock = lock_beside(path).await?;
                let mut connection = writer.acquire().await?;
                let migrator = migrator(SQLITE, None);
                refuse_newer(&migrator, &mut *connection).await?;
                match target(&migrator, &mut *connection, direction).await? {
                    None => migrator.run_direct(None, &mut *connection, false).await,
                    Some(target) => migrator.undo(&mut *connection, target).await,
                }
            }
            Pools::Postgres { direct, .. } => {
                let mut connection = direct.connect().await?;
                let mut transaction = connection.begin().await?;
                let role = migrate_postgres(&mut transaction, direction).await?;
                transaction.commit().await?;
                self.set_app_role(role);
                Ok(connection.close().await?)
            }
        }
    }

    /// Every migration that this binary knows, oldest first.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, MigrateError> {
        match self.pools() {
            Pools::Sqlite { writer, .. } => states(&migrator(SQLITE, None), &mut *writer.acquire().await?).await,
            Pools::Postgres { direct, .. } => {
                let mut connection = direct.connect().await?;
                let mut transaction = connection.begin().await?;
                lock_postgres(&mut transaction).await?;
                let states = states(&migrator(POSTGRES, None), &mut *transaction).await?;
                transaction.commit().await?;
                connection.close().await?;
                Ok(states)
            }
        }
    }
}

/// Migrates in the transaction that is open on `connection`: all of it is done, or nothing. Returns the role that users'
/// transactions run as from then on.
async fn migrate_postgres(connection: &mut PgConnection, direction: Migration) -> Result<AppRole, MigrateError> {
    lock_postgres(connection).await?;
    if direction == Migration::Up {
        environment::check(connection).await?;
    }
    let database = DatabaseInfo::of(connection).await?.database;
    let names = migrator(POSTGRES, None);
    refuse_newer(&names, connection).await?;
    let Some(target) = target(&names, connection, direction).await? else {
        let is_new = applied_versions(&names, connection).await?.is_empty();
        let role = role::choose(connection, &database).await?;
        // A database whose migrations ran with another role is changed to this one afterwards.
        migrator(POSTGRES, Some(&role)).run_direct(None, connection, false).await?;
        role::adopt(connection, &role, is_new).await?;
        return Ok(role);
    };
    let role = role::current(connection).await?.unwrap_or_else(|| AppRole::Own(role::role_name(&database)));
    migrator(POSTGRES, Some(&role)).undo(connection, target).await?;
    Ok(role)
}

/// An older program must not write to a newer schema.
async fn refuse_newer<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<(), MigrateError> {
    let newest = applied_versions(migrator, connection).await?.into_iter().max().unwrap_or_default();
    if newest <= newest_schema() {
        return Ok(());
    }
    let why = format!(
        "the database has schema {newest}, and Tallyboard {} knows schema {}: start the version that made it, or a later one",
        env!("CARGO_PKG_VERSION"),
        newest_schema()
    );
    Err(MigrateError::Execute(sqlx::Error::Configuration(why.into())))
}

/// The version to go back to, or `None` to go up.
async fn target<C: Migrate>(
    migrator: &Migrator,
    connection: &mut C,
    direction: Migration,
) -> Result<Option<i64>, MigrateError> {
    if direction == Migration::Up {
        return Ok(None);
    }
    let applied: Vec<_> = states(migrator, connection).await?.into_iter().filter(|state| state.applied).collect();
    Ok(Some(match (direction, applied.as_slice()) {
        (Migration::Down, [.., before, _last]) => before.version,
        _ => 0,
    }))
}

async fn applied_versions<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<Vec<i64>, MigrateError> {
    connection.ensure_migrations_table(&migrator.table_name).await?;
    let applied = connection.list_applied_migrations(&migrator.table_name).await?;
    Ok(applied.into_iter().map(|migration| migration.version).collect())
}

async fn states<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<Vec<MigrationState>, MigrateError> {
    let applied = applied_versions(migrator, connection).await?;
    Ok(migrator
        .iter()
        .filter(|migration| migration.migration_type.is_up_migration())
        .map(|migration| MigrationState {
            version: migration.version,
            description: migration.description.to_string(),
            applied: applied.contains(&migration.version),
        })
        .collect())
}

/// Waits until no other process migrates this database, and keeps others away until the transaction ends.
async fn lock_postgres(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let locking = query(LOCK).execute(connection);
    tokio::pin!(locking);
    if let Ok(locked) = tokio::time::timeout(SILENT_WAIT, &mut locking).await {
        return locked.map(drop);
    }
    tracing::warn!("waiting for another Tallyboard that is migrating this database");
    locking.await.map(drop)
}

async fn lock_beside(database: &Path) -> Result<Option<File>, MigrateError> {
    if database.as_os_str() == ":memory:" {
        return Ok(None);
    }
    let path = beside(database, ".migrate-lock");
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
