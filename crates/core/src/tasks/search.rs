//! The SQL of the search in a list of tasks: a text of the title or the description, in any letter's case.
//!
//! No single plan is fast for every word. A frequent one is found soon by reading the list in its order; a rare one by
//! the index of migration `0006_search`, which knows texts of three letters and more and answers them in no order. So the
//! first tasks of the list are read, and how many of them have the word says which of the two comes next.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::query_scalar;

use super::{
    query::{ListSql, ParameterValue, Parameters, SortKey, TaskQuery, is_postgres, rows},
    search_words::{Form, Pattern, lower},
    store,
};
use tallyboard_db::{Connection, Scope, from_row};
use tallyboard_model::{
    error::Result,
    id::{RowId, TaskId, UserId},
    list::Cursor,
    tasks::Task,
};

/// How many of a list's tasks are read first.
const FIRST: usize = 1000;
/// How many are read when that many would fill the page, were the word as frequent in them as in the first: reading
/// one takes about 1 µs. SQLite sorts that many of a union of lists before it compares any, so it doesn't read on there.
const READ_ON: usize = 20_000;
/// The most tasks, of any user, that are looked up after the index has found them, which takes about 8 µs for one.
const FEW_HITS: i64 = 1500;
/// The most when reading on didn't fill the page either.
const MANY_HITS: i64 = 5000;
/// How many of a list's tasks say which letters are rare.
const SAMPLE: usize = 200;
/// The shortest text that the index knows, in characters.
const INDEXED_LENGTH: usize = 3;

#[derive(Deserialize)]
struct FoundRow {
    id: TaskId,
}
from_row!(FoundRow { id });

#[derive(Deserialize)]
struct SampleRow {
    title: String,
    description: Option<String>,
}
from_row!(SampleRow { title, description });

#[derive(Deserialize)]
struct CountRow {
    count: i64,
}
from_row!(CountRow { count });

/// How the tasks are found.
enum Plan {
    /// Read this many tasks of the list, until the page is full.
    First(usize),
    /// Look up what the index has found: for each form of the words the tasks' ids, or on SQLite their numbers in the index.
    Index(Vec<String>),
    /// Read the list until the page is full.
    WholeList,
}

/// Tasks with the times by which the list is sorted.
type Page = Vec<(DateTime<Utc>, Task)>;

/// The tasks of a page that contain `words`.
pub async fn search(scope: &mut Scope, query: &TaskQuery, words: &str) -> Result<Page> {
    let pattern = Pattern::new(words, is_postgres(scope));
    let seen = match read_first(scope, query, &pattern, FIRST).await? {
        Ok(page) => return Ok(page),
        Err(seen) => seen,
    };
    if words.chars().count() < INDEXED_LENGTH {
        return Ok(find_page(scope, query, &pattern, &Plan::WholeList).await?.0);
    }
    let is_frequent = seen * (READ_ON / FIRST) >= wanted(query);
    let can_read_on = is_postgres(scope) || !ListSql::new(scope.user_id(), query, false).is_union();
    if can_read_on
        && is_frequent
        && let Ok(page) = read_first(scope, query, &pattern, READ_ON).await?
    {
        return Ok(page);
    }
    let sample = sample(scope, query).await?;
    let mut hits = ask_index(scope, &pattern, &sample, FEW_HITS).await?;
    if hits.is_none() {
        if can_read_on
            && !is_frequent
            && let Ok(page) = read_first(scope, query, &pattern, READ_ON).await?
        {
            return Ok(page);
        }
        hits = ask_index(scope, &pattern, &sample, MANY_HITS).await?;
    }
    let plan = hits.map_or(Plan::WholeList, Plan::Index);
    Ok(find_page(scope, query, &pattern, &plan).await?.0)
}

