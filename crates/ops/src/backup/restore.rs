//! Restores a backup: checked in a separate place first, then swapped in for the current data in one step.

use std::{
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use serde::Serialize;
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection, query_scalar, sqlite::SqliteConnectOptions,
};
use url::Url;

use super::{Engine, Failure, Folder, Manifest, Partial, archive, postgres, row_counts, sqlite, write};
use crate::{
    own_connection,
    progress::{Progress, Unit},
};
use tallyboard_base::config::{Config, DatabaseConfig};
use tallyboard_db::{DatabaseLock, OwnConnection, beside, pooler, role::quote_identifier};

/// The result of a restore.
#[derive(Debug, Serialize)]
pub struct Restored {
    /// The backup of the previous data, if there was any.
    pub safety_backup: Option<PathBuf>,
    /// The restored backup's manifest.
    pub manifest: Manifest,
}

/// Restores the backup `file` to the database of the settings.
///
/// # Errors
/// The database is unchanged: when a server uses it, when anything is wrong with the file, when it is of a newer
/// schema or of the other kind of database, and when the disk is full.
pub async fn restore(config: &Config, backups: &Path, file: &Path, progress: &Progress) -> Result<Restored, Failure> {
    let wrong = |error: Failure| -> Failure { format!("{}: {error}", file.display()).into() };
    let manifest = archive::read_manifest(file).map_err(wrong)?;
    let engine = Engine::of(&config.database);
    if manifest.engine != engine {
        let copy = "`tallyboard copy` moves between the two after a restore";
        return Err(
            format!("it is a backup of {}, the database is {}: {copy}", manifest.engine.name(), engine.name()).into()
        );
    }
    let newest = tallyboard_db::newest_schema();
    if manifest.schema > newest {
        let Manifest { version, schema, .. } = manifest;
        return Err(format!(
            "its schema is {schema}, this version knows {newest}: it needs Tallyboard {version} or later"
        )
        .into());
    }
    let restored = match engine {
        Engine::Sqlite => restore_sqlite(config, backups, file, progress).await,
        Engine::Postgres => restore_postgres(config, backups, file, progress).await,
    }
    .map_err(wrong)?;
    progress.finish();
    Ok(restored)
}

async fn restore_sqlite(
    config: &Config,
    backups: &Path,
    file: &Path,
    progress: &Progress,
) -> Result<Restored, Failure> {
    let options = SqliteConnectOptions::from_str(&config.database.url)?;
    let path = options.get_filename().to_path_buf();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let _alone = DatabaseLock::exclusive(&path)?;

    // Beside the database, so that the last step is a rename.
    let partial = folder.join(".restoring");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    let partial = Partial::create(partial)?;
    let restored = partial.database();
    let manifest = tokio::task::block_in_place(|| archive::extract(file, &restored, progress))?;
    sqlite::check(&restored, &manifest, progress).await?;

    let safety_backup = if path.exists() { Some(save_sqlite(config, backups, &path, progress).await?) } else { None };
    tokio::task::block_in_place(|| {
        fs::rename(&restored, &path)?;
        archive::sync_folder(folder)
    })?;
    Ok(Restored { safety_backup, manifest })
}

