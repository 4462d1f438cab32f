//! Scopes: transactions that know on whose behalf they run.
//!
//! A [`Scope`] is one user's: its store functions bind `scope.user_id()`, and PostgreSQL's row-level
//! policies see the same user, so that a forgotten WHERE finds nothing. `Scope<System>` sees every row:
//! for sign-in, before the user is known, and for operations.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use serde_json::Value;

use super::{
    AuditEntry, Changes, Connection, CredentialKind, Database, Event, Pools, Target, Via,
    retry::{commit_unanswered, retry_delays},
    transaction::{Mode, Transaction},
};
use tallyboard_base::{
    figures::{self, QueryTimer},
    request_log,
};
use tallyboard_model::{
    error::{Error, Result, Retry},
    id::UserId,
};

/// How long BEGIN may take, including the wait for a connection, before the caller gets a 503.
const BEGIN_TIMEOUT: Duration = Duration::from_millis(2500);
/// How long the work inside a transaction may take.
const WORK_TIMEOUT: Duration = Duration::from_secs(10);

/// On whose behalf a transaction runs: a [`UserId`] or the [`System`].
pub trait Actor: Copy + Send + Sync + 'static {
    /// The user whose rows the transaction may see; `None` for all rows.
    fn user(self) -> Option<UserId>;
}

impl Actor for UserId {
    fn user(self) -> Option<UserId> {
        Some(self)
    }
}

/// The server itself, not restricted to one user's rows.
#[derive(Clone, Copy)]
pub struct System;

impl Actor for System {
    fn user(self) -> Option<UserId> {
        None
    }
}

/// An open transaction and what it changes for others.
pub struct Scope<A: Actor = UserId> {
    pub(super) transaction: Transaction,
    pub(super) actor: A,
    pub(super) changes: Changes,
    /// The audit rows that the commit writes.
    pub(super) audit: Vec<AuditEntry>,
}

impl Scope<UserId> {
    /// The user on whose behalf the transaction runs.
    pub fn user_id(&self) -> UserId {
        self.actor
    }

    /// Records what the user does; the commit writes it into the audit log.
    pub fn record(&mut self, action: &'static str, target: impl Into<Option<Target>>) -> &mut AuditEntry {
        self.add_entry(AuditEntry::new(self.actor, action, target.into()))
    }
}

impl Scope<System> {
    /// Records what this user does; the commit writes it into the audit log.
    pub fn record_of(
        &mut self,
        user: UserId,
        action: &'static str,
        target: impl Into<Option<Target>>,
    ) -> &mut AuditEntry {
        self.add_entry(AuditEntry::new(user, action, target.into()))
    }
}

impl<A: Actor> Scope<A> {
    fn add_entry(&mut self, entry: AuditEntry) -> &mut AuditEntry {
        let place = self.audit.len();
        self.audit.push(entry);
        &mut self.audit[place]
    }

    /// The connection, for a store's SQL.
    pub fn connection(&mut self) -> Connection<'_> {
        self.transaction.connection()
    }

    /// The credential behind the user's changes, if it isn't their own session.
    pub fn via(&self) -> Option<Arc<Via>> {
        self.changes.via.clone()
    }

    /// Records that this transaction changes `user`'s statistics; the commit publishes it.
    pub fn statistics_changed(&mut self, user: UserId) {
        self.changes.statistics.insert(user);
    }

    /// Records an event for these users; the commit publishes it.
    pub fn emit(&mut self, event_type: &str, to: Vec<UserId>, data: Value) {
        self.changes.events.push(Event { event_type: event_type.to_owned(), to, data });
    }
}

/// The work inside a transaction.
type Work<'w, A, T> = dyn for<'a> Fn(&'a mut Scope<A>) -> BoxFuture<'a, Result<T>> + Sync + 'w;

/// Opens scopes of one actor.
pub struct Scopes<'a, A: Actor> {
    database: &'a Database,
    actor: A,
    /// The credential behind the changes, if it isn't the user's own session.
    via: Option<Arc<Via>>,
}

