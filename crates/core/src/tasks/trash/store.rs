//! The SQL of the trash.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{query, query_as, query_scalar};

use crate::tasks::proof::Manageable;
use tallyboard_db::{Connection, Scope, System, from_row, on_both};
use tallyboard_model::{
    error::{Error, Result},
    id::{RowId, TaskId, TeamId, UserId},
    list::PageRequest,
    permissions::{Relation, Role, access},
    tasks::{DeletedBy, Task, TaskStatus},
};

/// Which tasks of the trash t the user $1 may restore: those that they might delete if they were still there.
macro_rules! mine {
    () => {
        "((t.user_id = $1
            AND (t.team_id IS NULL OR t.team_id IN (SELECT team_id FROM team_members WHERE user_id = $1)))
          OR t.team_id IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin')))"
    };
}

macro_rules! select {
    ($and:literal) => {
        concat!(
            "SELECT t.id, t.user_id, t.team_id, t.content, t.deleted_at, t.deleted_by, p.name AS deleted_by_name,
                    t.deleted_via, m.role AS team_role
             FROM trash t LEFT JOIN people p ON p.id = t.deleted_by
             LEFT JOIN team_members m ON m.team_id = t.team_id AND m.user_id = $1
             WHERE ",
            mine!(),
            " AND ",
            $and
        )
    };
}

/// What is kept of a task.
#[derive(Serialize, Deserialize)]
struct Content {
    title: String,
    description: Option<String>,
    status: TaskStatus,
    due_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(default)]
    shares: Vec<KeptShare>,
}

/// A share of a deleted task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptShare {
    pub user_id: UserId,
    pub permission: String,
    pub created_at: DateTime<Utc>,
}
from_row!(KeptShare { user_id, permission, created_at });

struct TrashRow {
    id: TaskId,
    user_id: UserId,
    team_id: Option<TeamId>,
    content: String,
    deleted_at: DateTime<Utc>,
    deleted_by: Option<UserId>,
    deleted_by_name: Option<String>,
    deleted_via: Option<String>,
    team_role: Option<String>,
}
from_row!(TrashRow { id, user_id, team_id, content, deleted_at, deleted_by, deleted_by_name, deleted_via, team_role });

/// A deleted task, and with whom it was shared.
pub struct TrashedTask {
    pub task: Task,
    pub shares: Vec<KeptShare>,
}

impl TrashRow {
    fn seen_by(self, me: UserId) -> Result<TrashedTask> {
        let content: Content = serde_json::from_str(&self.content).map_err(Error::internal)?;
        let relation = Relation {
            owner: self.user_id == me,
            role: self.team_role.as_deref().and_then(Role::parse),
            ..Relation::default()
        };
        let access = access(relation).ok_or_else(|| Error::internal("the trash answered somebody else's task"))?;
        let deleted_by = DeletedBy { user_id: self.deleted_by, name: self.deleted_by_name, via: self.deleted_via };
        let task = Task {
            id: self.id,
            user_id: self.user_id,
            team_id: self.team_id,
            title: content.title,
            description: content.description,
            status: content.status,
            due_at: content.due_at,
            completed_at: content.completed_at,
            created_at: content.created_at,
            updated_at: content.updated_at,
            access,
            members_edit: false,
            deleted_at: Some(self.deleted_at),
            deleted_by: Some(deleted_by),
        };
        Ok(TrashedTask { task, shares: content.shares })
    }
}

/// A page of the trash, the latest first.
pub async fn list(scope: &mut Scope, page: &PageRequest) -> Result<Vec<Task>> {
    let me = scope.user_id();
    let sql = select!("(t.deleted_at, t.id) < ($2, $3) ORDER BY t.deleted_at DESC, t.id DESC LIMIT $4");
    let rows: Vec<TrashRow> = on_both!(scope.connection(), conn => query_as(sql)
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    rows.into_iter().map(|row| Ok(row.seen_by(me)?.task)).collect()
}

/// A task in the trash.
pub async fn find(scope: &mut Scope, id: TaskId) -> Result<Option<TrashedTask>> {
    let me = scope.user_id();
    let row: Option<TrashRow> = on_both!(scope.connection(), conn => query_as(select!("t.id = $2"))
        .bind(me).bind(id).fetch_optional(conn).await)?;
    row.map(|row| row.seen_by(me)).transpose()
}

/// The shares of a task that is about to be deleted.
pub async fn shares(scope: &mut Scope, task: &Manageable) -> Result<Vec<KeptShare>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT shared_with_user_id AS user_id, permission, created_at FROM task_shares WHERE task_id = $1")
        .bind(task.task().id).fetch_all(conn).await)?)
}

