//! The SQL of the statistics. The numbers are kept by triggers (migration `0005_counters`): each is a total and
//! the changes that have not been folded into it. `tests/http/plans.rs` reads the query plans of [`STATEMENTS`]
//! and fails on a table scan.

use sqlx::query_as;

use super::quarters::QuartersRow;
use tallyboard_db::{Scope, from_row, on_both};
use tallyboard_model::{calendar::TimeRange, error::Result, id::TeamId};

const TASK_COUNTS: &str = "SELECT
    CAST(coalesce(sum(pending), 0) AS bigint) AS pending,
    CAST(coalesce(sum(completed), 0) AS bigint) AS completed,
    CAST(coalesce(sum(view_only), 0) AS bigint) AS view_only,
    CAST(coalesce(sum(can_edit), 0) AS bigint) AS can_edit
  FROM (
    SELECT pending, completed, view_only, can_edit FROM user_counters WHERE user_id = $1
    UNION ALL
    SELECT pending, completed, view_only, can_edit FROM counter_changes WHERE user_id = $1) AS counted";

/// A change that has not been folded is a row of one quarter.
const QUARTERS: &str = "
    SELECT CAST(day * 96 AS bigint) AS first_quarter, created, completed
    FROM user_days WHERE user_id = $1 AND day BETWEEN $2 / 96 AND $3 / 96
    UNION ALL
    SELECT CAST(quarter AS bigint), '[' || created || ']', '[' || completed || ']'
    FROM counter_changes WHERE user_id = $1 AND quarter BETWEEN $2 AND $3";

const TEAMS: &str = "SELECT t.id AS team_id, t.name,
    CAST(coalesce(c.pending, 0)
        + coalesce((SELECT sum(pending) FROM counter_changes WHERE team_id = t.id), 0) AS bigint) AS pending,
    CAST(coalesce(c.completed, 0)
        + coalesce((SELECT sum(completed) FROM counter_changes WHERE team_id = t.id), 0) AS bigint) AS completed
  FROM team_members m JOIN teams t ON t.id = m.team_id LEFT JOIN team_counters c ON c.team_id = t.id
  WHERE m.user_id = $1 ORDER BY lower(t.name), t.id";

/// Both numbers are counted up to a limit: however many tasks are overdue, the answer costs the same.
const DUE: &str = "SELECT
    (SELECT count(*) FROM (SELECT 1 AS one FROM tasks
        WHERE user_id = $1 AND status = 'pending' AND due_key < $2 LIMIT 100) AS late) AS overdue,
    (SELECT count(*) FROM (SELECT 1 AS one FROM tasks
        WHERE user_id = $1 AND status = 'pending' AND due_key >= $2 AND due_key < $3 LIMIT 100) AS near) AS today";
/// Where [`DUE`] stops counting.
pub const DUE_LIMIT: i64 = 100;

/// All statements, for the test of their query plans.
pub const STATEMENTS: [(&str, &str); 4] =
    [("task_counts", TASK_COUNTS), ("quarters", QUARTERS), ("teams", TEAMS), ("due", DUE)];

/// The user's tasks by status, and the tasks shared with them by permission.
pub struct TaskCountsRow {
    pub pending: i64,
    pub completed: i64,
    pub view_only: i64,
    pub can_edit: i64,
}
from_row!(TaskCountsRow { pending, completed, view_only, can_edit });

from_row!(QuartersRow { first_quarter, created, completed });

/// The user's pending tasks that should have been done before today, and those of today; [`DUE_LIMIT`] is that many or more.
pub struct DueRow {
    pub overdue: i64,
    pub today: i64,
}
from_row!(DueRow { overdue, today });

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

/// The tasks that the user created and completed in the quarters of an hour from `first` to `last`; some rows may
/// begin before or end after them.
pub async fn quarters(scope: &mut Scope, first: i64, last: i64) -> Result<Vec<QuartersRow>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(QUARTERS).bind(me).bind(first).bind(last).fetch_all(conn).await)?)
}

pub async fn teams(scope: &mut Scope) -> Result<Vec<TeamRow>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(TEAMS).bind(me).fetch_all(conn).await)?)
}

/// What is overdue and due today; `today` is the user's day.
pub async fn due(scope: &mut Scope, today: TimeRange) -> Result<DueRow> {
    let me = scope.user_id();
    Ok(
        on_both!(scope.connection(), conn => query_as(DUE).bind(me).bind(today.start).bind(today.end).fetch_one(conn).await)?,
    )
}
