//! The SQL of the search in a list of tasks: a text of the title or the description, in any letter's case.
//!
//! No single plan is fast for every word. A common word is found soon by reading the list in its order; a rare one
//! by the index of migration `0006_search`, which knows texts of three letters and more. So the newest tasks of the
//! list are read first, and when they do not fill the page, the index is asked.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, query_scalar};

use super::{
    Task,
    store::{self, TaskQuery, TaskSource},
};
use crate::{
    db::{Connection, Scope, on_both},
    error::Result,
    id::{RowId, TaskId},
    list::Cursor,
};

/// How many of a list's tasks are read before the index is asked. Among so many a word that fills a page of 50 is
/// in a twentieth of the tasks.
const NEWEST: usize = 1000;
/// With more hits than this among everybody's tasks, the list is read on instead: each hit has to be looked up.
const MAX_HITS: i64 = 5000;
/// The shortest text that the index knows, in characters.
const INDEXED_LENGTH: usize = 3;

/// How the tasks are found.
#[derive(Clone, Copy, PartialEq)]
enum Plan {
    /// Read the first [`NEWEST`] tasks of the list.
    Newest,
    /// Ask the index.
    Index,
    /// Read the list until the page is full.
    WholeList,
}

/// The tasks of a page that contain `words`, with the times by which the list is sorted.
pub async fn search(scope: &mut Scope, query: &TaskQuery, words: &str) -> Result<Vec<(DateTime<Utc>, Task)>> {
    let wanted = usize::try_from(query.page.rows()).unwrap_or_default();
    let pattern = Pattern::new(words);
    let found = find_page(scope, query, &pattern, Plan::Newest).await?;
    if found.len() >= wanted {
        return Ok(found);
    }
    let use_index = words.chars().count() >= INDEXED_LENGTH && !has_too_many_hits(scope, &pattern).await?;
    find_page(scope, query, &pattern, if use_index { Plan::Index } else { Plan::WholeList }).await
}

async fn find_page(
    scope: &mut Scope,
    query: &TaskQuery,
    pattern: &Pattern,
    plan: Plan,
) -> Result<Vec<(DateTime<Utc>, Task)>> {
    let wanted = usize::try_from(query.page.rows()).unwrap_or_default();
    let mut found = Vec::new();
    let mut after = query.page.after;
    loop {
        let ids = find_ids(scope, query, after, pattern, plan).await?;
        let is_last = ids.len() < wanted;
        let mut tasks = store::find_many(scope, query.source, &ids).await?;
        if let Some((time, task)) = tasks.last() {
            after = Cursor { time: *time, id: RowId(task.id.0) };
        }
        if pattern.wider != pattern.like && plan != Plan::Index && !is_postgres(scope) {
            tasks.retain(|(_, task)| pattern.is_in(task));
        }
        found.extend(tasks);
        if is_last || found.len() >= wanted || plan == Plan::Newest {
            found.truncate(wanted);
            return Ok(found);
        }
    }
}

/// The ids of at most a page of tasks that match the pattern, in any order.
async fn find_ids(
    scope: &mut Scope,
    query: &TaskQuery,
    after: Cursor,
    pattern: &Pattern,
    plan: Plan,
) -> Result<Vec<TaskId>> {
    let me = scope.user_id();
    let is_postgres = is_postgres(scope);
    let sql = sql(query, plan, is_postgres);
    let pattern = match plan {
        _ if is_postgres => &pattern.like,
        Plan::Index => &pattern.phrase,
        Plan::Newest | Plan::WholeList => &pattern.wider,
    };
    Ok(on_both!(scope.connection(), conn => {
        let mut statement = query_scalar(AssertSqlSafe(sql))
            .bind(me).bind(after.time).bind(after.id).bind(pattern).bind(query.page.rows());
        if let TaskSource::Team(team) = query.source {
            statement = statement.bind(team);
        }
        if let Some(status) = query.status {
            statement = statement.bind(status.as_str());
        }
        statement.fetch_all(conn).await
    })?)
}

/// Whether the words are in so many tasks, of anybody, that looking each up would take long.
async fn has_too_many_hits(scope: &mut Scope, pattern: &Pattern) -> Result<bool> {
    match scope.connection() {
        Connection::Sqlite(conn) => {
            let hits: i64 =
                query_scalar("SELECT COUNT(*) FROM (SELECT 1 FROM task_search WHERE task_search MATCH $1 LIMIT $2)")
                    .bind(&pattern.phrase)
                    .bind(MAX_HITS)
                    .fetch_one(conn)
                    .await?;
            Ok(hits >= MAX_HITS)
        }
        // The index is read as a whole there, so counting would cost as much as the search.
        Connection::Postgres(_) => Ok(false),
    }
}

