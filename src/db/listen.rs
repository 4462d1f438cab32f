//! Hearing what other instances on the same PostgreSQL changed.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::{mpsc, oneshot};

use super::{CHANNEL, Changes, Database, Notice, Pools};
use crate::error::{Error, Result};

/// How long a notification to oneself may take.
const ECHO_WITHIN: Duration = Duration::from_secs(2);
/// After so much silence the connection is asked whether it still hears.
const SILENCE_AT_MOST: Duration = Duration::from_secs(20);
const PAUSE_AT_MOST: Duration = Duration::from_secs(30);

/// What the connection is called in PostgreSQL's own lists.
const NAME: &str = "tallyboard-listen";

/// Where the listening connection takes questions, while it listens.
#[derive(Default)]
pub struct Ear(RwLock<Option<mpsc::UnboundedSender<oneshot::Sender<()>>>>);

impl Ear {
    fn open(&self) -> mpsc::UnboundedReceiver<oneshot::Sender<()>> {
        let (ask, asked) = mpsc::unbounded_channel();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(ask);
        asked
    }

    fn close(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What is heard.
#[derive(Debug)]
pub enum Heard {
    /// It works from now on. What happened before was not heard: nothing that is known counts.
    Listening,
    /// Another instance changed this.
    Changes(Changes),
    /// It works no longer.
    Deaf,
}

impl Database {
    /// Whether other processes may change this database.
    pub fn is_shared(&self) -> bool {
        matches!(self.inner(), Pools::Postgres { .. })
    }

    /// Whether every change that was committed before this call, by whichever process, has been told.
    ///
    /// PostgreSQL signals its listeners before a COMMIT is answered, and a listening connection gets what
    /// it was signalled before the end of its next answer: so one question over that connection is
    /// enough, and all who ask meanwhile share the next one. Without an ear the answer is no.
    pub async fn is_caught_up(&self) -> bool {
        if !self.is_shared() {
            return true;
        }
        let ear = self.ear().0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(ear) = ear else { return false };
        let (answer, answered) = oneshot::channel();
        ear.send(answer).is_ok() && tokio::time::timeout(ECHO_WITHIN, answered).await.is_ok_and(|told| told.is_ok())
    }

    /// Hears for as long as it lives, through a connection of its own that is made anew whenever it
    /// fails. On SQLite there is nobody to hear.
    pub async fn listen(&self, tell: impl Fn(Heard)) {
        if !self.is_shared() {
            return;
        }
        let mut pause = Duration::from_secs(1);
        loop {
            let ended = self.hear(&tell, &mut pause).await;
            self.ear().close();
            tell(Heard::Deaf);
            if let Err(error) = ended {
                tracing::warn!(%error, detail = error.detail, "what other instances change can't be heard");
            }
            let jitter = rand::random_range(0.8..1.2);
            tokio::time::sleep(pause.mul_f64(jitter)).await;
            pause = (pause * 2).min(PAUSE_AT_MOST);
        }
    }

    async fn hear(&self, tell: &impl Fn(Heard), pause: &mut Duration) -> Result<()> {
        let Pools::Postgres { direct, .. } = self.inner() else { return Ok(()) };
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with((**direct).clone().application_name(NAME));
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        self.echo(&mut listener, tell).await?;
        *pause = Duration::from_secs(1);
        tell(Heard::Listening);
        let mut asked = self.ear().open();
        loop {
            tokio::select! {
                Some(first) = asked.recv() => {
                    let mut asking = vec![first];
                    while let Ok(another) = asked.try_recv() {
                        asking.push(another);
                    }
                    sqlx::query("SELECT 1").execute(&mut listener).await?;
                    while let Some(notification) = listener.next_buffered() {
                        self.told(notification.payload(), tell);
                    }
                    for answer in asking {
                        // Who no longer waits does not mind.
                        let _ = answer.send(());
                    }
                }
                heard = tokio::time::timeout(SILENCE_AT_MOST, listener.try_recv()) => match heard {
                    Ok(Ok(Some(notification))) => self.told(notification.payload(), tell),
                    Ok(Ok(None)) => return Err(Error::unavailable()),
                    Ok(Err(error)) => return Err(error.into()),
                    Err(_) => self.echo(&mut listener, tell).await?,
                },
            }
        }
    }

    /// Notifies itself through the pool that changes go through, and waits to hear of it: a
    /// transaction pooler takes LISTEN and never delivers.
    async fn echo(&self, listener: &mut PgListener, tell: &impl Fn(Heard)) -> Result<()> {
        let Pools::Postgres { pool, .. } = self.inner() else { return Ok(()) };
        let own = Notice { from: self.instance(), changes: Changes::default() };
        let text = serde_json::to_string(&own).map_err(Error::internal)?;
        sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(&text).execute(pool).await?;
        let heard = async {
            while let Some(notification) = listener.try_recv().await? {
                if notification.payload() == text {
                    return Ok(());
                }
                self.told(notification.payload(), tell);
            }
            Err(Error::unavailable())
        };
        tokio::time::timeout(ECHO_WITHIN, heard).await.unwrap_or_else(|_| {
            Err(Error::unavailable()
                .detail("LISTEN delivers nothing: behind a transaction pooler set database.direct_url"))
        })
    }

    fn told(&self, payload: &str, tell: &impl Fn(Heard)) {
        match serde_json::from_str::<Notice>(payload) {
            Ok(notice) if notice.from == self.instance() => {}
            Ok(notice) => tell(Heard::Changes(notice.changes)),
            Err(error) => tracing::warn!(%error, "a notification could not be read"),
        }
    }
}
