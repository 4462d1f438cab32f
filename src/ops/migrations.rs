//! Migrations from the command line and at start.

use sqlx::migrate::MigrateError;

use super::DatabaseKey;
use crate::db::{Database, Migration, MigrationState};

/// Migrates `db`.
pub async fn run(db: &Database, way: Migration) -> Result<(), MigrateError> {
    db.migrate(DatabaseKey(()), way).await
}

/// Every migration and whether `db` has it.
pub async fn status(db: &Database) -> Result<Vec<MigrationState>, MigrateError> {
    db.migrations(DatabaseKey(())).await
}
