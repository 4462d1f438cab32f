//! When an import runs: one of a user at a time, and few on the server, because each holds its file in memory.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedMutexGuard, Semaphore, SemaphorePermit};

use tallyboard_base::request_log::{self, RateLimit};
use tallyboard_model::{
    error::{Code, Error, Result},
    id::UserId,
};

/// How many imports run on this server at once.
static RUNNING: Semaphore = Semaphore::const_new(2);
/// How many imports of one user may be running or waiting.
const MAX_OF_USER: usize = 4;
/// How long an import waits for its turn.
const MAX_WAIT: Duration = Duration::from_secs(30);

type Lock = Arc<tokio::sync::Mutex<()>>;

/// The users who are importing, with the lock that their imports take.
static USERS: LazyLock<Mutex<HashMap<UserId, Lock>>> = LazyLock::new(Mutex::default);

/// A user's place in the queue; it's free again when this is dropped.
pub struct Place {
    user: UserId,
    lock: Lock,
}

/// An import that may run. The next one may when this is dropped.
pub struct ImportSlot(#[expect(dead_code, reason = "held")] (OwnedMutexGuard<()>, SemaphorePermit<'static>));

impl Place {
    /// Queues an import of this user. Call it before reading the file.
    ///
    /// # Errors
    /// 429 when too many of the user's imports are queued.
    pub fn take(user: UserId) -> Result<Self> {
        let mut users = USERS.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = users.entry(user).or_default();
        // One is the map's own.
        if Arc::strong_count(lock) > MAX_OF_USER {
            request_log::set_rate_limit(RateLimit { limit: MAX_OF_USER as u32, retry_after: 5 });
            return Err(
                Error::new(Code::RateLimited, "Several of your imports are running").detail("Try again in 5 seconds")
            );
        }
        Ok(Self { user, lock: Arc::clone(lock) })
    }

    /// Waits until the import may run.
    ///
    /// # Errors
    /// 503 when others take too long.
    pub async fn turn(&self) -> Result<ImportSlot> {
        let turn = async {
            let of_user = Arc::clone(&self.lock).lock_owned().await;
            Some((of_user, RUNNING.acquire().await.ok()?))
        };
        let turn = tokio::time::timeout(MAX_WAIT, turn).await.ok().flatten();
        turn.map(ImportSlot)
            .ok_or_else(|| Error::new(Code::Unavailable, "Too many imports at once").detail("Try again in a moment"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut users = USERS.lock().unwrap_or_else(PoisonError::into_inner);
        // Only the map and this place still hold the lock: nobody else of this user is queued.
        if Arc::strong_count(&self.lock) <= 2 {
            users.remove(&self.user);
        }
    }
}
