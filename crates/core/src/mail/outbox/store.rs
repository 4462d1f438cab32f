//! The SQL of the outbox.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, query, query_as};

use super::{MailKind, WaitingMail};
use tallyboard_db::{Scope, System, from_row, on_both};
use tallyboard_model::{
    error::{Error, Result},
    id::{InvitationId, RowId, UserId},
};

struct WaitingRow {
    id: RowId,
    user_id: UserId,
    kind: String,
    invitation_id: Option<InvitationId>,
    email: Option<String>,
    attempts: i64,
    created_at: DateTime<Utc>,
}
from_row!(WaitingRow { id, user_id, kind, invitation_id, email, attempts, created_at });

pub async fn insert(
    scope: &mut Scope<System>,
    user: UserId,
    kind: MailKind,
    email: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO outbox (id, user_id, kind, email, created_at, next_attempt_at) VALUES ($1, $2, $3, $4, $5, $5)")
        .bind(RowId::new()).bind(user).bind(kind.as_str()).bind(email).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn insert_change(scope: &mut Scope, kind: MailKind, now: DateTime<Utc>) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO outbox (id, user_id, kind, created_at, next_attempt_at) VALUES ($1, $2, $3, $4, $4)")
        .bind(RowId::new()).bind(me).bind(kind.as_str()).bind(now).execute(conn).await.map(drop))?;
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

/// The mail whose turn is next, of a kind that this version knows: during an upgrade a newer instance may have put others
/// into the outbox.
pub async fn next(scope: &mut Scope<System>, now: DateTime<Utc>) -> Result<Option<WaitingMail>> {
    let kinds = MailKind::ALL.map(|kind| format!("'{}'", kind.as_str())).join(", ");
    let sql = format!(
        "SELECT id, user_id, kind, invitation_id, email, attempts, created_at FROM outbox
         WHERE next_attempt_at <= $1 AND kind IN ({kinds}) ORDER BY next_attempt_at, id LIMIT 1"
    );
    let row: Option<WaitingRow> = on_both!(scope.connection(), conn =>
        query_as(AssertSqlSafe(sql)).bind(now).fetch_optional(conn).await)?;
    let Some(WaitingRow { id, user_id, kind, invitation_id, email, attempts, created_at }) = row else {
        return Ok(None);
    };
    let kind = MailKind::from_stored(&kind).ok_or_else(|| Error::internal(format!("a mail of the kind {kind:?}")))?;
    Ok(Some(WaitingMail { id, user_id, kind, invitation_id, email, attempts, created_at }))
}

/// Counts an attempt, and says when the next one may be made; `false` when another instance makes this attempt.
pub async fn postpone(scope: &mut Scope<System>, mail: &WaitingMail, next_attempt_at: DateTime<Utc>) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $3 WHERE id = $1 AND attempts = $2")
        .bind(mail.id).bind(mail.attempts).bind(next_attempt_at).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Deletes mails requested before a time.
pub async fn delete_before(scope: &mut Scope<System>, time: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("DELETE FROM outbox WHERE created_at < $1")
        .bind(time).execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn delete(scope: &mut Scope<System>, id: RowId) -> Result<()> {
    on_both!(scope.connection(), conn => query("DELETE FROM outbox WHERE id = $1")
        .bind(id).execute(conn).await.map(drop))?;
    Ok(())
}
