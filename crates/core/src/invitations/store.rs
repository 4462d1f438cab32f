//! The SQL of invitations.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use super::{Invitation, InvitationUse};
use tallyboard_db::{Scope, System, from_row, on_both};
use tallyboard_model::{
    error::{Error, Result},
    id::{InvitationId, TeamId, UserId},
    list::PageRequest,
    membership::stored_role,
};

struct InvitationRow {
    id: InvitationId,
    team_id: TeamId,
    role: String,
    email: Option<String>,
    max_uses: Option<i64>,
    uses: i64,
    created_by: UserId,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}
from_row!(InvitationRow { id, team_id, role, email, max_uses, uses, created_by, created_at, expires_at });
from_row!(InvitationUse { user_id, name, created_at });

impl TryFrom<InvitationRow> for Invitation {
    type Error = Error;

    fn try_from(row: InvitationRow) -> Result<Self> {
        let InvitationRow { id, team_id, role, email, max_uses, uses, created_by, created_at, expires_at } = row;
        let (role, single_use) = (stored_role(&role)?, max_uses.is_some());
        Ok(Self { id, team_id, role, single_use, email, uses, created_by, created_at, expires_at })
    }
}

/// A valid invitation, as somebody who has its link finds it.
pub struct FoundRow {
    pub id: InvitationId,
    pub team_id: TeamId,
    pub team_name: String,
    pub role: String,
    /// The creator's role in the team.
    pub creator_role: String,
    /// The address that it was mailed to.
    pub email: Option<String>,
}
from_row!(FoundRow { id, team_id, team_name, role, creator_role, email });

pub async fn insert(scope: &mut Scope, invitation: &Invitation, secret_hash: &str) -> Result<()> {
    let me = scope.user_id();
    let max_uses = invitation.single_use.then_some(1_i64);
    on_both!(scope.connection(), conn => query(
        "INSERT INTO team_invitations (id, team_id, created_by, role, secret_hash, max_uses, created_at, expires_at,
                                       email)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(invitation.id).bind(invitation.team_id).bind(me).bind(invitation.role.as_str()).bind(secret_hash)
        .bind(max_uses).bind(invitation.created_at).bind(invitation.expires_at).bind(invitation.email.as_deref())
        .execute(conn).await.map(drop))?;
    Ok(())
}

/// How many invitations of a team, whose members the user changes, somebody can join by at `now`.
pub async fn count_valid(scope: &mut Scope, team: TeamId, now: DateTime<Utc>) -> Result<i64> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT COUNT(*) FROM team_invitations
         WHERE team_id = $2 AND revoked_at IS NULL AND expires_at > $3 AND (max_uses IS NULL OR uses < max_uses)
           AND team_id IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin'))")
        .bind(me).bind(team).bind(now).fetch_one(conn).await)?)
}

/// The invitations of a team, whose members the user changes, that were not revoked.
pub async fn list(scope: &mut Scope, team: TeamId, page: &PageRequest) -> Result<Vec<Invitation>> {
    let me = scope.user_id();
    let rows: Vec<InvitationRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT id, team_id, role, email, max_uses, uses, created_by, created_at, expires_at FROM team_invitations
         WHERE team_id = $2 AND revoked_at IS NULL AND (created_at, id) < ($3, $4)
           AND team_id IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin'))
         ORDER BY created_at DESC, id DESC LIMIT $5")
        .bind(me).bind(team).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// Whether the team, whose members the user changes, has this invitation.
pub async fn exists(scope: &mut Scope, team: TeamId, id: InvitationId) -> Result<bool> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT EXISTS (SELECT 1 FROM team_invitations WHERE id = $3 AND team_id = $2
           AND team_id IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin')))")
        .bind(me).bind(team).bind(id).fetch_one(conn).await)?)
}

/// The people who joined by an invitation of a team whose members the user changes, latest first.
pub async fn uses(scope: &mut Scope, team: TeamId, id: InvitationId, page: &PageRequest) -> Result<Vec<InvitationUse>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT u.user_id, p.name, u.created_at
         FROM team_invitation_uses u
         JOIN team_invitations i ON i.id = u.invitation_id
         LEFT JOIN team_members m ON m.team_id = i.team_id AND m.user_id = u.user_id
         LEFT JOIN people p ON p.id = m.user_id
         WHERE i.id = $3 AND i.team_id = $2 AND (u.created_at, u.user_id) < ($4, $5)
           AND i.team_id IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin'))
         ORDER BY u.created_at DESC, u.user_id DESC LIMIT $6")
        .bind(me).bind(team).bind(id).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?)
}

/// Revokes an invitation of a team whose members the user changes; `false` when there is none.
pub async fn revoke(scope: &mut Scope, team: TeamId, id: InvitationId, now: DateTime<Utc>) -> Result<bool> {
    let me = scope.user_id();
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE team_invitations SET revoked_at = $4
         WHERE id = $3 AND team_id = $2 AND revoked_at IS NULL
           AND team_id IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin'))")
        .bind(me).bind(team).bind(id).bind(now).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// The invitation of a link, if somebody can join by it at `now`.
pub async fn find(scope: &mut Scope<System>, secret_hash: &str, now: DateTime<Utc>) -> Result<Option<FoundRow>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT i.id, i.team_id, t.name AS team_name, i.role, c.role AS creator_role, i.email
         FROM team_invitations i
         JOIN teams t ON t.id = i.team_id
         JOIN team_members c ON c.team_id = i.team_id AND c.user_id = i.created_by
         JOIN users u ON u.id = i.created_by
         WHERE i.secret_hash = $1 AND i.revoked_at IS NULL AND i.expires_at > $2 AND u.disabled_at IS NULL
           AND (i.max_uses IS NULL OR i.uses < i.max_uses)")
        .bind(secret_hash).bind(now).fetch_optional(conn).await)?)
}

/// Gives an invitation that was mailed a new secret; answers its address and when it expires.
pub async fn set_secret(
    scope: &mut Scope<System>,
    id: InvitationId,
    secret_hash: &str,
) -> Result<Option<(String, DateTime<Utc>)>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        "UPDATE team_invitations SET secret_hash = $2 WHERE id = $1 AND email IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM blocks b JOIN users u ON u.id = b.user_id
                           WHERE lower(u.email) = team_invitations.email
                             AND b.blocked_user_id = team_invitations.created_by)
         RETURNING email, expires_at")
        .bind(id).bind(secret_hash).fetch_optional(conn).await)?)
}

/// Whether somebody has joined by an invitation before.
pub async fn has_used(scope: &mut Scope<System>, id: InvitationId, user: UserId) -> Result<bool> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT EXISTS (SELECT 1 FROM team_invitation_uses WHERE invitation_id = $1 AND user_id = $2)")
        .bind(id).bind(user).fetch_one(conn).await)?)
}

/// Stores that somebody joins by an invitation.
pub async fn insert_use(scope: &mut Scope<System>, id: InvitationId, user: UserId, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE team_invitations SET uses = uses + 1 WHERE id = $1")
        .bind(id).execute(conn).await.map(drop))?;
    on_both!(scope.connection(), conn => query(
        "INSERT INTO team_invitation_uses (invitation_id, user_id, created_at) VALUES ($1, $2, $3)")
        .bind(id).bind(user).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}
