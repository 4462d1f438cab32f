//! `tallyboard doctor`: checks the database and repairs what can be repaired.

use super::system;
use crate::{
    db::Database,
    error::Result,
    statistics::counters::{self, Differences},
};

/// Compares the dashboard's counters with the tasks, and rebuilds them when one is wrong. Answers what was wrong.
pub async fn check_counters(db: &Database) -> Result<Differences> {
    let found = system(db).read(|scope| Box::pin(counters::differences(scope))).await?;
    if found != Differences::default() {
        system(db).write(|scope| Box::pin(counters::rebuild(scope))).await?;
    }
    Ok(found)
}