/// Proof of who a user is. Only `auth` implements it, for what it has checked itself (tests/http/architecture.rs).
pub trait VerifiedUser {
    /// The user.
    fn user_id(&self) -> UserId;

    /// The credential behind the user's changes, if it isn't their own session.
    fn via(&self) -> Option<Arc<Via>>;
}

impl Database {
    /// Opens scopes (transactions) of this user.
    #[expect(clippy::disallowed_methods, reason = "a VerifiedUser is proof that somebody checked who it is")]
    pub fn scope(&self, user: &impl VerifiedUser) -> Scopes<'_, UserId> {
        self.scopes_of_verified_user(user.user_id(), user.via())
    }

    /// Scopes of this user. Only `auth` may call it, after it has checked a token (clippy.toml).
    pub fn scopes_of_verified_user(&self, user: UserId, via: Option<Arc<Via>>) -> Scopes<'_, UserId> {
        Scopes { database: self, actor: user, via }
    }

    /// Scopes that see every user's rows. Only `auth` and `ops` may call it (clippy.toml).
    pub fn system_scopes(&self) -> Scopes<'_, System> {
        Scopes { database: self, actor: System, via: None }
    }
}

impl<A: Actor> Scopes<'_, A> {
    /// The same scopes for the server's own writes, which aren't logged as the user's token's.
    #[must_use]
    pub fn unattributed(self) -> Self {
        Self { via: None, ..self }
    }

    /// Runs `work` in a transaction that only reads.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> Fn(&'a mut Scope<A>) -> BoxFuture<'a, Result<T>> + Sync,
    {
        self.run(Mode::Read, &work).await
    }

    /// Runs `work` in a transaction that is committed when `work` answers `Ok`. Work that the database
    /// reports as not done is repeated, so it must have no other effects.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> Fn(&'a mut Scope<A>) -> BoxFuture<'a, Result<T>> + Sync,
    {
        self.run(Mode::Write, &work).await
    }

    // Only these lines are generic, and the rest is boxed: the future of every handler contains this one, and for each handler
    // the compiler would check every statement of a transaction again (docs/PERFORMANCE.md).
    async fn run<T: Send + 'static>(&self, mode: Mode, work: &Work<'_, A, T>) -> Result<T> {
        let answer = Arc::new(Mutex::new(None));
        let fill = filling(work, answer.clone());
        let done: BoxFuture<'_, Result<()>> = Box::pin(self.run_until_done(mode, &fill));
        done.await?;
        let value = locked(&answer).take();
        value.ok_or_else(|| Error::internal("a transaction ended without its answer"))
    }

    async fn run_until_done(&self, mode: Mode, work: &Work<'_, A, ()>) -> Result<()> {
        if self.actor.user().is_some() {
            self.database.mark_used();
        }
        let mut delays = retry_delays();
        loop {
            let error = match self.attempt(mode, work).await {
                Err(error) if error.retry == Retry::Safe => error,
                done => return done,
            };
            let Some(delay) = delays.next() else { return Err(error) };
            tokio::time::sleep(delay).await;
        }
    }

    async fn attempt(&self, mode: Mode, work: &Work<'_, A, ()>) -> Result<()> {
        let started = Instant::now();
        let done = self.attempt_timed(mode, work).await;
        let elapsed = started.elapsed();
        request_log::add_database_time(elapsed);
        figures::transaction_ended(if mode == Mode::Read { "read" } else { "write" }, elapsed);
        done
    }

    async fn attempt_timed(&self, mode: Mode, work: &Work<'_, A, ()>) -> Result<()> {
        let transaction = begin(self.database, mode, self.actor.user()).await?;
        let changes = Changes { via: self.via.clone(), ..Changes::default() };
        let mut scope = Scope { transaction, actor: self.actor, changes, audit: Vec::new() };
        let via = self.via.as_deref();
        let all = async {
            work(&mut scope).await?;
            let entries = std::mem::take(&mut scope.audit);
            if entries.is_empty() { Ok(()) } else { scope.transaction.record_audit(&entries, via).await }
        };
        match tokio::time::timeout(WORK_TIMEOUT, all).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                // A database that does not answer must not keep the caller: dropping the transaction closes its connection.
                let _ = tokio::time::timeout(BEGIN_TIMEOUT, scope.transaction.rollback()).await;
                return Err(error);
            }
            // Dropping the scope closes the connection: a statement may still be running on it.
            Err(_) => return Err(Error::unavailable()),
        }
        if let (Mode::Write, Some(via)) = (mode, via) {
            log_write(via, &scope.changes);
        }
        commit(self.database, scope.transaction, scope.changes).await
    }
}