fn is_postgres(scope: &mut Scope) -> bool {
    matches!(scope.connection(), Connection::Postgres(_))
}

/// The parameters: $1 the user, $2 and $3 the cursor, $4 the pattern, $5 the limit, then a team and a status.
fn sql(query: &TaskQuery, plan: Plan, is_postgres: bool) -> String {
    let (share, mut filter, time, id) = match query.source {
        TaskSource::Mine => ("", "t.user_id = $1".to_owned(), "t.created_at", "t.id"),
        TaskSource::Team(_) => {
            let member = "EXISTS (SELECT 1 FROM team_members WHERE team_id = $6 AND user_id = $1)";
            ("", format!("t.team_id = $6 AND {member}"), "t.created_at", "t.id")
        }
        TaskSource::SharedWithMe => (
            "JOIN task_shares s ON s.task_id = t.id",
            "s.shared_with_user_id = $1".to_owned(),
            "s.created_at",
            "s.task_id",
        ),
    };
    if query.status.is_some() {
        let number = if matches!(query.source, TaskSource::Team(_)) { 7 } else { 6 };
        filter.push_str(&format!(" AND t.status = ${number}"));
    }
    filter.push_str(&format!(" AND ({time}, {id}) < ($2, $3)"));
    let order = format!("ORDER BY {time} DESC, {id} DESC");
    let matches = if is_postgres {
        "app_search_text(t.title, t.description) LIKE app_lower($4)"
    } else {
        "(t.title LIKE $4 ESCAPE '\\' OR t.description LIKE $4 ESCAPE '\\')"
    };
    match plan {
        Plan::Newest => format!(
            "SELECT id FROM (SELECT t.id, t.title, t.description FROM tasks t {share} WHERE {filter} {order} LIMIT {NEWEST}) t
             WHERE {matches} LIMIT $5"
        ),
        Plan::WholeList => format!("SELECT t.id FROM tasks t {share} WHERE {filter} AND {matches} {order} LIMIT $5"),
        // LATERAL with OFFSET 0, CROSS JOIN: the hits first, then each task by its id.
        Plan::Index if is_postgres => format!(
            "SELECT t.id FROM app_search_tasks($4) AS hit (id)
             CROSS JOIN LATERAL (SELECT * FROM tasks WHERE id = hit.id OFFSET 0) t {share} WHERE {filter} {order} LIMIT $5"
        ),
        Plan::Index => format!(
            "SELECT t.id FROM task_search i CROSS JOIN task_search_rows r ON r.number = i.rowid
             CROSS JOIN tasks t ON t.id = r.task_id {share} WHERE i.task_search MATCH $4 AND {filter} {order} LIMIT $5"
        ),
    }
}

/// The words in the languages of the databases.
struct Pattern {
    /// For PostgreSQL's LIKE; both sides are lower case there.
    like: String,
    /// For SQLite's LIKE, which ignores the case of ASCII letters only: any other letter that has two cases is any
    /// character, and what was found has to be compared again.
    wider: String,
    /// For FTS5: one phrase, in which quotes are doubled and nothing else is special.
    phrase: String,
    /// For comparing again.
    lower: String,
}

impl Pattern {
    fn new(words: &str) -> Self {
        let (mut like, mut wider) = (String::new(), String::new());
        for c in words.chars() {
            if matches!(c, '\\' | '%' | '_') {
                like.push('\\');
                wider.push('\\');
            }
            like.push(c);
            let has_two_cases = !c.to_lowercase().eq(c.to_uppercase());
            wider.push(if has_two_cases && !c.is_ascii() { '_' } else { c });
        }
        Self {
            like: format!("%{like}%"),
            wider: format!("%{wider}%"),
            phrase: format!("\"{}\"", words.replace('"', "\"\"")),
            lower: lower(words),
        }
    }

    fn is_in(&self, task: &Task) -> bool {
        let contains = |text: &str| lower(text).contains(&self.lower);
        contains(&task.title) || task.description.as_deref().is_some_and(contains)
    }
}

/// The two small sigmas are one letter, as in the indexes.
fn lower(text: &str) -> String {
    text.to_lowercase().replace('ς', "σ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_letters_in_every_language() {
        let pattern = Pattern::new(r#"50%_\ "Ä" OR"#);
        assert_eq!(pattern.like, r#"%50\%\_\\ "Ä" OR%"#);
        assert_eq!(pattern.wider, r#"%50\%\_\\ "_" OR%"#);
        assert_eq!(pattern.phrase, r#""50%_\ ""Ä"" OR""#);
    }
}
