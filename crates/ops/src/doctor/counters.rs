//! The dashboard's counters, compared with a count of the tasks.

use crate::own_connection;
use tallyboard_base::config::DatabaseConfig;
use tallyboard_core::statistics::counters::{self, Differences};
use tallyboard_db::OwnConnection;
use tallyboard_model::error::Result;

/// Compares the dashboard's counters with the tasks, and rebuilds them when one is wrong. Answers what was wrong.
pub async fn check_counters(config: &DatabaseConfig) -> Result<Differences> {
    let mut connection = own_connection(config).await?;
    let found = compare(&mut connection).await?;
    if found != Differences::default() {
        connection.execute("BEGIN IMMEDIATE", "BEGIN").await?;
        counters::rebuild(&mut connection).await?;
        connection.execute("COMMIT", "COMMIT").await?;
    }
    Ok(found)
}

/// Compares, at one moment of the database: people may write during it.
pub async fn compare(connection: &mut OwnConnection) -> Result<Differences> {
    connection.execute("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let found = counters::differences(connection).await;
    connection.execute("ROLLBACK", "ROLLBACK").await?;
    found
}
