//! Checks the counters that the database's triggers keep (migration `0005_counters`) by counting, and rebuilds them.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, query, query_as, query_scalar};

use super::quarters::QuartersRow;
use tallyboard_db::{Connection, HasConnection, on_both};
use tallyboard_model::{error::Result, id::UserId};

/// The number of counters that differ from a recount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Users with a wrong number of tasks or shares.
    pub users: i64,
    /// Teams with a wrong number of tasks.
    pub teams: i64,
    /// Quarters of an hour, of any user, with a wrong number of tasks created or completed.
    pub quarters: i64,
}

/// Kept minus counted, by user.
const WRONG_USERS: &str = "SELECT COUNT(*) FROM (
    SELECT user_id FROM (
        SELECT user_id, pending, completed, view_only, can_edit FROM user_counters
        UNION ALL
        SELECT user_id, pending, completed, view_only, can_edit FROM counter_changes
        UNION ALL
        SELECT user_id, CASE status WHEN 'pending' THEN -1 ELSE 0 END, CASE status WHEN 'completed' THEN -1 ELSE 0 END, 0, 0
        FROM tasks
        UNION ALL
        SELECT shared_with_user_id, 0, 0,
            CASE permission WHEN 'view' THEN -1 ELSE 0 END, CASE permission WHEN 'edit' THEN -1 ELSE 0 END
        FROM task_shares) AS numbers
    GROUP BY user_id
    HAVING sum(pending) <> 0 OR sum(completed) <> 0 OR sum(view_only) <> 0 OR sum(can_edit) <> 0) AS wrong";

/// Kept minus counted, by team.
const WRONG_TEAMS: &str = "SELECT COUNT(*) FROM (
    SELECT team_id FROM (
        SELECT team_id, pending, completed FROM team_counters
        UNION ALL
        SELECT team_id, pending, completed FROM counter_changes WHERE team_id IS NOT NULL
        UNION ALL
        SELECT team_id, CASE status WHEN 'pending' THEN -1 ELSE 0 END, CASE status WHEN 'completed' THEN -1 ELSE 0 END
        FROM tasks WHERE team_id IS NOT NULL) AS numbers
    GROUP BY team_id HAVING sum(pending) <> 0 OR sum(completed) <> 0) AS wrong";

const KEPT_QUARTERS: &str = "
    SELECT user_id, CAST(day * 96 AS bigint), created, completed FROM user_days
    UNION ALL
    SELECT user_id, CAST(quarter AS bigint), '[' || created || ']', '[' || completed || ']'
    FROM counter_changes WHERE quarter IS NOT NULL";

/// Compares every counter with a count. It reads every task.
pub async fn differences(on: &mut (impl HasConnection + Send)) -> Result<Differences> {
    let users = on_both!(on.connection(), conn => query_scalar(WRONG_USERS).fetch_one(conn).await)?;
    let teams = on_both!(on.connection(), conn => query_scalar(WRONG_TEAMS).fetch_one(conn).await)?;
    Ok(Differences { users, teams, quarters: wrong_quarters(on).await? })
}

async fn wrong_quarters(on: &mut (impl HasConnection + Send)) -> Result<i64> {
    // Kept minus counted, by user and quarter: created and completed.
    let mut differences: HashMap<(UserId, i64), [i64; 2]> = HashMap::new();
    let kept: Vec<(UserId, i64, String, String)> =
        on_both!(on.connection(), conn => query_as(KEPT_QUARTERS).fetch_all(conn).await)?;
    for (user, first_quarter, created, completed) in kept {
        for count in (QuartersRow { first_quarter, created, completed }).counts() {
            let (quarter, kind, count) = count?;
            differences.entry((user, quarter)).or_default()[kind] += count;
        }
    }
    for (kind, column) in ["created_at", "completed_at"].into_iter().enumerate() {
        let quarter = match on.connection() {
            Connection::Sqlite(_) => format!("unixepoch({column}) / 900"),
            Connection::Postgres(_) => format!("CAST(app_quarter({column}) AS bigint)"),
        };
        let sql = format!(
            "SELECT user_id, {quarter}, COUNT(*) FROM tasks WHERE {column} IS NOT NULL GROUP BY user_id, {quarter}"
        );
        let counted: Vec<(UserId, i64, i64)> =
            on_both!(on.connection(), conn => query_as(AssertSqlSafe(sql)).fetch_all(conn).await)?;
        for (user, quarter, count) in counted {
            differences.entry((user, quarter)).or_default()[kind] -= count;
        }
    }
    Ok(differences.values().filter(|difference| **difference != [0, 0]).count() as i64)
}

/// Replaces every counter by a count. Writers wait until it is done.
pub async fn rebuild(on: &mut (impl HasConnection + Send)) -> Result<()> {
    match on.connection() {
        // The transaction is the only writer. What is counted is appended as one change a quarter.
        Connection::Sqlite(conn) => {
            let statements = [
                "DELETE FROM counter_changes",
                "DELETE FROM user_counters",
                "DELETE FROM team_counters",
                "DELETE FROM user_days",
                "INSERT INTO counter_changes (user_id, team_id, quarter, pending, created, completed)
                 SELECT user_id, team_id, quarter, sum(pending), sum(created), sum(completed) FROM (
                     SELECT user_id, team_id, unixepoch(created_at) / 900 AS quarter,
                         status = 'pending' AS pending, 1 AS created, 0 AS completed FROM tasks
                     UNION ALL
                     SELECT user_id, team_id, unixepoch(completed_at) / 900, 0, 0, 1 FROM tasks WHERE status = 'completed')
                 GROUP BY user_id, team_id, quarter",
                "INSERT INTO counter_changes (user_id, view_only, can_edit)
                 SELECT shared_with_user_id, sum(permission = 'view'), sum(permission = 'edit')
                 FROM task_shares GROUP BY shared_with_user_id",
            ];
            for statement in statements {
                query(statement).execute(&mut *conn).await?;
            }
        }
        Connection::Postgres(conn) => {
            query("LOCK TABLE tasks, task_shares IN SHARE MODE").execute(&mut *conn).await?;
            query("SELECT app_rebuild_counters()").execute(conn).await?;
        }
    }
    Ok(())
}
