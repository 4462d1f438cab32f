//! Backups of SQLite: a copy of one moment, made by SQLite itself while others read and write.

use std::{collections::BTreeMap, path::Path, str::FromStr};

use sqlx::{
    AssertSqlSafe, ConnectOptions, SqliteConnection, query, query_scalar,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::{Contents, Failure, Manifest, watched};
use crate::{
    db::now,
    ops::progress::{Progress, Unit},
};

/// Tables that hold data; SQLite's own and those inside of a search index are left out.
const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND name NOT LIKE 'task\\_search%' ESCAPE '\\' ORDER BY name";

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
    let mut copy = open(to).await?;
    Ok(Contents { schema: schema(&mut copy).await?, created_at, tables: counts(&mut copy).await? })
}

/// Checks a database that came out of a backup.
pub async fn check(file: &Path, manifest: &Manifest, progress: &Progress) -> Result<(), Failure> {
    let mut connection = open(file).await.map_err(|error| format!("its database cannot be opened: {error}"))?;
    progress.step("Checking the database", 1, Unit::Rows);
    let broken = |what: String| format!("its database is damaged: {what}");
    let integrity: String = query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| broken(error.to_string()))?;
    if integrity != "ok" {
        return Err(broken(integrity).into());
    }
    let orphans: i64 =
        query_scalar("SELECT COUNT(*) FROM pragma_foreign_key_check()").fetch_one(&mut connection).await?;
    if orphans > 0 {
        return Err(broken(format!("{orphans} rows refer to rows that do not exist")).into());
    }
    if schema(&mut connection).await.map_err(|error| broken(error.to_string()))? != manifest.schema {
        return Err(broken("its schema is not the one of the manifest".to_owned()).into());
    }
    let found = counts(&mut connection).await?;
    if found != manifest.tables {
        return Err(broken("its tables have other numbers of rows than the manifest says".to_owned()).into());
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

async fn schema(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success").fetch_one(connection).await
}

async fn counts(connection: &mut SqliteConnection) -> Result<BTreeMap<String, i64>, sqlx::Error> {
    let names: Vec<String> = query_scalar(TABLES).fetch_all(&mut *connection).await?;
    let mut counts = BTreeMap::new();
    for name in names {
        // The name comes from the database's own list of tables.
        let count = query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{name}\""))).fetch_one(&mut *connection);
        counts.insert(name.clone(), count.await?);
    }
    Ok(counts)
}
