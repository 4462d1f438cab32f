//! The SQL of the statistics. Each statement is answered from an index alone; `tests/http/plans.rs` reads
//! the query plans of [`STATEMENTS`] and fails on a table scan.

use chrono::{DateTime, Utc};
use sqlx::{query_as, query_scalar};

use crate::{
    calendar::TimeRange,
    db::{Scope, from_row, on_both},
    error::Result,
    id::TeamId,
};

const TASK_COUNTS: &str = "SELECT
    COUNT(*) FILTER (WHERE status = 'pending') AS pending,
    COUNT(*) FILTER (WHERE status = 'completed') AS completed,
    (SELECT COUNT(*) FROM task_shares WHERE shared_with_user_id = $1 AND permission = 'view') AS view_only,
    (SELECT COUNT(*) FROM task_shares WHERE shared_with_user_id = $1 AND permission = 'edit') AS can_edit
  FROM tasks WHERE user_id = $1";

const ACTIVITY: &str = "SELECT
    (SELECT COUNT(*) FROM tasks WHERE user_id = $1 AND created_at >= $2 AND created_at < $3) AS created_today,
    (SELECT COUNT(*) FROM tasks WHERE user_id = $1 AND completed_at >= $2 AND completed_at < $3) AS completed_today,
    (SELECT COUNT(*) FROM tasks WHERE user_id = $1 AND created_at >= $4 AND created_at < $5) AS created_this_week,
    (SELECT COUNT(*) FROM tasks WHERE user_id = $1 AND completed_at >= $4 AND completed_at < $5) AS completed_this_week";

const CREATED: &str = "SELECT created_at FROM tasks WHERE user_id = $1 AND created_at >= $2 AND created_at < $3";
const COMPLETED: &str =
    "SELECT completed_at FROM tasks WHERE user_id = $1 AND completed_at >= $2 AND completed_at < $3";

const TEAMS: &str = "SELECT t.id AS team_id, t.name,
    (SELECT COUNT(*) FROM tasks WHERE team_id = t.id AND status = 'pending') AS pending,
    (SELECT COUNT(*) FROM tasks WHERE team_id = t.id AND status = 'completed') AS completed
  FROM team_members m JOIN teams t ON t.id = m.team_id
  WHERE m.user_id = $1 ORDER BY lower(t.name), t.id";

/// All statements, for the test of their query plans.
pub const STATEMENTS: [(&str, &str); 5] = [
    ("task_counts", TASK_COUNTS),
    ("activity", ACTIVITY),
    ("created", CREATED),
    ("completed", COMPLETED),
    ("teams", TEAMS),
];

/// The user's tasks by status, and the tasks shared with them by permission.
pub struct TaskCountsRow {
    pub pending: i64,
    pub completed: i64,
    pub view_only: i64,
    pub can_edit: i64,
}
from_row!(TaskCountsRow { pending, completed, view_only, can_edit });

/// The user's tasks of today and of this week.
pub struct ActivityRow {
    pub created_today: i64,
    pub completed_today: i64,
    pub created_this_week: i64,
    pub completed_this_week: i64,
}
from_row!(ActivityRow { created_today, completed_today, created_this_week, completed_this_week });

/// A team of the user.
pub struct TeamRow {
    pub team_id: TeamId,
    pub name: String,
    pub pending: i64,
    pub completed: i64,
}
from_row!(TeamRow { team_id, name, pending, completed });

pub async fn task_counts(scope: &mut Scope) -> Result<TaskCountsRow> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(TASK_COUNTS).bind(me).fetch_one(conn).await)?)
}

pub async fn activity(scope: &mut Scope, today: TimeRange, week: TimeRange) -> Result<ActivityRow> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(ACTIVITY)
        .bind(me).bind(today.start).bind(today.end).bind(week.start).bind(week.end)
        .fetch_one(conn).await)?)
}

/// When the user's tasks were created.
pub async fn created(scope: &mut Scope, range: TimeRange) -> Result<Vec<DateTime<Utc>>> {
    times(scope, CREATED, range).await
}

/// When the user's tasks were completed.
pub async fn completed(scope: &mut Scope, range: TimeRange) -> Result<Vec<DateTime<Utc>>> {
    times(scope, COMPLETED, range).await
}

async fn times(scope: &mut Scope, sql: &'static str, range: TimeRange) -> Result<Vec<DateTime<Utc>>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(sql)
        .bind(me).bind(range.start).bind(range.end).fetch_all(conn).await)?)
}

pub async fn teams(scope: &mut Scope) -> Result<Vec<TeamRow>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(TEAMS).bind(me).fetch_all(conn).await)?)
}
