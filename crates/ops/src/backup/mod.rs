//! Backups: made while the server runs, checked before they are trusted, and restored whole or not at all.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::query_scalar;
use uuid::Uuid;

use super::{own_connection, progress::Progress};
use tallyboard_base::config::{BackupConfig, Config, DatabaseConfig};
use tallyboard_db::{OwnConnection, now};

mod archive;
mod postgres;
mod restore;
mod restored_roles;
pub mod schedule;
mod sqlite;

pub use archive::Manifest;
pub use postgres::server_version;
pub use restore::{Restored, restore};

/// What went wrong, for the operator.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The kind of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server; the file is what pg_dump writes.
    Postgres,
}

impl Engine {
    fn of(config: &DatabaseConfig) -> Self {
        if config.is_sqlite() { Self::Sqlite } else { Self::Postgres }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Sqlite => "database.sqlite",
            Self::Postgres => "database.pgdump",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The contents of a database snapshot.
pub struct Contents {
    /// Its last migration.
    pub schema: i64,
    /// The moment of the snapshot.
    pub created_at: DateTime<Utc>,
    /// The rows of each table.
    pub tables: BTreeMap<String, i64>,
}

/// A backup in a folder.
#[derive(Clone, Debug, Serialize)]
pub struct Backup {
    /// Its file.
    pub path: PathBuf,
    /// The size of the file, in bytes.
    pub size: u64,
    /// Its manifest.
    #[serde(flatten)]
    pub manifest: Manifest,
}

/// How many backups to keep.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// How many of the newest to keep.
    pub newest: usize,
    /// How many days to keep them; the newest always stays.
    pub days: u32,
}

impl Retention {
    /// As the settings say.
    pub fn of(config: &BackupConfig) -> Self {
        Self { newest: config.keep as usize, days: config.keep_days }
    }
}

/// A folder with backups. One process at a time writes to it.
struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    fn open(path: &Path) -> Result<Self, Failure> {
        let describe = |error| format!("the folder {}: {error}", path.display());
        fs::create_dir_all(path).map_err(describe)?;
        let lock = File::create(path.join(".lock")).map_err(describe)?;
        lock.try_lock().map_err(|_| format!("another backup into {} is in progress", path.display()))?;
        let folder = Self { path: path.to_owned(), _lock: lock };
        // Leftovers of a killed process.
        for entry in fs::read_dir(path)?.filter_map(Result::ok) {
            if entry.file_name().to_string_lossy().starts_with(".partial-") {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(folder)
    }

    fn partial(&self) -> Result<Partial, Failure> {
        Partial::create(self.path.join(format!(".partial-{}", std::process::id())))
    }
}

/// A folder for files that are not finished; it is deleted when it is dropped.
struct Partial(PathBuf);

impl Partial {
    fn create(path: PathBuf) -> Result<Self, Failure> {
        fs::create_dir(&path).map_err(|error| format!("the folder {}: {error}", path.display()))?;
        Ok(Self(path))
    }

    /// In the system's folder for temporary files.
    fn create_temporary() -> Result<Self, Failure> {
        Self::create(std::env::temp_dir().join(format!("tallyboard-backup-{}", Uuid::now_v7())))
    }

    fn database(&self) -> PathBuf {
        self.0.join("database")
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes a backup of the database in `folder`, and deletes old ones.
///
/// # Errors
/// Nothing is left of a backup that failed, and no older one was deleted.
pub async fn create(config: &Config, folder: &Path, keep: Retention, progress: &Progress) -> Result<Backup, Failure> {
    let folder = Folder::open(folder)?;
    let backup = write(&config.database, &folder, progress).await?;
    for old in expired(list(&folder.path)?, backup.manifest.engine, keep, now()) {
        fs::remove_file(&old.path)?;
    }
    progress.finish();
    Ok(backup)
}

async fn write(config: &DatabaseConfig, folder: &Folder, progress: &Progress) -> Result<Backup, Failure> {
    let partial = folder.partial()?;
    let (database, packed) = (partial.database(), partial.0.join("packed"));
    let (engine, contents) = match own_connection(config).await? {
        OwnConnection::Sqlite(connection) => (Engine::Sqlite, sqlite::snapshot(connection, &database, progress).await?),
        OwnConnection::Postgres(connection) => {
            (Engine::Postgres, postgres::dump(config, connection, &database, progress).await?)
        }
    };
    let name = format!("tallyboard-{}.tar.gz", contents.created_at.format("%Y%m%dT%H%M%S%3fZ"));
    let path = folder.path.join(name);
    // Reading and compressing block: not on a thread that answers requests.
    let manifest = tokio::task::block_in_place(|| {
        let manifest = Manifest::of(&database, engine, contents, progress)?;
        archive::write(&packed, &manifest, &database, progress)?;
        fs::rename(&packed, &path)?;
        archive::sync_folder(&folder.path)?;
        Ok::<_, Failure>(manifest)
    })?;
    Ok(Backup { size: fs::metadata(&path)?.len(), path, manifest })
}

/// The backups in a folder, newest first. Other files are left out.
pub fn list(folder: &Path) -> Result<Vec<Backup>, Failure> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| format!("the folder {}: {error}", folder.display()))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with("tallyboard-") || !name.ends_with(".tar.gz") {
            continue;
        }
        match archive::read_manifest(&entry.path()) {
            Ok(manifest) => found.push(Backup { path: entry.path(), size: entry.metadata()?.len(), manifest }),
            Err(error) => tracing::warn!(file = %entry.path().display(), %error, "not a backup"),
        }
    }
    found.sort_by_key(|backup| std::cmp::Reverse(backup.manifest.created_at));
    Ok(found)
}

/// The backups of this engine that need not be kept; `backups` are newest first.
fn expired(backups: Vec<Backup>, engine: Engine, keep: Retention, now: DateTime<Utc>) -> Vec<Backup> {
    let oldest = now - TimeDelta::days(keep.days.into());
    let of_engine = backups.into_iter().filter(|backup| backup.manifest.engine == engine).skip(1).enumerate();
    let is_expired = |place: usize, backup: &Backup| place + 1 >= keep.newest || backup.manifest.created_at < oldest;
    of_engine.filter(|(place, backup)| is_expired(*place, backup)).map(|(_, backup)| backup).collect()
}

/// Checks a backup without restoring it: the file, its checksum and, for SQLite, the database in it.
pub async fn verify(file: &Path, progress: &Progress) -> Result<Manifest, Failure> {
    let partial = Partial::create_temporary()?;
    let database = partial.database();
    let manifest = tokio::task::block_in_place(|| archive::extract(file, &database, progress))?;
    match manifest.engine {
        Engine::Sqlite => sqlite::check(&database, &manifest, progress).await?,
        Engine::Postgres => postgres::check(&database).await?,
    }
    progress.finish();
    Ok(manifest)
}

/// Tables that hold data; SQLite's own and those inside of a search index are left out.
const SQLITE_TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND name NOT LIKE 'task\\_search%' ESCAPE '\\' ORDER BY name";
const POSTGRES_TABLES: &str = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename";

/// How many rows each table has.
async fn row_counts(connection: &mut OwnConnection) -> Result<BTreeMap<String, i64>, sqlx::Error> {
    let names: Vec<String> = match connection {
        OwnConnection::Sqlite(connection) => query_scalar(SQLITE_TABLES).fetch_all(connection).await?,
        OwnConnection::Postgres(connection) => query_scalar(POSTGRES_TABLES).fetch_all(connection).await?,
    };
    let mut counts = BTreeMap::new();
    for name in names {
        let count = connection.number(&format!("SELECT COUNT(*) FROM \"{name}\"")).await?;
        counts.insert(name, count);
    }
    Ok(counts)
}

/// How often to check the size of a file another program is writing.
const WATCH_INTERVAL: Duration = Duration::from_millis(200);

/// Runs `work`, which writes `file`, and tells how large the file is.
async fn watched<T>(file: &Path, progress: &Progress, work: impl Future<Output = T>) -> T {
    let watch = async {
        loop {
            tokio::time::sleep(WATCH_INTERVAL).await;
            progress.set(fs::metadata(file).map_or(0, |metadata| metadata.len()));
        }
    };
    tokio::select! {
        done = work => done,
        () = watch => unreachable!("it watches until the work is done"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(days_ago: i64, engine: Engine) -> Backup {
        let created_at = DateTime::UNIX_EPOCH + TimeDelta::days(1000 - days_ago);
        let manifest = serde_json::json!({
            "format": 1, "product": "tallyboard", "version": "0", "engine": engine, "schema": 1,
            "created_at": created_at, "tables": {}, "bytes": 0, "sha256": ""
        });
        let manifest = serde_json::from_value(manifest).unwrap_or_else(|error| unreachable!("{error}"));
        Backup { path: PathBuf::from(days_ago.to_string()), size: 0, manifest }
    }

    #[test]
    fn the_newest_stay_and_old_ones_go() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1000);
        let expired_after = |keep: Retention, days: &[i64]| -> Vec<String> {
            let mut backups: Vec<_> = days.iter().map(|days| backup(*days, Engine::Sqlite)).collect();
            backups.push(backup(900, Engine::Postgres));
            expired(backups, Engine::Sqlite, keep, now).iter().map(|backup| backup.path.display().to_string()).collect()
        };
        assert_eq!(expired_after(Retention { newest: 2, days: 365 }, &[0, 1, 2, 3]), ["2", "3"]);
        assert_eq!(expired_after(Retention { newest: 10, days: 2 }, &[0, 1, 2, 3]), ["3"]);
        // Even when no backup was made for a long time.
        assert!(expired_after(Retention { newest: 1, days: 2 }, &[30]).is_empty());
        assert!(expired_after(Retention { newest: 3, days: 2 }, &[]).is_empty());
    }
}
