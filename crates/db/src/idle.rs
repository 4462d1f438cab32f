//! Lets a hosted database suspend: when `database.keep_awake` is off, background work waits while nobody uses the board.

use super::Database;

impl Database {
    /// Notes that a person uses the board.
    pub(super) fn mark_used(&self) {
        if !self.keeps_awake() {
            self.last_use().mark();
        }
    }

    /// Whether background work may use the database now.
    pub(super) fn is_awake(&self) -> bool {
        self.keeps_awake() || self.last_use().is_recent()
    }

    /// Waits until background work may use the database: at once unless `database.keep_awake` is off and nobody has used
    /// the board for two minutes.
    pub async fn awake(&self) {
        loop {
            let woken = self.last_use().woken.notified();
            tokio::pin!(woken);
            // Before the check, so that a use in between is not missed.
            woken.as_mut().enable();
            if self.is_awake() {
                return;
            }
            woken.await;
        }
    }
}
