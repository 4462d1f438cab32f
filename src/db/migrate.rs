//! Migrations, compiled in: the same numbers for both databases.

use std::{fs::File, path::Path};

use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, SqlSafeStr,
    migrate::{Migrate, MigrateError, MigrationType, Migrator},
    postgres::PgConnectOptions,
};

use super::{Database, Pools, beside};

// `SQLITE` and `POSTGRES`: version, description, "up" and "down" of each migration. build.rs writes them from
// the folder `migrations`; sqlx's `migrate!` would compile sqlx a second time, for the macro.
include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// A migration: version, description, the SQL to apply it, the SQL to undo it.
type MigrationFiles = (i64, &'static str, &'static str, &'static str);

fn migrator(files: &[MigrationFiles]) -> Migrator {
    let migrations = files.iter().flat_map(|(version, description, up, down)| {
        [(MigrationType::ReversibleUp, up), (MigrationType::ReversibleDown, down)].map(|(kind, sql)| {
            sqlx::migrate::Migration::new(*version, (*description).into(), kind, sql.into_sql_str(), false)
        })
    });
    Migrator::with_migrations(migrations.collect())
}

/// Makes the cluster-wide role of migration 0002. sqlx locks one database at a time, so first migrations of
/// two databases can make the role at the same moment: the loser sees a unique violation (or, for GRANT,
/// "tuple concurrently updated") after the winner has committed, and has nothing left to do.
pub(super) const ENSURE_ROLE: &str = "
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tallyboard_app') THEN
            CREATE ROLE tallyboard_app NOLOGIN;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$;
    DO $$ BEGIN
        IF NOT pg_has_role(current_user, 'tallyboard_app', 'MEMBER') THEN
            EXECUTE format('GRANT tallyboard_app TO %I', current_user);
        END IF;
    EXCEPTION WHEN unique_violation OR internal_error THEN NULL;
    END $$";

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
    /// What it does.
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
                let migrator = migrator(SQLITE);
                refuse_newer(&migrator, &mut *connection).await?;
                match target(&migrator, &mut *connection, direction).await? {
                    None => migrator.run_direct(None, &mut *connection, false).await,
                    Some(target) => migrator.undo(&mut *connection, target).await,
                }
            }
            Pools::Postgres { direct, .. } => {
                let mut connection = lock_postgres(direct).await?;
                let migrator = migrator(POSTGRES);
                refuse_newer(&migrator, &mut connection).await?;
                match target(&migrator, &mut connection, direction).await? {
                    None => {
                        connection.execute(ENSURE_ROLE).await?;
                        migrator.run_direct(None, &mut connection, false).await?;
                    }
                    Some(target) => migrator.undo(&mut connection, target).await?,
                }
                Ok(connection.close().await?)
            }
        }
    }

    /// Every migration that this binary knows, oldest first.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, MigrateError> {
        match self.pools() {
            Pools::Sqlite { writer, .. } => states(&migrator(SQLITE), &mut *writer.acquire().await?).await,
            Pools::Postgres { direct, .. } => states(&migrator(POSTGRES), &mut lock_postgres(direct).await?).await,
        }
    }
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

/// A connection that holds the lock by which sqlx keeps migrations apart, until it is closed. sqlx takes the lock (again)
/// only after our first look, and `CREATE TABLE IF NOT EXISTS` fails when two do it at the same moment.
async fn lock_postgres(direct: &PgConnectOptions) -> Result<PgConnection, MigrateError> {
    let mut connection = direct.connect().await?;
    connection.lock().await?;
    Ok(connection)
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
