//! For the operator: health, metrics, backups, copies, the doctor, demo data.

use tallyboard_base::config::DatabaseConfig;
use tallyboard_db::{Database, OwnConnection, Scopes, System};

pub mod answers;
pub mod backup;
pub mod copy;
pub mod demo;
pub mod doctor;
pub mod health;
mod integrity;
pub mod metrics;
pub mod performance;
pub mod progress;

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

/// Files and folders that this process makes from now on are its user's alone.
pub fn keep_new_files_private() {
    use rustix::{fs::Mode, process::umask};
    umask(Mode::RWXG | Mode::RWXO);
}
