//! Backups of SQLite: a copy of one moment, made by SQLite itself while others read and write.

use std::{path::Path, str::FromStr};

use sqlx::{
    ConnectOptions, SqliteConnection, query, query_scalar,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::{Contents, Failure, Manifest, row_counts, watched};
use crate::{
    integrity,
    progress::{Progress, Unit},
};
use tallyboard_db::{OwnConnection, now};

/// Writes a copy of the database to `to`.
pub async fn snapshot(mut connection: SqliteConnection, to: &Path, progress: &Progress) -> Result<Contents, Failure> {
    let bytes: i64 = query_scalar("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        .fetch_one(&mut connection)
        .await?;
    progress.step("Copying the database", u64::try_from(bytes).unwrap_or_default(), Unit::Bytes);
    let created_at = now();
    // Unlike a copy of the file it is one moment, and unlike the backup API it never starts again because of a write.
    let copy = query("VACUUM INTO $1").bind(to.display().to_string()).execute(&mut connection);
    watched(to, progress, copy).await?;
    let mut copy = OwnConnection::Sqlite(open(to).await?);
    Ok(Contents { schema: copy.schema().await?, created_at, tables: row_counts(&mut copy).await? })
}

/// Checks a database that came out of a backup.
pub async fn check(file: &Path, manifest: &Manifest, progress: &Progress) -> Result<(), Failure> {
    let mut connection = open(file).await.map_err(|error| format!("its database cannot be opened: {error}"))?;
    progress.step("Checking the database", 1, Unit::Rows);
    let broken = |what: String| format!("its database is damaged: {what}");
    if let Some(damage) = integrity::damage(&mut connection).await.map_err(|error| broken(error.to_string()))? {
        return Err(broken(damage).into());
    }
    let mut connection = OwnConnection::Sqlite(connection);
    if connection.schema().await.map_err(|error| broken(error.to_string()))? != manifest.schema {
        return Err(broken("its schema differs from the manifest".to_owned()).into());
    }
    if row_counts(&mut connection).await? != manifest.tables {
        return Err(broken("its tables' row counts differ from the manifest".to_owned()).into());
    }
    progress.add(1);
    Ok(())
}

async fn open(file: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let url = format!("sqlite://{}", file.display());
    // Without a WAL the file is all there is.
    let options = SqliteConnectOptions::from_str(&url)?.journal_mode(SqliteJournalMode::Delete);
    options.disable_statement_logging().connect().await
}
