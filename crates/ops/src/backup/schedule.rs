//! Backups that the server makes by itself.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use sqlx::query_scalar;
use tokio::process::Command;

use super::{Backup, Failure, Retention, create, list};
use crate::{own_connection, progress::Progress};
use tallyboard_base::{config::Config, figures};
use tallyboard_db::{Database, OwnConnection};

/// How often to check whether a backup is due.
const INTERVAL: Duration = Duration::from_secs(60);
/// The advisory lock of the one instance that makes the backups.
const LOCK: i64 = 0x7a11_b0a2_dbac_0b01;

/// Makes a backup whenever one is due, until the future is dropped. Of many instances on one PostgreSQL, the one that
/// holds the lock does it; when that instance ends, another gets the lock.
pub async fn run_forever(config: Config, db: Database) {
    if config.backup.every_hours == 0 {
        return;
    }
    let mut lock = None;
    loop {
        db.awake().await;
        match make_if_due(&config, &mut lock).await {
            Ok(None) => {}
            Ok(Some(backup)) => {
                figures::backup_ended(true);
                tracing::info!(file = %backup.path.display(), bytes = backup.size, "backup made");
            }
            Err(error) => {
                figures::backup_ended(false);
                tracing::error!(%error, "the backup failed; retrying");
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn make_if_due(config: &Config, lock: &mut Option<OwnConnection>) -> Result<Option<Backup>, Failure> {
    if !holds_lock(config, lock).await? {
        return Ok(None);
    }
    let folder = config.backup_folder();
    let newest = list(&folder)?.into_iter().next();
    let next = newest.map(|backup| backup.manifest.created_at + TimeDelta::hours(config.backup.every_hours.into()));
    if next.is_some_and(|next| next > Utc::now()) {
        return Ok(None);
    }
    let backup = create(config, &folder, Retention::of(&config.backup), &Progress::Silent).await?;
    run_hook(&config.backup.then, &backup).await?;
    Ok(Some(backup))
}

/// Whether this instance makes the backups. A connection that was lost has lost the lock.
async fn holds_lock(config: &Config, lock: &mut Option<OwnConnection>) -> Result<bool, Failure> {
    if config.database.is_sqlite() {
        return Ok(true);
    }
    if let Some(OwnConnection::Postgres(connection)) = lock {
        if query_scalar::<_, i32>("SELECT 1").fetch_one(connection).await.is_ok() {
            return Ok(true);
        }
        *lock = None;
    }
    let OwnConnection::Postgres(mut connection) = own_connection(&config.database).await? else { return Ok(true) };
    let got: bool = query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK).fetch_one(&mut connection).await?;
    if got {
        *lock = Some(OwnConnection::Postgres(connection));
    }
    Ok(got)
}

/// Runs the command of the settings after a backup: to copy it elsewhere.
pub async fn run_hook(command: &str, backup: &Backup) -> Result<(), Failure> {
    if command.is_empty() {
        return Ok(());
    }
    let status = Command::new("sh").args(["-c", command]).env("TALLYBOARD_BACKUP_FILE", &backup.path).status().await?;
    if status.success() { Ok(()) } else { Err(format!("the backup was made, but backup.then failed: {status}").into()) }
}