/// Copies a task into the trash. The WHERE repeats the check that made the proof.
pub async fn insert(
    scope: &mut Scope,
    task: &Manageable,
    shares: Vec<KeptShare>,
    via: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let me = scope.user_id();
    let Task { id, title, description, status, due_at, completed_at, created_at, updated_at, .. } = task.task().clone();
    let content = Content { title, description, status, due_at, completed_at, created_at, updated_at, shares };
    let content = serde_json::to_string(&content).map_err(Error::internal)?;
    on_both!(scope.connection(), conn => query(concat!(
        "INSERT INTO trash (id, user_id, team_id, content, deleted_at, deleted_by, deleted_via)
         SELECT t.id, t.user_id, t.team_id, $3, $4, $1, $5 FROM tasks t WHERE t.id = $2 AND ", mine!()))
        .bind(me).bind(id).bind(content).bind(now).bind(via).execute(conn).await.map(drop))?;
    Ok(())
}

/// Writes a task of the trash back into `tasks`, as it is in `task`: perhaps with another owner or team.
pub async fn write_back(scope: &mut Scope, task: &Task) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(concat!(
        "INSERT INTO tasks (id, user_id, team_id, title, description, status, due_at, completed_at, created_at, updated_at)
         SELECT t.id, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM trash t WHERE t.id = $2 AND ", mine!()))
        .bind(me).bind(task.id).bind(task.user_id).bind(task.team_id).bind(&task.title).bind(&task.description)
        .bind(task.status.as_str()).bind(task.due_at).bind(task.completed_at).bind(task.created_at).bind(task.updated_at)
        .execute(conn).await.map(drop))?;
    Ok(())
}

/// Shares a restored task again, unless the person's account is gone or they have blocked the user.
pub async fn share_again(scope: &mut Scope, task: &Manageable, share: &KeptShare) -> Result<bool> {
    let me = scope.user_id();
    let may_receive = match scope.connection() {
        Connection::Sqlite(_) => {
            "EXISTS (SELECT 1 FROM users WHERE id = $3)
                AND NOT EXISTS (SELECT 1 FROM blocks WHERE user_id = $3 AND blocked_user_id = $4)"
        }
        Connection::Postgres(_) => "app_user_exists($3) AND NOT app_is_blocked_by($3)",
    };
    let sql = format!(
        "INSERT INTO task_shares (id, task_id, shared_with_user_id, shared_by_user_id, permission, created_at)
         SELECT $1, $2, $3, $4, $5, $6 WHERE {may_receive}"
    );
    Ok(on_both!(scope.connection(), conn => query(sqlx::AssertSqlSafe(sql.clone()))
        .bind(RowId::new()).bind(task.task().id).bind(share.user_id).bind(me).bind(&share.permission)
        .bind(share.created_at).execute(conn).await.map(|done| done.rows_affected() > 0))?)
}

/// Whether somebody is in a team of the user's.
pub async fn is_member(scope: &mut Scope, team: TeamId, user: UserId) -> Result<bool> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT EXISTS (SELECT 1 FROM team_members WHERE team_id = $1 AND user_id = $2)")
        .bind(team).bind(user).fetch_one(conn).await)?)
}

/// Takes a task out of the trash; `false` when it isn't there.
pub async fn delete(scope: &mut Scope, id: TaskId) -> Result<bool> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query(concat!("DELETE FROM trash AS t WHERE t.id = $2 AND ", mine!()))
        .bind(me).bind(id).execute(conn).await.map(|done| done.rows_affected() > 0))?)
}

/// Empties the user's trash: their own tasks, and those of others that they deleted.
pub async fn delete_all(scope: &mut Scope) -> Result<u64> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query(concat!(
        "DELETE FROM trash AS t WHERE (t.user_id = $1 OR t.deleted_by = $1) AND ", mine!()))
        .bind(me).execute(conn).await.map(|done| done.rows_affected()))?)
}

/// Deletes up to `limit` of the tasks that were deleted before `time`.
pub async fn delete_before(scope: &mut Scope<System>, time: DateTime<Utc>, limit: u32) -> Result<u64> {
    on_both!(scope.connection(), conn => query(
        "DELETE FROM trash WHERE id IN (SELECT id FROM trash WHERE deleted_at < $1 ORDER BY deleted_at LIMIT $2)")
        .bind(time).bind(i64::from(limit)).execute(conn).await.map(|done| done.rows_affected()))
    .map_err(Error::from)
}
