//! When the database was last used for a person.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use tokio::sync::Notify;

use super::now;

/// Background work continues for this long after the last request.
const AWAKE_AFTER_USE: Duration = Duration::from_secs(120);

/// When the database was last used for a person.
#[derive(Default)]
pub(super) struct LastUse {
    /// Seconds since 1970.
    at: AtomicI64,
    pub(super) woken: Notify,
}

impl LastUse {
    pub(super) fn mark(&self) {
        let seconds = now().timestamp();
        if self.at.swap(seconds, Ordering::Relaxed) != seconds {
            self.woken.notify_waiters();
        }
    }

    /// Whether background work continues.
    pub(super) fn is_recent(&self) -> bool {
        now().timestamp() - self.at.load(Ordering::Relaxed) < AWAKE_AFTER_USE.as_secs().cast_signed()
    }
}
