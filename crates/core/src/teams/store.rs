//! The SQL of teams and their members.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use tallyboard_db::{Actor, Scope, System, from_row, on_both};
use tallyboard_model::{
    error::{Error, Result},
    id::{RowId, TeamId, UserId},
    list::PageRequest,
    membership::stored_role,
    permissions::Role,
    teams::{Member, MembersEdit, Team},
};

struct TeamRow {
    id: TeamId,
    name: String,
    owner_id: UserId,
    role: String,
    members_edit: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}
from_row!(TeamRow { id, name, owner_id, role, members_edit, created_at, updated_at });

struct MemberRow {
    team_id: TeamId,
    user_id: UserId,
    name: String,
    email: String,
    role: String,
    created_at: DateTime<Utc>,
}
from_row!(MemberRow { team_id, user_id, name, email, role, created_at });

impl TryFrom<TeamRow> for Team {
    type Error = Error;

    fn try_from(row: TeamRow) -> Result<Self> {
        let TeamRow { id, name, owner_id, role, members_edit, created_at, updated_at } = row;
        let members_edit = if members_edit == "all" { MembersEdit::All } else { MembersEdit::Own };
        Ok(Self { id, name, owner_id, role: stored_role(&role)?, members_edit, created_at, updated_at })
    }
}

impl TryFrom<MemberRow> for Member {
    type Error = Error;

    fn try_from(row: MemberRow) -> Result<Self> {
        let MemberRow { team_id, user_id, name, email, role, created_at } = row;
        Ok(Self { team_id, user_id, name, email, role: stored_role(&role)?, created_at })
    }
}

/// A page of the teams of the user.
pub async fn list(scope: &mut Scope, page: &PageRequest) -> Result<Vec<Team>> {
    let me = scope.user_id();
    let rows: Vec<TeamRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT t.id, t.name, t.owner_id, m.role, t.members_edit, t.created_at, t.updated_at
         FROM team_members m JOIN teams t ON t.id = m.team_id
         WHERE m.user_id = $1 AND (t.created_at, t.id) < ($2, $3)
         ORDER BY t.created_at DESC, t.id DESC LIMIT $4")
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    rows.into_iter().map(Team::try_from).collect()
}

/// A team of the user.
pub async fn find(scope: &mut Scope, id: TeamId) -> Result<Option<Team>> {
    let me = scope.user_id();
    let row: Option<TeamRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT t.id, t.name, t.owner_id, m.role, t.members_edit, t.created_at, t.updated_at
         FROM team_members m JOIN teams t ON t.id = m.team_id
         WHERE m.user_id = $1 AND t.id = $2")
        .bind(me).bind(id).fetch_optional(conn).await)?;
    row.map(Team::try_from).transpose()
}

/// Stores a team with the user as its owner.
pub async fn insert(scope: &mut Scope, team: &Team) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO teams (id, name, owner_id, members_edit, created_at, updated_at) VALUES ($1, $2, $3, $5, $4, $4)")
        .bind(team.id).bind(&team.name).bind(me).bind(team.created_at).bind(team.members_edit.as_str()).execute(conn).await.map(drop))?;
    insert_member(scope, team.id, me, Role::Owner, team.created_at).await
}

/// Adds a member.
pub async fn insert_member<A: Actor>(
    scope: &mut Scope<A>,
    team: TeamId,
    user: UserId,
    role: Role,
    now: DateTime<Utc>,
) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO team_members (id, team_id, user_id, role, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(RowId::new()).bind(team).bind(user).bind(role.as_str()).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// Stores a team's name and settings.
pub async fn update(scope: &mut Scope, team: &Team) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "UPDATE teams SET name = $3, members_edit = $5, updated_at = $4
         WHERE id = $1 AND id IN (SELECT team_id FROM team_members WHERE user_id = $2 AND role IN ('owner', 'admin'))")
        .bind(team.id).bind(me).bind(&team.name).bind(team.updated_at).bind(team.members_edit.as_str()).execute(conn).await.map(drop))?;
    Ok(())
}

