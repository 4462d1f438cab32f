//! The SQL of tasks; that of the lists is in `query.rs`.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use super::{
    proof::{Editable, Manageable},
    query::{ListSql, ParameterValue, Parameters, TaskQuery, TaskSource, count_rows, is_postgres, rows},
    task_row::{
        COLUMNS, COLUMNS_OF_SHARED, MY_COLUMNS, TaskRow, columns_for_others, my_membership, my_share, select_my_tasks,
        select_tasks, task_columns,
    },
};
use tallyboard_db::{Connection, Scope, on_both, push_ids};
use tallyboard_model::{
    calendar::TimeRange,
    error::{Error, Result},
    id::{RowId, TaskId, TeamId, UserId},
    tasks::Task,
};

/// Ends where the ids follow.
const FIND_MANY: &str = select_tasks!("t.id IN (");
const FIND_MANY_SHARED: &str = concat!(
    "SELECT ",
    columns_for_others!("s.created_at"),
    " FROM tasks t JOIN task_shares s ON s.task_id = t.id AND s.shared_with_user_id = $1",
    my_membership!(),
    " WHERE t.id IN ("
);

const DUE_BEFORE: &str = select_my_tasks!("t.status = 'pending' AND t.due_key < $2 ORDER BY t.due_key, t.id LIMIT $3");

const COMPLETED_IN: &str =
    select_my_tasks!("t.completed_at >= $2 AND t.completed_at < $3 ORDER BY t.completed_at, t.id LIMIT $4");

const FIND: &str = select_tasks!("t.id = $2");

/// A page of tasks with the times when they came into the list.
pub async fn list(scope: &mut Scope, query: &TaskQuery) -> Result<Vec<(DateTime<Utc>, Task)>> {
    let me = scope.user_id();
    let (sql, parameters) = list_sql(me, query, is_postgres(scope));
    let rows: Vec<TaskRow> = rows(scope, sql, parameters).await?;
    Ok(rows.into_iter().filter_map(|row| row.listed_for(me)).collect())
}

/// The statement of [`list`].
pub fn list_sql(me: UserId, query: &TaskQuery, is_postgres: bool) -> (String, Parameters) {
    let mut list = ListSql::new(me, query, is_postgres);
    let limit = list.parameters.add(ParameterValue::Number(query.page.rows()));
    let (columns, joins) = match query.source {
        TaskSource::Mine => (MY_COLUMNS, ""),
        TaskSource::SharedWithMe => {
            (COLUMNS_OF_SHARED, concat!("JOIN task_shares s ON s.task_id = t.id", my_membership!()))
        }
        TaskSource::Team(_) | TaskSource::Changeable => (COLUMNS, concat!(my_share!(), my_membership!())),
    };
    (list.page(columns, joins, "", &limit), list.parameters)
}

/// How many tasks are in a list, counted up to `limit`.
pub async fn count(scope: &mut Scope, query: &TaskQuery, limit: i64) -> Result<i64> {
    let mut list = ListSql::new(scope.user_id(), query, is_postgres(scope));
    let limit = list.parameters.add(ParameterValue::Number(limit));
    let sql = format!("SELECT COUNT(*) FROM ({}) AS listed", list.page("t.id", list.share(), "", &limit));
    count_rows(scope, sql, list.parameters).await
}

/// The user's pending tasks that are due before `time`, the longest overdue first.
pub async fn due_before(scope: &mut Scope, time: DateTime<Utc>, limit: u32) -> Result<Vec<Task>> {
    let values = [ParameterValue::Time(time), ParameterValue::Number(limit.into())];
    my_tasks(scope, DUE_BEFORE, values).await
}

/// The user's tasks that were completed in a time range, in the order of their completion.
pub async fn completed_in(scope: &mut Scope, range: TimeRange, limit: u32) -> Result<Vec<Task>> {
    let values =
        [ParameterValue::Time(range.start), ParameterValue::Time(range.end), ParameterValue::Number(limit.into())];
    my_tasks(scope, COMPLETED_IN, values).await
}

/// The tasks of a statement whose first parameter is the user, and these the others.
async fn my_tasks<const N: usize>(scope: &mut Scope, sql: &str, others: [ParameterValue; N]) -> Result<Vec<Task>> {
    let me = scope.user_id();
    let rows: Vec<TaskRow> = rows(scope, sql.to_owned(), Parameters::of(me, others)).await?;
    Ok(rows.into_iter().filter_map(|row| row.seen_by(me)).collect())
}

