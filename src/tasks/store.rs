//! The SQL of tasks.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, query, query_as, query_scalar};

use super::{
    Task, TaskStatus,
    access::{Editable, Manageable, Ties, access},
    cursor::Cursor,
};
use crate::{
    db::{Connection, Scope, on_both},
    error::Result,
    id::{TaskId, TeamId, UserId},
};

#[derive(FromRow)]
struct TaskRow {
    id: TaskId,
    user_id: UserId,
    team_id: Option<TeamId>,
    title: String,
    description: Option<String>,
    status: String,
    due_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    team_role: Option<String>,
    share_permission: Option<String>,
}

impl TaskRow {
    /// As `me` sees it; `None` when I may not.
    fn seen_by(self, me: UserId) -> Option<Task> {
        let ties = Ties {
            owner: self.user_id == me,
            team_role: self.team_role.as_deref(),
            share: self.share_permission.as_deref(),
        };
        let access = access(ties)?;
        Some(Task {
            id: self.id,
            user_id: self.user_id,
            team_id: self.team_id,
            title: self.title,
            description: self.description,
            status: if self.status == "completed" { TaskStatus::Completed } else { TaskStatus::Pending },
            due_at: self.due_at,
            completed_at: self.completed_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            access,
        })
    }
}

/// A task with what ties $1, who asks, to it.
macro_rules! select_tasks {
    ($($where:literal),+) => {
        concat!(
            "SELECT t.id, t.user_id, t.team_id, t.title, t.description, t.status, t.due_at, t.completed_at,
                    t.created_at, t.updated_at, m.role AS team_role, s.permission AS share_permission
             FROM tasks t
             LEFT JOIN team_members m ON m.team_id = t.team_id AND m.user_id = $1
             LEFT JOIN task_shares s ON s.task_id = t.id AND s.shared_with_user_id = $1
             WHERE ",
            $($where),+
        )
    };
}

/// The same, a page of them: `$where`, then the filters and the order that all lists share.
/// The last parameter, the team, is spoken of in every one, because PostgreSQL wants each used.
macro_rules! list_tasks {
    ($where:literal) => {
        select_tasks!(
            $where,
            " AND (t.created_at, t.id) < ($2, $3)
              AND ($4 IS NULL OR t.status = $4)
              AND ($5 IS NULL OR lower(t.title) LIKE $5 ESCAPE '\\' OR lower(t.description) LIKE $5 ESCAPE '\\')
            ORDER BY t.created_at DESC, t.id DESC LIMIT $6"
        )
    };
}

const LIST_MINE: &str = list_tasks!("$7 IS NULL AND t.user_id = $1");
const LIST_TEAM: &str = list_tasks!("t.team_id = $7");
const LIST_SHARED: &str = list_tasks!("$7 IS NULL AND s.shared_with_user_id = $1");

/// How a list finds its tasks.
#[derive(Clone, Copy)]
pub enum Whose {
    /// Tasks that I own.
    Mine,
    /// A team's; that I am in it has been checked.
    Team(TeamId),
    /// Those that were shared with me directly.
    SharedWithMe,
}

/// A page of a list.
pub struct Page<'a> {
    pub whose: Whose,
    pub status: Option<TaskStatus>,
    /// A LIKE pattern in lower case, with `\` as its escape.
    pub pattern: Option<&'a str>,
    pub after: Cursor,
    pub limit: i64,
}

pub async fn list(scope: &mut Scope, page: &Page<'_>) -> Result<Vec<Task>> {
    let me = scope.user_id();
    let (sql, team) = match page.whose {
        Whose::Mine => (LIST_MINE, None),
        Whose::Team(team) => (LIST_TEAM, Some(team)),
        Whose::SharedWithMe => (LIST_SHARED, None),
    };
    let rows: Vec<TaskRow> = on_both!(scope.connection(), conn => query_as(sql)
        .bind(me).bind(page.after.created_at).bind(page.after.id)
        .bind(page.status.map(TaskStatus::as_str)).bind(page.pattern).bind(page.limit).bind(team)
        .fetch_all(conn).await)?;
    Ok(rows.into_iter().filter_map(|row| row.seen_by(me)).collect())
}

