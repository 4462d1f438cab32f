//! The dashboard's counters, compared with a count of the tasks.

use sqlx::Executor;

use crate::{
    config::DatabaseConfig,
    db::OwnConnection,
    error::Result,
    ops::own_connection,
    statistics::counters::{self, Differences},
};

/// Compares the dashboard's counters with the tasks, and rebuilds them when one is wrong. Answers what was wrong.
pub async fn check_counters(config: &DatabaseConfig) -> Result<Differences> {
    let mut connection = own_connection(config).await?;
    let found = compare(&mut connection).await?;
    if found != Differences::default() {
        run(&mut connection, "BEGIN IMMEDIATE", "BEGIN").await?;
        counters::rebuild(&mut connection).await?;
        run(&mut connection, "COMMIT", "COMMIT").await?;
    }
    Ok(found)
}

/// Compares, at one moment of the database: people may write meanwhile.
pub async fn compare(connection: &mut OwnConnection) -> Result<Differences> {
    run(connection, "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let found = counters::differences(connection).await;
    run(connection, "ROLLBACK", "ROLLBACK").await?;
    found
}

async fn run(connection: &mut OwnConnection, sqlite: &'static str, postgres: &'static str) -> Result<()> {
    match connection {
        OwnConnection::Sqlite(connection) => connection.execute(sqlite).await.map(drop)?,
        OwnConnection::Postgres(connection) => connection.execute(postgres).await.map(drop)?,
    }
    Ok(())
}