/// Backs up the current data and leaves its file complete, without a WAL that would be applied to another file.
async fn save_sqlite(config: &Config, backups: &Path, path: &Path, progress: &Progress) -> Result<PathBuf, Failure> {
    let folder = Folder::open(backups)?;
    match write(&config.database, &folder, progress).await {
        Ok(backup) => {
            let mut connection = SqliteConnection::connect(&config.database.url).await?;
            connection.execute("PRAGMA journal_mode = DELETE").await?;
            connection.close().await?;
            Ok(backup.path)
        }
        // It may be what a restore is for: then its files are kept as they are.
        Err(error) if is_damaged(error.as_ref()) => {
            tracing::warn!(%error, "the database is damaged; its files are kept");
            let kept = folder.path.join(format!("damaged-{}.db", tallyboard_db::now().format("%Y%m%dT%H%M%S%3fZ")));
            fs::copy(path, &kept)?;
            for suffix in ["-wal", "-shm"] {
                let beside_database = beside(path, suffix);
                match fs::copy(&beside_database, beside(&kept, suffix)) {
                    Ok(_) => fs::remove_file(beside_database)?,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(kept)
        }
        Err(error) => Err(format!("the current data could not be backed up: {error}").into()),
    }
}

/// SQLITE_CORRUPT and SQLITE_NOTADB, and tables that are not there.
fn is_damaged(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let Some(sqlx::Error::Database(error)) = error.downcast_ref::<sqlx::Error>() else { return false };
    let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or_default() & 0xff;
    matches!(code, 1 | 11 | 26)
}

async fn restore_postgres(
    config: &Config,
    backups: &Path,
    file: &Path,
    progress: &Progress,
) -> Result<Restored, Failure> {
    pooler::refuse_pooler(&config.database).await?;
    let url = Url::parse(config.database.url_past_pooler())?;
    let name = url.path().trim_start_matches('/').to_owned();
    let (temporary, old) = (format!("{name}_restoring"), format!("{name}_before_restore"));
    // The database cannot be renamed from within itself.
    let mut server = PgConnection::connect(&with_database(&url, "postgres")).await?;
    let is_alone: bool = query_scalar("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
        .bind(&temporary)
        .fetch_one(&mut server)
        .await?;
    if !is_alone {
        return Err("another restore of this database is in progress".into());
    }
    refuse_while_used(&mut server, &name).await?;
    // Leftovers of a killed restore; its safety backup was complete before.
    drop_database(&mut server, &temporary).await?;
    drop_database(&mut server, &old).await?;

    let partial = Partial::create_temporary()?;
    let dump = partial.database();
    let manifest = tokio::task::block_in_place(|| archive::extract(file, &dump, progress))?;

    let create = format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", quote_identifier(&temporary));
    server.execute(AssertSqlSafe(create)).await.map_err(|error| {
        format!("a database to check the backup in could not be made (the role needs CREATEDB): {error}")
    })?;
    let swapped = async {
        let checked = config.database.with_url(with_database(&url, &temporary));
        check_dump(&checked, &name, &dump, &manifest, progress).await?;
        let safety_backup = match has_tables(&config.database).await? {
            true => Some(write(&config.database, &Folder::open(backups)?, progress).await?.path),
            false => None,
        };
        refuse_while_used(&mut server, &name).await?;
        // Both or neither: renaming takes part in a transaction.
        let rename = |from: &str, to: &str| {
            format!("ALTER DATABASE {} RENAME TO {}", quote_identifier(from), quote_identifier(to))
        };
        let swap = format!("BEGIN; {}; {}; COMMIT", rename(&name, &old), rename(&temporary, &name));
        server.execute(AssertSqlSafe(swap)).await?;
        Ok::<_, Failure>(safety_backup)
    };
    match swapped.await {
        Ok(safety_backup) => {
            drop_database(&mut server, &old).await?;
            Ok(Restored { safety_backup, manifest })
        }
        Err(error) => {
            // Ends a transaction that failed in the middle.
            server.execute("ROLLBACK").await?;
            drop_database(&mut server, &temporary).await?;
            Err(error)
        }
    }
}

/// Loads a dump into an empty database, which will be called `name`, and compares it with the manifest.
async fn check_dump(
    config: &DatabaseConfig,
    name: &str,
    dump: &Path,
    manifest: &Manifest,
    progress: &Progress,
) -> Result<(), Failure> {
    let mut connection = own_connection(config).await?;
    let role = connection.choose_role(name).await?;
    progress.step("Loading the dump", 1, Unit::Rows);
    postgres::load(dump, config, &role).await?;
    let found = (connection.schema().await?, row_counts(&mut connection).await?);
    connection.close().await?;
    if found != (manifest.schema, manifest.tables.clone()) {
        return Err("its tables' row counts differ from the manifest".into());
    }
    Ok(())
}

async fn has_tables(config: &DatabaseConfig) -> Result<bool, Failure> {
    let OwnConnection::Postgres(mut connection) = own_connection(config).await? else { return Ok(false) };
    let found =
        query_scalar("SELECT to_regclass('public._sqlx_migrations') IS NOT NULL").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(found)
}

/// Refuses while others are connected. PostgreSQL notices a little later that a client is gone, and vacuums by itself.
async fn refuse_while_used(server: &mut PgConnection, name: &str) -> Result<(), Failure> {
    let count = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()
                 AND backend_type IS DISTINCT FROM 'autovacuum worker'";
    let mut others: i64 = 0;
    for _ in 0..20 {
        others = query_scalar(count).bind(name).fetch_one(&mut *server).await?;
        if others == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(format!("the database {name} has {others} open connections: stop every server first").into())
}

async fn drop_database(server: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    server.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quote_identifier(name)))).await?;
    Ok(())
}

fn with_database(url: &Url, name: &str) -> String {
    let mut url = url.clone();
    url.set_path(&format!("/{name}"));
    url.to_string()
}
