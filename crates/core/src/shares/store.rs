//! The SQL of shares.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use crate::tasks::Manageable;
use tallyboard_db::{Scope, from_row, on_both, push_ids};
use tallyboard_model::{
    error::{Error, Result},
    id::{RowId, TaskId, TeamId, UserId},
    list::PageRequest,
    permissions::Permission,
    shares::Share,
};

struct ShareRow {
    task_id: TaskId,
    shared_with_user_id: UserId,
    name: String,
    email: String,
    shared_by_user_id: UserId,
    permission: String,
    created_at: DateTime<Utc>,
}
from_row!(ShareRow { task_id, shared_with_user_id, name, email, shared_by_user_id, permission, created_at });

impl TryFrom<ShareRow> for Share {
    type Error = Error;

    fn try_from(row: ShareRow) -> Result<Self> {
        let ShareRow { task_id, shared_with_user_id, name, email, shared_by_user_id, permission, created_at } = row;
        // The database's CHECK allows the same two names.
        let permission = Permission::parse(&permission)
            .ok_or_else(|| Error::internal(format!("the permission {permission} is unknown")))?;
        Ok(Self { task_id, shared_with_user_id, name, email, shared_by_user_id, permission, created_at })
    }
}

/// The shares of a task: all for users who manage it, otherwise the user's own.
pub async fn list(scope: &mut Scope, task: TaskId, manages: bool, page: &PageRequest) -> Result<Vec<Share>> {
    let me = scope.user_id();
    let rows: Vec<ShareRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT s.task_id, s.shared_with_user_id, p.name, p.email, s.shared_by_user_id, s.permission, s.created_at
         FROM task_shares s JOIN people p ON p.id = s.shared_with_user_id
         WHERE s.task_id = $2 AND ($3 OR s.shared_with_user_id = $1)
           AND (s.created_at, s.shared_with_user_id) < ($4, $5)
         ORDER BY s.created_at DESC, s.shared_with_user_id DESC LIMIT $6")
        .bind(me).bind(task).bind(manages).bind(page.after.key).bind(page.after.id).bind(page.rows())
        .fetch_all(conn).await)?;
    rows.into_iter().map(Share::try_from).collect()
}

/// The shares of these tasks, as far as the user owns them, in the order of their sharing.
pub async fn list_of_owned_tasks(scope: &mut Scope, tasks: &[TaskId]) -> Result<Vec<Share>> {
    let me = scope.user_id();
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<ShareRow> = on_both!(scope.connection(), conn => {
        let mut sql = QueryBuilder::new(
            "SELECT s.task_id, s.shared_with_user_id, p.name, p.email, s.shared_by_user_id, s.permission, s.created_at
             FROM task_shares s JOIN people p ON p.id = s.shared_with_user_id JOIN tasks t ON t.id = s.task_id
             WHERE t.user_id = ",
        );
        sql.push_bind(me).push(" AND t.id IN ");
        push_ids(&mut sql, tasks);
        sql.push(" ORDER BY s.created_at, s.shared_with_user_id");
        sql.build_query_as().fetch_all(conn).await
    })?;
    rows.into_iter().map(Share::try_from).collect()
}

/// The share of a task with one person.
pub async fn find(scope: &mut Scope, task: &Manageable, user: UserId) -> Result<Option<Share>> {
    let row: Option<ShareRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT s.task_id, s.shared_with_user_id, p.name, p.email, s.shared_by_user_id, s.permission, s.created_at
         FROM task_shares s JOIN people p ON p.id = s.shared_with_user_id
         WHERE s.task_id = $1 AND s.shared_with_user_id = $2")
        .bind(task.task().id).bind(user).fetch_optional(conn).await)?;
    row.map(Share::try_from).transpose()
}

/// Shares a task.
pub async fn insert(
    scope: &mut Scope,
    task: &Manageable,
    user: UserId,
    permission: Permission,
    now: DateTime<Utc>,
) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO task_shares (id, task_id, shared_with_user_id, shared_by_user_id, permission, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(RowId::new()).bind(task.task().id).bind(user).bind(me).bind(permission.as_str()).bind(now)
        .execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn set_permission(scope: &mut Scope, task: &Manageable, user: UserId, permission: Permission) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "UPDATE task_shares SET permission = $3 WHERE task_id = $1 AND shared_with_user_id = $2")
        .bind(task.task().id).bind(user).bind(permission.as_str()).execute(conn).await.map(drop))?;
    Ok(())
}

/// Ends a share; `false` when there is none.
pub async fn revoke(scope: &mut Scope, task: &Manageable, user: UserId) -> Result<bool> {
    Ok(on_both!(scope.connection(), conn => query(
        "DELETE FROM task_shares WHERE task_id = $1 AND shared_with_user_id = $2")
        .bind(task.task().id).bind(user).execute(conn).await.map(|done| done.rows_affected() > 0))?)
}

/// Ends the user's own share; `false` when there is none.
pub async fn give_up(scope: &mut Scope, task: TaskId) -> Result<bool> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query(
        "DELETE FROM task_shares WHERE task_id = $1 AND shared_with_user_id = $2")
        .bind(task).bind(me).execute(conn).await.map(|done| done.rows_affected() > 0))?)
}

/// Ends the shares of a team's tasks with somebody who leaves it. The WHERE allows the user themselves, and the
/// team's owner and admins.
pub async fn end_for_member(scope: &mut Scope, team: TeamId, user: UserId) -> Result<Vec<TaskId>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "DELETE FROM task_shares WHERE shared_with_user_id = $3
           AND task_id IN (SELECT id FROM tasks WHERE team_id = $2)
           AND ($3 = $1 OR $2 IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin')))
         RETURNING task_id")
        .bind(me).bind(team).bind(user).fetch_all(conn).await)?)
}

/// Ends the shares with the new owner of `from`'s tasks in the team.
pub async fn end_for_new_owner(
    scope: &mut Scope,
    team: TeamId,
    from: UserId,
    successor: UserId,
) -> Result<Vec<TaskId>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "DELETE FROM task_shares WHERE shared_with_user_id = $4
           AND task_id IN (SELECT id FROM tasks WHERE team_id = $2 AND user_id = $3)
           AND ($3 = $1 OR $2 IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin')))
         RETURNING task_id")
        .bind(me).bind(team).bind(from).bind(successor).fetch_all(conn).await)?)
}