pub async fn find(scope: &mut Scope, id: TaskId) -> Result<Option<Task>> {
    let me = scope.user_id();
    let row: Option<TaskRow> = on_both!(scope.connection(), conn => query_as(select_tasks!("t.id = $2"))
        .bind(me).bind(id).fetch_optional(conn).await)?;
    Ok(row.and_then(|row| row.seen_by(me)))
}

/// Whether there is such a task, whoever's: it tells 403 from 404.
pub async fn exists(scope: &mut Scope, id: TaskId) -> Result<bool> {
    // PostgreSQL's policies hide it; the function says that it is there and nothing more.
    let sql = match scope.connection() {
        Connection::Sqlite(_) => "SELECT EXISTS (SELECT 1 FROM tasks WHERE id = $1)",
        Connection::Postgres(_) => "SELECT app_task_exists($1)",
    };
    Ok(on_both!(scope.connection(), conn => query_scalar(sql).bind(id).fetch_one(conn).await)?)
}

/// Whether there is such a team, whoever's.
pub async fn team_exists(scope: &mut Scope, id: TeamId) -> Result<bool> {
    let sql = match scope.connection() {
        Connection::Sqlite(_) => "SELECT EXISTS (SELECT 1 FROM teams WHERE id = $1)",
        Connection::Postgres(_) => "SELECT app_team_exists($1)",
    };
    Ok(on_both!(scope.connection(), conn => query_scalar(sql).bind(id).fetch_one(conn).await)?)
}

/// My role in a team.
pub async fn my_role(scope: &mut Scope, team: TeamId) -> Result<Option<String>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT role FROM team_members WHERE team_id = $1 AND user_id = $2")
        .bind(team).bind(me).fetch_optional(conn).await)?)
}

/// Stores a task of mine.
pub async fn insert(scope: &mut Scope, task: &Task) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO tasks (id, user_id, team_id, title, description, status, due_at, completed_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(task.id).bind(me).bind(task.team_id).bind(&task.title).bind(&task.description)
        .bind(task.status.as_str()).bind(task.due_at).bind(task.completed_at).bind(task.created_at).bind(task.updated_at)
        .execute(conn).await.map(drop))?;
    Ok(())
}

/// Stores a changed task. The WHERE says once more what the proof has shown.
pub async fn update(scope: &mut Scope, editable: Editable, seen: DateTime<Utc>) -> Result<Task> {
    let me = scope.user_id();
    let task = editable.into_task();
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE tasks SET team_id = $3, title = $4, description = $5, status = $6, due_at = $7, completed_at = $8,
                updated_at = $9
         WHERE id = $1 AND updated_at = $10
           AND (user_id = $2
                OR team_id IN (SELECT team_id FROM team_members WHERE user_id = $2 AND role IN ('owner', 'admin'))
                OR id IN (SELECT task_id FROM task_shares WHERE shared_with_user_id = $2 AND permission = 'edit'))")
        .bind(task.id).bind(me).bind(task.team_id).bind(&task.title).bind(&task.description).bind(task.status.as_str())
        .bind(task.due_at).bind(task.completed_at).bind(task.updated_at).bind(seen)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    if done == 0 {
        // Somebody changed it between our reading and our writing: read again.
        return Err(crate::error::Error::changed_meanwhile());
    }
    Ok(task)
}

/// Deletes a task and all that hangs on it.
pub async fn delete(scope: &mut Scope, task: &Manageable) -> Result<()> {
    let (me, id) = (scope.user_id(), task.task().id);
    on_both!(scope.connection(), conn => query(
        "DELETE FROM tasks WHERE id = $1
           AND (user_id = $2
                OR team_id IN (SELECT team_id FROM team_members WHERE user_id = $2 AND role IN ('owner', 'admin')))")
        .bind(id).bind(me).execute(conn).await.map(drop))?;
    Ok(())
}

/// Those whose shared tasks this is one of.
pub async fn receivers(scope: &mut Scope, task: &Manageable) -> Result<Vec<UserId>> {
    let id = task.task().id;
    Ok(
        on_both!(scope.connection(), conn => query_scalar("SELECT shared_with_user_id FROM task_shares WHERE task_id = $1")
        .bind(id).fetch_all(conn).await)?,
    )
}