/// The page, if the first `limit` tasks of the list fill it or are the whole list; otherwise how many of them match.
async fn read_first(
    scope: &mut Scope,
    query: &TaskQuery,
    pattern: &Pattern,
    limit: usize,
) -> Result<std::result::Result<Page, usize>> {
    let (found, is_last) = find_page(scope, query, pattern, &Plan::First(limit)).await?;
    let is_page = found.len() >= wanted(query) || is_last && !is_longer_than(scope, query, limit).await?;
    Ok(if is_page { Ok(found) } else { Err(found.len()) })
}

/// How many tasks fill a page.
fn wanted(query: &TaskQuery) -> usize {
    usize::try_from(query.page.rows()).unwrap_or_default()
}

/// A page of tasks, and whether the plan has no more of them.
async fn find_page(scope: &mut Scope, query: &TaskQuery, pattern: &Pattern, plan: &Plan) -> Result<(Page, bool)> {
    let wanted = wanted(query);
    let mut found = Vec::new();
    let mut query = query.clone();
    loop {
        let (sql, parameters) = sql(scope.user_id(), &query, pattern, plan, is_postgres(scope));
        let ids: Vec<TaskId> = rows(scope, sql, parameters).await?.into_iter().map(|FoundRow { id }| id).collect();
        let is_last = ids.len() < wanted;
        let mut tasks = store::find_many(scope, query.source, &ids).await?;
        if let Some((listed_at, task)) = tasks.last() {
            query.page.after = Cursor { key: SortKey::of(query.sort, *listed_at, task), id: RowId(task.id.0) };
        }
        if pattern.is_widened() && !is_postgres(scope) {
            tasks.retain(|(_, task)| pattern.is_in(task));
        }
        found.extend(tasks);
        if is_last || found.len() >= wanted || matches!(plan, Plan::First(_)) {
            found.truncate(wanted);
            return Ok((found, is_last));
        }
    }
}

/// The list without its filter by day, for which there may be no index in the list's order.
fn of_any_day(scope: &mut Scope, query: &TaskQuery) -> ListSql {
    ListSql::new(scope.user_id(), &TaskQuery { due: None, ..query.clone() }, is_postgres(scope))
}

/// Whether more tasks than this, of any day, follow the page's beginning in the list.
async fn is_longer_than(scope: &mut Scope, query: &TaskQuery, limit: usize) -> Result<bool> {
    let list = of_any_day(scope, query);
    let page = list.page("t.id", list.share(), "", &(limit + 1).to_string());
    let sql = format!("SELECT COUNT(*) AS count FROM ({page}) AS page");
    let counted: Vec<CountRow> = rows(scope, sql, list.parameters).await?;
    Ok(counted.iter().any(|row| usize::try_from(row.count).is_ok_and(|count| count > limit)))
}

/// Texts of the list's tasks of any day, in lower case.
async fn sample(scope: &mut Scope, query: &TaskQuery) -> Result<Vec<String>> {
    let list = of_any_day(scope, query);
    let page = list.page("t.title, t.description", list.share(), "", &SAMPLE.to_string());
    let sql = format!("SELECT title, description FROM ({page}) AS page");
    let sample: Vec<SampleRow> = rows(scope, sql, list.parameters).await?;
    let text = |SampleRow { title, description }| lower(&[title, description.unwrap_or_default()].join("\n"));
    Ok(sample.into_iter().map(text).collect())
}