pub async fn find(scope: &mut Scope, id: TaskId) -> Result<Option<Task>> {
    let me = scope.user_id();
    let row: Option<TaskRow> =
        on_both!(scope.connection(), conn => query_as(FIND).bind(me).bind(id).fetch_optional(conn).await)?;
    Ok(row.and_then(|row| row.seen_by(me)))
}

/// Those of these tasks that the user may read, in the order of `ids`, with the times when they came into a list
/// from `source`.
pub async fn find_many(scope: &mut Scope, source: TaskSource, ids: &[TaskId]) -> Result<Vec<(DateTime<Utc>, Task)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let me = scope.user_id();
    let mut sql = if matches!(source, TaskSource::SharedWithMe) { FIND_MANY_SHARED } else { FIND_MANY }.to_owned();
    let parameters: Vec<_> = (0..ids.len()).map(|place| format!("${}", place + 2)).collect();
    sql.push_str(&parameters.join(", "));
    sql.push(')');
    let values = ids.iter().map(|id| ParameterValue::Id(RowId(id.0)));
    let rows: Vec<TaskRow> = rows(scope, sql, Parameters::of(me, values)).await?;
    let mut tasks: Vec<_> = rows.into_iter().filter_map(|row| row.listed_for(me)).collect();
    tasks.sort_by_key(|(_, task)| ids.iter().position(|id| *id == task.id));
    Ok(tasks)
}

/// Whether a task exists, whatever its owner; distinguishes 403 from 404.
pub async fn exists(scope: &mut Scope, id: TaskId) -> Result<bool> {
    // PostgreSQL's policies hide other people's tasks; the function answers only whether the id exists.
    let sql = match scope.connection() {
        Connection::Sqlite(_) => "SELECT EXISTS (SELECT 1 FROM tasks WHERE id = $1)",
        Connection::Postgres(_) => "SELECT app_task_exists($1)",
    };
    Ok(on_both!(scope.connection(), conn => query_scalar(sql).bind(id).fetch_one(conn).await)?)
}

/// Everybody who can see a task: its owner, the people with whom it is shared, its team.
pub async fn audience(scope: &mut Scope, id: TaskId) -> Result<Vec<UserId>> {
    // The policies hide some of them from users who may only change the task. PostgreSQL's function answers
    // all of them, and only event recipients are made of the answer.
    Ok(match scope.connection() {
        Connection::Sqlite(conn) => {
            query_scalar(
                "SELECT user_id FROM tasks WHERE id = $1
             UNION SELECT shared_with_user_id FROM task_shares WHERE task_id = $1
             UNION SELECT m.user_id FROM team_members m JOIN tasks t ON t.team_id = m.team_id WHERE t.id = $1",
            )
            .bind(id)
            .fetch_all(conn)
            .await?
        }
        Connection::Postgres(conn) => {
            query_scalar("SELECT * FROM app_task_audience($1)").bind(id).fetch_all(conn).await?
        }
    })
}

/// Stores a new task of the user.
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

