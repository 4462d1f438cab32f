//! Operations: health, limits, repeated requests, demo data, checks of the database.

pub mod answers;
pub mod audit;
pub mod backup;
pub mod copy;
pub mod demo;
pub mod doctor;
pub mod health;
pub mod idempotency;
mod integrity;
pub mod limits;
pub mod metrics;
pub mod performance;
pub mod progress;
mod wrong_passwords;

use crate::{
    config::DatabaseConfig,
    db::{Database, OwnConnection, Scopes, System},
};

/// Transactions that see every user's rows: for health checks, demo data and repairs.
#[expect(clippy::disallowed_methods, reason = "operations concern the whole database")]
fn system(db: &Database) -> Scopes<'_, System> {
    db.system_scopes()
}

/// A connection that sees every user's rows and has no time limit: for backups, restores and copies.
#[expect(clippy::disallowed_methods, reason = "operations concern the whole database")]
async fn own_connection(config: &DatabaseConfig) -> Result<OwnConnection, sqlx::Error> {
    OwnConnection::open(config).await
}