/// The work, which leaves its answer in `answer`.
fn filling<'w, A: Actor, T: Send + 'static>(
    work: &'w Work<'w, A, T>,
    answer: Arc<Mutex<Option<T>>>,
) -> impl for<'a> Fn(&'a mut Scope<A>) -> BoxFuture<'a, Result<()>> + Sync + 'w {
    move |scope| {
        let (done, answer) = (work(scope), answer.clone());
        Box::pin(async move {
            let value = done.await?;
            *locked(&answer) = Some(value);
            Ok(())
        })
    }
}

fn locked<T>(answer: &Mutex<Option<T>>) -> MutexGuard<'_, Option<T>> {
    answer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A write with a personal token, or by a program that acts for the user, is a line of the log.
fn log_write(Via { user, by, client }: &Via, changes: &Changes) {
    let events: Vec<_> = changes.events.iter().map(|event| (&event.event_type, &event.data)).collect();
    let client = client.as_deref().unwrap_or_default();
    match by {
        CredentialKind::Token(token) => tracing::info!(%user, token, client, ?events, "written with a personal token"),
        // The pieces of the assistant's answer aren't actions of the user.
        CredentialKind::App(_) if changes.events.iter().all(|event| event.event_type.starts_with("message_")) => {}
        CredentialKind::App(app) => tracing::info!(%user, app, ?events, "written for the user"),
    }
}

impl Database {
    /// Begins and ends a transaction as a user's request does, for a user who doesn't exist.
    ///
    /// # Errors
    /// The database does not answer, or refuses the app's role.
    pub async fn begin_as_nobody(&self) -> Result<()> {
        begin(self, Mode::Read, Some(UserId(uuid::Uuid::nil()))).await?.rollback().await;
        Ok(())
    }
}

/// Begins a transaction, or answers 503 when that takes too long.
pub(super) async fn begin(database: &Database, mode: Mode, user: Option<UserId>) -> Result<Transaction> {
    let _timer = QueryTimer::start(figures::BEGIN);
    let begin = Transaction::begin(database, mode, user);
    tokio::time::timeout(BEGIN_TIMEOUT, begin).await.unwrap_or_else(|_| Err(Error::unavailable()))
}

/// Commits and publishes the changes: to this instance directly, to the others by a notification.
async fn commit(database: &Database, transaction: Transaction, changes: Changes) -> Result<()> {
    let _timer = QueryTimer::start("db::commit");
    let notifier = match database.pools() {
        Pools::Postgres { notifier, .. } if !changes.is_empty() => Some(notifier.clone()),
        _ => None,
    };
    let notifications = notifier.map(|notifier| (notifier, changes.notifications(database.instance())));
    let publisher = database.clone();
    let publish = move |is_done| {
        // A COMMIT that failed may have been done although its answer was lost: cached statistics are dropped.
        let events = if is_done { changes.events } else { Vec::new() };
        publisher.publish_commit(Changes { events, ..changes });
    };
    let Some((notifier, payloads)) = notifications else { return transaction.commit(Box::new(publish)).await };
    // Spawned: if the request were canceled between COMMIT and NOTIFY, the other instances would miss the change.
    let done = tokio::spawn(async move {
        transaction.commit(Box::new(publish)).await?;
        if notifier.notify(payloads).await { Ok(()) } else { Err(commit_unanswered(Error::unavailable())) }
    });
    done.await.unwrap_or_else(|error| Err(Error::internal(error)))
}
