//! Whether a SQLite database is whole.

use sqlx::{SqliteConnection, query_scalar};

/// A description of what's wrong with a database's pages or references; `None` when all is right. It reads every page.
pub async fn damage(connection: &mut SqliteConnection) -> Result<Option<String>, sqlx::Error> {
    let pages: String = query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut *connection).await?;
    if pages != "ok" {
        return Ok(Some(pages));
    }
    let orphans: i64 = query_scalar("SELECT COUNT(*) FROM pragma_foreign_key_check()").fetch_one(connection).await?;
    Ok((orphans > 0).then(|| format!("{orphans} rows refer to rows that do not exist")))
}
