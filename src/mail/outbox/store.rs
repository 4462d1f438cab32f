//! The SQL of the outbox.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};

use super::{MailKind, WaitingMail};
use crate::{
    db::{Connection, Scope, System, from_row, on_both},
    error::{Error, Result},
    id::{InvitationId, RowId, UserId},
};

struct WaitingRow {
    id: RowId,
    user_id: UserId,
    kind: String,
    invitation_id: Option<InvitationId>,
    attempts: i64,
    created_at: DateTime<Utc>,
}
from_row!(WaitingRow { id, user_id, kind, invitation_id, attempts, created_at });

pub async fn insert(scope: &mut Scope<System>, user: UserId, kind: MailKind, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO outbox (id, user_id, kind, created_at, next_attempt_at) VALUES ($1, $2, $3, $4, $4)")
        .bind(RowId::new()).bind(user).bind(kind.as_str()).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn insert_invitation(scope: &mut Scope, invitation: InvitationId, now: DateTime<Utc>) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO outbox (id, user_id, kind, invitation_id, created_at, next_attempt_at)
         SELECT $1, $2, 'invitation', id, $4, $4 FROM team_invitations WHERE id = $3 AND created_by = $2")
        .bind(RowId::new()).bind(me).bind(invitation).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// The mail whose turn is next, which no other instance is taking.
pub async fn next(scope: &mut Scope<System>, now: DateTime<Utc>) -> Result<Option<WaitingMail>> {
    // SQLite has one writer anyway.
    let sql = match scope.connection() {
        Connection::Sqlite(_) => {
            "SELECT id, user_id, kind, invitation_id, attempts, created_at FROM outbox
             WHERE next_attempt_at <= $1 ORDER BY next_attempt_at, id LIMIT 1"
        }
        Connection::Postgres(_) => {
            "SELECT id, user_id, kind, invitation_id, attempts, created_at FROM outbox
             WHERE next_attempt_at <= $1 ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
        }
    };
    let row: Option<WaitingRow> =
        on_both!(scope.connection(), conn => query_as(sql).bind(now).fetch_optional(conn).await)?;
    let Some(WaitingRow { id, user_id, kind, invitation_id, attempts, created_at }) = row else { return Ok(None) };
    let kind = MailKind::from_stored(&kind).ok_or_else(|| Error::internal(format!("a mail of the kind {kind:?}")))?;
    Ok(Some(WaitingMail { id, user_id, kind, invitation_id, attempts, created_at }))
}

/// Counts an attempt, and says when the next one may be made.
pub async fn postpone(scope: &mut Scope<System>, id: RowId, next_attempt_at: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $2 WHERE id = $1")
        .bind(id).bind(next_attempt_at).execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn delete(scope: &mut Scope<System>, id: RowId) -> Result<()> {
    on_both!(scope.connection(), conn => query("DELETE FROM outbox WHERE id = $1")
        .bind(id).execute(conn).await.map(drop))?;
    Ok(())
}
