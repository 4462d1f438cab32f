//! SQLite's connections, without sqlx's ping: its pool pings a connection whenever one is returned, which for SQLite is
//! a trip to the connection's thread, as expensive as a small query. A file does not disconnect.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{Sqlite, SqliteConnection, SqlitePool, pool::PoolConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A pool whose connections stay open while they are idle. sqlx's pool opens and closes them.
pub struct SqliteConnections {
    pool: SqlitePool,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<PoolConnection<Sqlite>>>>,
    timeout: Duration,
}

/// A connection that is in use. Dropping it makes it idle.
pub struct AcquiredConnection {
    /// Taken by `drop` alone.
    connection: Option<PoolConnection<Sqlite>>,
    idle: Arc<Mutex<Vec<PoolConnection<Sqlite>>>>,
    is_broken: bool,
    permit: OwnedSemaphorePermit,
}

impl SqliteConnections {
    /// At most as many connections as `pool` allows; waiting for one longer than `timeout` is an error.
    pub fn new(pool: SqlitePool, timeout: Duration) -> Self {
        let most = pool.options().get_max_connections();
        let permits = Arc::new(Semaphore::new(most as usize));
        Self { pool, permits, idle: Arc::default(), timeout }
    }

    /// A dedicated connection.
    pub async fn acquire(&self) -> Result<AcquiredConnection, sqlx::Error> {
        let permit = match self.permits.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => tokio::time::timeout(self.timeout, self.permits.clone().acquire_owned())
                .await
                .map_err(|_| sqlx::Error::PoolTimedOut)?
                .map_err(|_| sqlx::Error::PoolClosed)?,
        };
        let idle = lock(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        Ok(AcquiredConnection { connection: Some(connection), idle: self.idle.clone(), is_broken: false, permit })
    }

    /// How many connections are open, and how many of them are idle.
    pub fn connections(&self) -> (u32, u32) {
        (self.pool.size(), u32::try_from(lock(&self.idle).len()).unwrap_or(u32::MAX))
    }

    /// Closes every connection, after those in use have been returned.
    pub async fn close(&self) {
        self.permits.close();
        lock(&self.idle).clear();
        self.pool.close().await;
    }
}

fn lock(idle: &Mutex<Vec<PoolConnection<Sqlite>>>) -> std::sync::MutexGuard<'_, Vec<PoolConnection<Sqlite>>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AcquiredConnection {
    /// Makes `drop` close the connection instead of making it idle.
    pub fn close_on_drop(&mut self) {
        self.is_broken = true;
    }
}

impl Drop for AcquiredConnection {
    fn drop(&mut self) {
        // Under the lock: `close` either finds the connection here or has closed the semaphore before.
        let mut idle = lock(&self.idle);
        match self.connection.take() {
            Some(mut connection) if self.is_broken => connection.close_on_drop(),
            Some(connection) if !self.permit.semaphore().is_closed() => idle.push(connection),
            _ => {}
        }
    }
}

impl Deref for AcquiredConnection {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "only `drop` takes the connection")]
    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("taken before it was dropped")
    }
}

impl DerefMut for AcquiredConnection {
    #[expect(clippy::expect_used, reason = "only `drop` takes the connection")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("taken before it was dropped")
    }
}