/// Stores many new tasks of the user.
pub async fn insert_many(scope: &mut Scope, tasks: &[Task]) -> Result<()> {
    let me = scope.user_id();
    // SQLite accepts 32,766 parameters in one statement.
    for some in tasks.chunks(1000) {
        on_both!(scope.connection(), conn => {
            let mut sql = QueryBuilder::new(
                "INSERT INTO tasks (id, user_id, team_id, title, description, status, due_at, completed_at, created_at, updated_at) ");
            sql.push_values(some, |mut row, task| {
                row.push_bind(task.id).push_bind(me).push_bind(task.team_id).push_bind(task.title.clone())
                    .push_bind(task.description.clone()).push_bind(task.status.as_str()).push_bind(task.due_at)
                    .push_bind(task.completed_at).push_bind(task.created_at).push_bind(task.updated_at);
            });
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Which of these ids are tasks that the user owns.
pub async fn own_ids(scope: &mut Scope, ids: &[TaskId]) -> Result<HashSet<TaskId>> {
    let me = scope.user_id();
    let mut own = HashSet::new();
    for some in ids.chunks(5000) {
        let found: Vec<TaskId> = on_both!(scope.connection(), conn => {
            let mut sql = QueryBuilder::new("SELECT id FROM tasks WHERE user_id = ");
            sql.push_bind(me).push(" AND id IN ");
            push_ids(&mut sql, some);
            sql.build_query_scalar().fetch_all(conn).await
        })?;
        own.extend(found);
    }
    Ok(own)
}

/// Stores a changed task. The WHERE repeats the check that made the proof.
pub async fn update(scope: &mut Scope, editable: Editable, seen: DateTime<Utc>) -> Result<Task> {
    let me = scope.user_id();
    let task = editable.into_task();
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE tasks SET team_id = $3, title = $4, description = $5, status = $6, due_at = $7, completed_at = $8,
                updated_at = $9
         WHERE id = $1 AND updated_at = $10
           AND (user_id = $2
                OR team_id IN (SELECT m.team_id FROM team_members m JOIN teams ON teams.id = m.team_id
                    WHERE m.user_id = $2
                        AND (m.role IN ('owner', 'admin') OR (m.role = 'member' AND teams.members_edit = 'all')))
                OR id IN (SELECT task_id FROM task_shares WHERE shared_with_user_id = $2 AND permission = 'edit'))")
        .bind(task.id).bind(me).bind(task.team_id).bind(&task.title).bind(&task.description).bind(task.status.as_str())
        .bind(task.due_at).bind(task.completed_at).bind(task.updated_at).bind(seen)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    if done == 0 {
        // Another transaction changed the row between our read and our write.
        return Err(Error::concurrent_change());
    }
    Ok(task)
}

/// Deletes a task with its shares.
pub async fn delete(scope: &mut Scope, task: &Manageable) -> Result<()> {
    let (me, id) = (scope.user_id(), task.task().id);
    on_both!(scope.connection(), conn => query(
        "DELETE FROM tasks WHERE id = $1
           AND (user_id = $2
                OR team_id IN (SELECT team_id FROM team_members WHERE user_id = $2 AND role IN ('owner', 'admin')))")
        .bind(id).bind(me).execute(conn).await.map(drop))?;
    Ok(())
}

/// Removes a task from a team of which the user is owner or admin.
pub async fn remove_from_team(scope: &mut Scope, task: &Manageable) -> Result<()> {
    let (me, task) = (scope.user_id(), task.task());
    // PostgreSQL's policies reject a row that the user cannot see afterwards.
    let removed: bool = match scope.connection() {
        Connection::Sqlite(conn) => {
            query(
                "UPDATE tasks SET team_id = NULL WHERE id = $1 AND updated_at = $3
               AND team_id IN (SELECT team_id FROM team_members WHERE user_id = $2 AND role IN ('owner', 'admin'))",
            )
            .bind(task.id)
            .bind(me)
            .bind(task.updated_at)
            .execute(conn)
            .await?
            .rows_affected()
                == 1
        }
        Connection::Postgres(conn) => {
            query_scalar("SELECT app_take_out_of_team($1, $2)")
                .bind(task.id)
                .bind(task.updated_at)
                .fetch_one(conn)
                .await?
        }
    };
    if removed { Ok(()) } else { Err(Error::concurrent_change()) }
}

/// Makes another person the owner of somebody's tasks in a team. The WHERE allows the user's own tasks, and the
/// team's owner and admins.
pub async fn reassign(
    scope: &mut Scope,
    team: TeamId,
    from: UserId,
    new_owner: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "UPDATE tasks SET user_id = $4, updated_at = $5 WHERE team_id = $2 AND user_id = $3
           AND ($3 = $1 OR $2 IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin')))")
        .bind(me).bind(team).bind(from).bind(new_owner).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// With how many people the user has shared each of these tasks of theirs; tasks that aren't shared are left out.
pub async fn share_counts(scope: &mut Scope, tasks: &[TaskId]) -> Result<Vec<(TaskId, i64)>> {
    let me = scope.user_id();
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on_both!(scope.connection(), conn => {
        let mut query = QueryBuilder::new(
            "SELECT s.task_id, COUNT(*) FROM task_shares s JOIN tasks t ON t.id = s.task_id WHERE t.user_id = ",
        );
        query.push_bind(me).push(" AND s.task_id IN ");
        push_ids(&mut query, tasks);
        query.push(" GROUP BY s.task_id");
        query.build_query_as().fetch_all(conn).await
    })?)
}

/// Those who shared these tasks with the user: id and name.
pub async fn sharers(scope: &mut Scope, tasks: &[TaskId]) -> Result<Vec<(TaskId, UserId, String)>> {
    let me = scope.user_id();
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on_both!(scope.connection(), conn => {
        let mut query = QueryBuilder::new(
            "SELECT s.task_id, p.id, p.name FROM task_shares s JOIN people p ON p.id = s.shared_by_user_id
             WHERE s.shared_with_user_id = ",
        );
        query.push_bind(me).push(" AND s.task_id IN ");
        push_ids(&mut query, tasks);
        query.build_query_as().fetch_all(conn).await
    })?)
}
