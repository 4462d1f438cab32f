//! SQLite's one writer, whose transactions commit in groups.
//!
//! A transaction that ends while others wait for the connection isn't committed by itself: the next one runs behind a savepoint in
//! the same transaction of SQLite, and one COMMIT, with one fsync, makes the work of all of them durable. Nobody is answered
//! before that COMMIT. A member that fails rolls back to its savepoint and touches no other, except where SQLite rolls back
//! everything by itself (disk full, I/O error, out of memory): then nothing of the group is stored, and all members hear so.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use sqlx::{Executor, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{
    retry::{commit_error, commit_unanswered},
    sqlite_pool::{AcquiredConnection, SqliteConnections},
};
use tallyboard_model::error::{Error, Result};

/// How long a COMMIT may take before its members get a 503.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(10);
/// The savepoint in front of a member's work. Members run one after another, so one name will do.
const BEGIN_MEMBER: &str = "SAVEPOINT member";
const END_MEMBER: &str = "RELEASE member";
const UNDO_MEMBER: &str = "ROLLBACK TO member; RELEASE member";

/// Called once a member's work is committed (`true`) or lost.
pub type Publish = Box<dyn FnOnce(bool) + Send>;

/// The writer. The holder of the lock writes; the lock is fair, so everybody gets a turn.
pub struct SqliteWriter {
    connections: SqliteConnections,
    group: Arc<Mutex<Option<Group>>>,
    timeout: Duration,
}

/// The open transaction of SQLite, and the members whose work it holds.
struct Group {
    connection: AcquiredConnection,
    members: Vec<Member>,
}

/// A transaction that is done but for its COMMIT.
struct Member {
    publish: Publish,
    answer: oneshot::Sender<Result<()>>,
}

impl SqliteWriter {
    /// A writer with the connection of this pool of one. Waiting longer than `timeout` is an error.
    pub fn new(connections: SqliteConnections, timeout: Duration) -> Self {
        Self { connections, group: Arc::default(), timeout }
    }

    /// How many connections are open, and how many of them are idle.
    pub fn connections(&self) -> (u32, u32) {
        self.connections.connections()
    }

    /// Closes the connection, after the open group has ended.
    pub async fn close(&self) {
        self.connections.close().await;
    }

    /// The connection, for what is no transaction of a request: migrations.
    pub async fn acquire(&self) -> Result<AcquiredConnection, sqlx::Error> {
        self.connections.acquire().await
    }

    /// Waits for a turn and begins a transaction.
    pub async fn begin(&self) -> Result<SqliteWrite, sqlx::Error> {
        let turn = self.group.clone().lock_owned();
        let mut turn = tokio::time::timeout(self.timeout, turn).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let is_first = turn.is_none();
        if is_first {
            *turn = Some(Group { connection: self.connections.acquire().await?, members: Vec::new() });
        }
        // From here on, dropping it undoes whatever has begun.
        let mut write = SqliteWrite { group: self.group.clone(), turn: Some(turn), is_first };
        // IMMEDIATE: a deferred transaction that turns to writing fails at once instead of waiting.
        write.execute(if is_first { "BEGIN IMMEDIATE" } else { BEGIN_MEMBER }).await?;
        Ok(write)
    }
}

/// A transaction of the writer: a member of its group. Dropping it rolls back.
pub struct SqliteWrite {
    group: Arc<Mutex<Option<Group>>>,
    /// Taken when the transaction ends.
    turn: Option<OwnedMutexGuard<Option<Group>>>,
    is_first: bool,
}

impl SqliteWrite {
    async fn execute(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        (&mut **self).execute(sqlx::raw_sql(sql)).await.map(drop)
    }

    /// Ends the work and waits until it is committed.
    ///
    /// # Errors
    /// The work is lost: SQLite refused the COMMIT, or rolled back because of another member's I/O error.
    pub async fn commit(mut self, publish: Publish) -> Result<()> {
        if !self.is_first {
            self.execute(END_MEMBER).await?;
        }
        let (answer, committed) = oneshot::channel();
        let Some(mut turn) = self.turn.take() else { return Err(Error::unavailable()) };
        if let Some(group) = turn.as_mut() {
            group.members.push(Member { publish, answer });
        }
        if self.is_first {
            // Spawned, so that a canceled request can't keep the group from its COMMIT. It queues behind everybody who is waiting
            // now: they form the group.
            tokio::spawn(commit_group(self.group.clone()));
        }
        drop(turn);
        committed.await.unwrap_or_else(|_| Err(Error::unavailable()))
    }

    /// Rolls back this member's work.
    pub async fn rollback(mut self) {
        if let Some(turn) = self.turn.take() {
            undo(turn, self.is_first).await;
        }
    }
}

impl Drop for SqliteWrite {
    fn drop(&mut self) {
        let Some(mut turn) = self.turn.take() else { return };
        match tokio::runtime::Handle::try_current() {
            // A statement may still be running: closing the connection ends it, and nobody else's work is lost with it.
            Ok(_) if self.is_first => fail(&mut turn),
            // The connection's thread runs one statement after another, so this one waits for it.
            Ok(runtime) => drop(runtime.spawn(undo(turn, false))),
            Err(_) => fail(&mut turn),
        }
    }
}

/// Undoes the work of the member whose turn it is.
async fn undo(mut turn: OwnedMutexGuard<Option<Group>>, is_first: bool) {
    let Some(group) = turn.as_mut() else { return };
    let sql = if is_first { "ROLLBACK" } else { UNDO_MEMBER };
    let undone = tokio::time::timeout(COMMIT_TIMEOUT, group.connection.execute(sqlx::raw_sql(sql))).await;
    match undone {
        Ok(Ok(_)) if is_first => drop(turn.take()),
        Ok(Ok(_)) => {}
        // SQLite has rolled back by itself, with everything that was done before.
        failed => {
            tracing::debug!(?failed, "SQLite's writer is closed because ROLLBACK failed");
            fail(&mut turn);
        }
    }
}

/// Closes the connection: nothing of its group is stored.
fn fail(turn: &mut Option<Group>) {
    let Some(Group { mut connection, members }) = turn.take() else { return };
    connection.close_on_drop();
    answer(members, &Err(Error::unavailable()));
}

async fn commit_group(group: Arc<Mutex<Option<Group>>>) {
    // An earlier group may have failed and another one begun: committing that early does no harm.
    let mut turn = group.lock_owned().await;
    let Some(Group { mut connection, members }) = turn.take() else { return };
    let committed = tokio::time::timeout(COMMIT_TIMEOUT, connection.execute(sqlx::raw_sql("COMMIT"))).await;
    let outcome = match committed {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(commit_error(error)),
        Err(_) => Err(commit_unanswered(Error::unavailable())),
    };
    if outcome.is_err() {
        connection.close_on_drop();
    }
    // The next group may begin while these are answered.
    drop(connection);
    drop(turn);
    answer(members, &outcome);
}

fn answer(members: Vec<Member>, outcome: &Result<()>) {
    for Member { publish, answer } in members {
        publish(outcome.is_ok());
        let _ = answer.send(outcome.clone());
    }
}

impl Deref for SqliteWrite {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "only what consumes the transaction takes its turn, and a turn has a group")]
    fn deref(&self) -> &SqliteConnection {
        &self.turn.as_ref().and_then(|turn| turn.as_ref()).expect("ended before it was dropped").connection
    }
}

impl DerefMut for SqliteWrite {
    #[expect(clippy::expect_used, reason = "only what consumes the transaction takes its turn, and a turn has a group")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.turn.as_mut().and_then(|turn| turn.as_mut()).expect("ended before it was dropped").connection
    }
}
