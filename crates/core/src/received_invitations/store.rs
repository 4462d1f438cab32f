//! The SQL of received invitations.

use sqlx::{query, query_as, query_scalar};

use super::{ReceivedInvitation, SentInvitation};
use tallyboard_db::{Scope, from_row, on_both};
use tallyboard_model::{
    error::Result,
    id::{ReceivedInvitationId, UserId},
    list::PageRequest,
};

from_row!(ReceivedInvitation { id, from_user_id, from_name, team_id, task_id, subject, access, created_at });

/// A page of pending invitations, newest first; not from people they have blocked.
pub async fn list(scope: &mut Scope, page: &PageRequest) -> Result<Vec<ReceivedInvitation>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT id, from_user_id, from_name, team_id, task_id, subject, access, created_at FROM received_invitations
         WHERE user_id = $1 AND (created_at, id) < ($2, $3)
           AND from_user_id NOT IN (SELECT blocked_user_id FROM blocks WHERE user_id = $1)
         ORDER BY created_at DESC, id DESC LIMIT $4")
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?)
}

/// The number of the user's pending invitations; at most 100.
pub async fn count(scope: &mut Scope) -> Result<u32> {
    let me = scope.user_id();
    let count: i64 = on_both!(scope.connection(), conn => query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 FROM received_invitations WHERE user_id = $1
           AND from_user_id NOT IN (SELECT blocked_user_id FROM blocks WHERE user_id = $1) LIMIT 100) AS waiting")
        .bind(me).fetch_one(conn).await)?;
    Ok(count.try_into().unwrap_or_default())
}

/// An invitation that the user has received.
pub async fn find(scope: &mut Scope, id: ReceivedInvitationId) -> Result<Option<ReceivedInvitation>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT id, from_user_id, from_name, team_id, task_id, subject, access, created_at FROM received_invitations
         WHERE user_id = $1 AND id = $2")
        .bind(me).bind(id).fetch_optional(conn).await)?)
}

/// Stores what the user asks a person; `false` if they have asked before.
pub async fn insert(
    scope: &mut Scope,
    id: ReceivedInvitationId,
    to: UserId,
    subject: &str,
    sent: &SentInvitation,
) -> Result<bool> {
    let me = scope.user_id();
    let SentInvitation { team_id, task_id, access, created_at } = sent;
    Ok(on_both!(scope.connection(), conn => query(
        "INSERT INTO received_invitations (id, user_id, from_user_id, from_name, subject, team_id, task_id, access, created_at)
         VALUES ($1, $2, $3, (SELECT name FROM people WHERE id = $3), $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING")
        .bind(id).bind(to).bind(me).bind(subject).bind(team_id).bind(task_id).bind(access).bind(created_at)
        .execute(conn).await.map(|done| done.rows_affected() > 0))?)
}

/// Deletes an invitation that the user has received or sent; `false` when there is none.
pub async fn delete(scope: &mut Scope, id: ReceivedInvitationId) -> Result<bool> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query(
        "DELETE FROM received_invitations WHERE id = $1 AND (user_id = $2 OR from_user_id = $2)")
        .bind(id).bind(me).execute(conn).await.map(|done| done.rows_affected() > 0))?)
}