/// What the index has on the pattern, as [`Plan::Index`] takes it; `None` if it's more than `most` tasks of any user.
pub async fn ask_index(
    scope: &mut Scope,
    pattern: &Pattern,
    sample: &[String],
    most: i64,
) -> Result<Option<Vec<String>>> {
    match scope.connection() {
        Connection::Sqlite(conn) => {
            let queries: Vec<_> = pattern.forms.iter().map(|form| form.fts_query(sample)).collect();
            let numbers: Option<String> = query_scalar(
                "SELECT iif(COUNT(*) <= $2, json_group_array(rowid), NULL)
                 FROM (SELECT rowid FROM task_search WHERE task_search MATCH $1 LIMIT $2 + 1)",
            )
            .bind(queries.join(" OR "))
            .bind(most)
            .fetch_one(conn)
            .await?;
            Ok(numbers.map(|numbers| vec![numbers]))
        }
        Connection::Postgres(conn) => {
            let mut found = Vec::new();
            for form in &pattern.forms {
                let [a, b, c] = form.trgm_pieces(sample);
                let ids: Option<String> =
                    query_scalar("SELECT app_search_tasks($1, ARRAY[$2, $3, $4], $5::bigint::int)::text")
                        .bind(&form.like)
                        .bind(a)
                        .bind(b)
                        .bind(c)
                        .bind(most)
                        .fetch_one(&mut *conn)
                        .await?;
                let Some(ids) = ids else { return Ok(None) };
                found.push(ids);
            }
            Ok(Some(found))
        }
    }
}

/// The ids of at most a page of tasks that match the pattern, in the list's order.
fn sql(me: UserId, query: &TaskQuery, pattern: &Pattern, plan: &Plan, is_postgres: bool) -> (String, Parameters) {
    let mut list = ListSql::new(me, query, is_postgres);
    let mut text = |text: &String| list.parameters.add(ParameterValue::Text(text.clone()));
    let mut matching = |Form { wider, like, .. }: &Form| {
        let wider = text(wider);
        if is_postgres {
            // Most texts are compared without ICU, which takes four times as long.
            let wide = ["title", "description"].map(|column| format!("lower(t.{column} COLLATE \"C\") LIKE {wider}"));
            let exact = format!("app_search_text(t.title, t.description) LIKE (SELECT app_lower({}))", text(like));
            format!("CASE WHEN {} THEN {exact} ELSE false END", wide.join(" OR "))
        } else {
            format!("t.title LIKE {wider} ESCAPE '\\' OR t.description LIKE {wider} ESCAPE '\\'")
        }
    };
    let matches = match plan {
        // PostgreSQL's index has compared already.
        Plan::Index(_) if is_postgres => Vec::new(),
        _ => pattern.forms.iter().map(&mut matching).collect(),
    };
    let matches = format!("({})", matches.join(" OR "));
    let hits: Vec<_> = match plan {
        Plan::Index(hits) => hits.iter().map(&mut text).collect(),
        Plan::First(_) | Plan::WholeList => Vec::new(),
    };
    let limit = list.parameters.add(ParameterValue::Number(query.page.rows()));
    let (share, filter, order) = (list.share(), list.filter(), list.order());
    let sql = match plan {
        Plan::First(rows) => {
            let newest = list.page("t.id, t.title, t.description", share, "", &rows.to_string());
            format!("SELECT t.id FROM ({newest}) AS t WHERE {matches} {} LIMIT {limit}", list.order_of_page())
        }
        Plan::WholeList => {
            let page = list.page("t.id", share, &format!(" AND {matches}"), &limit);
            format!("SELECT page.id FROM ({page}) AS page {}", list.order_of_page())
        }
        // LATERAL with OFFSET 0, CROSS JOIN: the hits first, then each task by its id.
        Plan::Index(_) if is_postgres => {
            let hits: Vec<_> = hits.iter().map(|ids| format!("SELECT unnest({ids}::uuid[])")).collect();
            format!(
                "SELECT t.id FROM ({}) AS hit (id)
                 CROSS JOIN LATERAL (SELECT * FROM tasks WHERE id = hit.id OFFSET 0) t {share}
                 WHERE {filter} {order} LIMIT {limit}",
                hits.join(" UNION ")
            )
        }
        Plan::Index(_) => format!(
            "SELECT t.id FROM json_each({}) hit CROSS JOIN task_search_rows r ON r.number = hit.value
             CROSS JOIN tasks t ON t.id = r.task_id {share}
             WHERE {filter} AND {matches} {order} LIMIT {limit}",
            hits.join("")
        ),
    };
    (sql, list.parameters)
}
