//! Operations: health, repeated requests, demo data, checks of the database.

pub mod audit;
pub mod demo;
pub mod doctor;
pub mod health;
pub mod idempotency;

use crate::db::{Database, Scopes, System};

/// Transactions that see every user's rows: for health checks, demo data and repairs.
#[expect(clippy::disallowed_methods, reason = "operations concern the whole database")]
fn system(db: &Database) -> Scopes<'_, System> {
    db.system_scopes()
}