/// Deletes a team that the user owns; its tasks stay with their owners.
pub async fn delete(scope: &mut Scope, id: TeamId) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query("DELETE FROM teams WHERE id = $1 AND owner_id = $2")
        .bind(id).bind(me).execute(conn).await.map(drop))?;
    Ok(())
}

/// The members of a team of the user.
pub async fn members(scope: &mut Scope, team: TeamId, page: &PageRequest) -> Result<Vec<Member>> {
    let me = scope.user_id();
    let rows: Vec<MemberRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT m.team_id, m.user_id, p.name, p.email, m.role, m.created_at
         FROM team_members m JOIN people p ON p.id = m.user_id
         WHERE m.team_id = $2 AND m.team_id IN (SELECT team_id FROM team_members WHERE user_id = $1)
           AND (m.created_at, m.user_id) < ($3, $4)
         ORDER BY m.created_at DESC, m.user_id DESC LIMIT $5")
        .bind(me).bind(team).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    rows.into_iter().map(Member::try_from).collect()
}

/// One member of a team of the user.
pub async fn member(scope: &mut Scope, team: TeamId, user: UserId) -> Result<Option<Member>> {
    let me = scope.user_id();
    let row: Option<MemberRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT m.team_id, m.user_id, p.name, p.email, m.role, m.created_at
         FROM team_members m JOIN people p ON p.id = m.user_id
         WHERE m.team_id = $2 AND m.user_id = $3
           AND m.team_id IN (SELECT team_id FROM team_members WHERE user_id = $1)")
        .bind(me).bind(team).bind(user).fetch_optional(conn).await)?;
    row.map(Member::try_from).transpose()
}

/// Changes a role, unless somebody else has changed it in the meantime.
pub async fn set_role(scope: &mut Scope, team: TeamId, user: UserId, from: Role, to: Role) -> Result<()> {
    let me = scope.user_id();
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE team_members SET role = $5 WHERE team_id = $2 AND user_id = $3 AND role = $4
           AND team_id IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin'))")
        .bind(me).bind(team).bind(user).bind(from.as_str()).bind(to.as_str())
        .execute(conn).await.map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(Error::concurrent_change()) }
}

/// Deletes a membership, not the owner's: of the user, or of another member when the user is owner or admin.
pub async fn delete_member(scope: &mut Scope, team: TeamId, user: UserId) -> Result<()> {
    let me = scope.user_id();
    let done = on_both!(scope.connection(), conn => query(
        "DELETE FROM team_members WHERE team_id = $2 AND user_id = $3 AND role <> 'owner'
           AND (user_id = $1
                OR team_id IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin')))")
        .bind(me).bind(team).bind(user).execute(conn).await.map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(Error::concurrent_change()) }
}

/// Stores the new owner, whose role is `owner` already.
pub async fn set_owner(scope: &mut Scope, team: TeamId, owner: UserId, now: DateTime<Utc>) -> Result<()> {
    let me = scope.user_id();
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE teams SET owner_id = $3, updated_at = $4 WHERE id = $1 AND owner_id = $2")
        .bind(team).bind(me).bind(owner).bind(now).execute(conn).await.map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(Error::concurrent_change()) }
}

/// The ids of a team's members.
pub async fn member_ids(scope: &mut Scope<System>, team: TeamId) -> Result<Vec<UserId>> {
    Ok(on_both!(scope.connection(), conn => query_scalar("SELECT user_id FROM team_members WHERE team_id = $1")
        .bind(team).fetch_all(conn).await)?)
}

/// Whether somebody is in a team.
pub async fn is_member(scope: &mut Scope<System>, team: TeamId, user: UserId) -> Result<bool> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT EXISTS (SELECT 1 FROM team_members WHERE team_id = $1 AND user_id = $2)")
        .bind(team).bind(user).fetch_one(conn).await)?)
}
