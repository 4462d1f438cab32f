//! The SQL of notifications.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};

use super::{RegularMail, Topic};
use crate::{
    db::{Connection, Scope, System, from_row, on_both},
    error::{Error, Result},
    id::UserId,
};

struct WantedRow {
    topic: String,
    next_at: DateTime<Utc>,
}
from_row!(WantedRow { topic, next_at });

struct DueRow {
    user_id: UserId,
    topic: String,
    time_zone: String,
}
from_row!(DueRow { user_id, topic, time_zone });

/// A regular mail that is due.
pub struct DueMail {
    pub user_id: UserId,
    pub topic: Topic,
    pub time_zone: String,
}

/// The regular mails that the user wants.
pub async fn wanted(scope: &mut Scope) -> Result<Vec<RegularMail>> {
    let me = scope.user_id();
    let rows: Vec<WantedRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT topic, next_at FROM notification_mails WHERE user_id = $1 ORDER BY topic")
        .bind(me).fetch_all(conn).await)?;
    let mail = |WantedRow { topic, next_at }| Ok(RegularMail { topic: stored_topic(&topic)?, next_at });
    rows.into_iter().map(mail).collect()
}

/// Adds a regular mail for the user, unless they have it already.
pub async fn add(scope: &mut Scope, topic: Topic, next_at: DateTime<Utc>) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO notification_mails (user_id, topic, next_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(me).bind(topic.as_str()).bind(next_at).execute(conn).await.map(drop))?;
    Ok(())
}

/// Ends a regular mail of the user.
pub async fn remove(scope: &mut Scope, topic: Topic) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query("DELETE FROM notification_mails WHERE user_id = $1 AND topic = $2")
        .bind(me).bind(topic.as_str()).execute(conn).await.map(drop))?;
    Ok(())
}

/// The regular mails that are due at `now`, which no other instance is taking.
pub async fn due(scope: &mut Scope<System>, now: DateTime<Utc>, limit: i64) -> Result<Vec<DueMail>> {
    // SQLite has one writer anyway.
    let sql = match scope.connection() {
        Connection::Sqlite(_) => {
            "SELECT m.user_id, m.topic, u.time_zone FROM notification_mails m JOIN users u ON u.id = m.user_id
             WHERE m.next_at <= $1 ORDER BY m.next_at LIMIT $2"
        }
        Connection::Postgres(_) => {
            "SELECT m.user_id, m.topic, u.time_zone FROM notification_mails m JOIN users u ON u.id = m.user_id
             WHERE m.next_at <= $1 ORDER BY m.next_at LIMIT $2 FOR UPDATE OF m SKIP LOCKED"
        }
    };
    let rows: Vec<DueRow> =
        on_both!(scope.connection(), conn => query_as(sql).bind(now).bind(limit).fetch_all(conn).await)?;
    let mail = |DueRow { user_id, topic, time_zone }| Ok(DueMail { user_id, topic: stored_topic(&topic)?, time_zone });
    rows.into_iter().map(mail).collect()
}

pub async fn set_next(scope: &mut Scope<System>, user: UserId, topic: Topic, next_at: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "UPDATE notification_mails SET next_at = $3 WHERE user_id = $1 AND topic = $2")
        .bind(user).bind(topic.as_str()).bind(next_at).execute(conn).await.map(drop))?;
    Ok(())
}

fn stored_topic(stored: &str) -> Result<Topic> {
    let topic = Topic::ALL.into_iter().find(|topic| topic.as_str() == stored);
    topic.ok_or_else(|| Error::internal(format!("a regular mail about {stored:?}")))
}
