//! The SQL of the search in a list of tasks: a text of the title or the description, in any letter's case.
//!
//! No single plan is fast for every word. A common word is found soon by reading the list in its order; a rare one
//! by the index of migration `0006_search`, which knows texts of three letters and more. So the newest tasks of the
//! list are read first, and when they do not fill the page, the index is asked.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::query_scalar;

use super::{
    query::{ListSql, ParameterValue, Parameters, SortKey, TaskQuery, is_postgres, rows},
    store,
};
use tallyboard_db::{Connection, Scope, from_row};
use tallyboard_model::{
    error::Result,
    id::{RowId, TaskId, UserId},
    input::{comparable, composed, decomposed},
    list::Cursor,
    tasks::Task,
};

/// How many of a list's tasks are read before the index is asked. Among so many a word that fills a page of 50 is
/// in a twentieth of the tasks.
const FIRST: usize = 1000;
/// With more hits than this among everybody's tasks, the list is read on instead: each hit has to be looked up.
const MAX_HITS: i64 = 5000;
/// The shortest text that the index knows, in characters.
const INDEXED_LENGTH: usize = 3;

#[derive(Deserialize)]
struct FoundRow {
    id: TaskId,
}
from_row!(FoundRow { id });

/// How the tasks are found.
#[derive(Clone, Copy, PartialEq)]
enum Plan {
    /// Read the first [`FIRST`] tasks of the list.
    First,
    /// Ask the index.
    Index,
    /// Read the list until the page is full.
    WholeList,
}

/// The tasks of a page that contain `words`, with the times by which the list is sorted.
pub async fn search(scope: &mut Scope, query: &TaskQuery, words: &str) -> Result<Vec<(DateTime<Utc>, Task)>> {
    let wanted = usize::try_from(query.page.rows()).unwrap_or_default();
    let pattern = Pattern::new(words);
    let found = find_page(scope, query, &pattern, Plan::First).await?;
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
    let mut query = query.clone();
    loop {
        let (sql, parameters) = sql(scope.user_id(), &query, pattern, plan, is_postgres(scope));
        let ids: Vec<TaskId> = rows(scope, sql, parameters).await?.into_iter().map(|FoundRow { id }| id).collect();
        let is_last = ids.len() < wanted;
        let mut tasks = store::find_many(scope, query.source, &ids).await?;
        if let Some((listed_at, task)) = tasks.last() {
            query.page.after = Cursor { key: SortKey::of(query.sort, *listed_at, task), id: RowId(task.id.0) };
        }
        if pattern.wider != pattern.like && plan != Plan::Index && !is_postgres(scope) {
            tasks.retain(|(_, task)| pattern.is_in(task));
        }
        found.extend(tasks);
        if is_last || found.len() >= wanted || plan == Plan::First {
            found.truncate(wanted);
            return Ok(found);
        }
    }
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

/// The ids of at most a page of tasks that match the pattern, in the list's order.
fn sql(me: UserId, query: &TaskQuery, pattern: &Pattern, plan: Plan, is_postgres: bool) -> (String, Parameters) {
    let mut list = ListSql::new(me, query, is_postgres);
    let patterns = match plan {
        _ if is_postgres => &pattern.like,
        Plan::Index => std::slice::from_ref(&pattern.phrase),
        Plan::First | Plan::WholeList => &pattern.wider,
    };
    let patterns: Vec<_> =
        patterns.iter().map(|pattern| list.parameters.add(ParameterValue::Text(pattern.clone()))).collect();
    let limit = list.parameters.add(ParameterValue::Number(query.page.rows()));
    let matching = |pattern: &String| {
        if is_postgres {
            format!("app_search_text(t.title, t.description) LIKE app_lower({pattern})")
        } else {
            format!("t.title LIKE {pattern} ESCAPE '\\' OR t.description LIKE {pattern} ESCAPE '\\'")
        }
    };
    let matches = format!("({})", patterns.iter().map(matching).collect::<Vec<_>>().join(" OR "));
    let (share, filter, order) = (list.share(), list.filter(), list.order());
    let sql = match plan {
        Plan::First => {
            let newest = list.page("t.id, t.title, t.description", share, "", &FIRST.to_string());
            format!("SELECT t.id FROM ({newest}) AS t WHERE {matches} {} LIMIT {limit}", list.order_of_page())
        }
        Plan::WholeList => {
            let page = list.page("t.id", share, &format!(" AND {matches}"), &limit);
            format!("SELECT page.id FROM ({page}) AS page {}", list.order_of_page())
        }
        // LATERAL with OFFSET 0, CROSS JOIN: the hits first, then each task by its id.
        Plan::Index if is_postgres => format!(
            "SELECT t.id FROM {} AS hit (id)
             CROSS JOIN LATERAL (SELECT * FROM tasks WHERE id = hit.id OFFSET 0) t {share}
             WHERE {filter} {order} LIMIT {limit}",
            hits(&patterns)
        ),
        Plan::Index => format!(
            "SELECT t.id FROM task_search i CROSS JOIN task_search_rows r ON r.number = i.rowid
             CROSS JOIN tasks t ON t.id = r.task_id {share}
             WHERE i.task_search MATCH {} AND {filter} {order} LIMIT {limit}",
            patterns[0]
        ),
    };
    (sql, list.parameters)
}

/// PostgreSQL's ids of the tasks that match any of the patterns, by the index.
fn hits(patterns: &[String]) -> String {
    match patterns {
        [pattern] => format!("app_search_tasks({pattern})"),
        _ => {
            let each: Vec<_> = patterns.iter().map(|pattern| format!("SELECT app_search_tasks({pattern})")).collect();
            format!("({})", each.join(" UNION "))
        }
    }
}

/// The words in the languages of the databases. Texts are stored composed (NFC), but older versions stored them as they came:
/// words that have a decomposed form are looked for in both.
struct Pattern {
    /// For PostgreSQL's LIKE; both sides are lower case there.
    like: Vec<String>,
    /// For SQLite's LIKE, which ignores the case of ASCII letters only: any other letter that has two cases is any
    /// character, and what was found has to be compared again.
    wider: Vec<String>,
    /// For FTS5: a phrase for each form, in which quotes are doubled and nothing else is special.
    phrase: String,
    /// For comparing again.
    lower: String,
}

impl Pattern {
    fn new(words: &str) -> Self {
        let mut forms = vec![composed(words).into_owned(), decomposed(words)];
        forms.dedup();
        let phrases: Vec<_> = forms.iter().map(|words| format!("\"{}\"", words.replace('"', "\"\""))).collect();
        let (like, wider) = forms.iter().map(|words| like_patterns(words)).unzip();
        Self { like, wider, phrase: phrases.join(" OR "), lower: lower(words) }
    }

    fn is_in(&self, task: &Task) -> bool {
        let contains = |text: &str| lower(text).contains(&self.lower);
        contains(&task.title) || task.description.as_deref().is_some_and(contains)
    }
}

/// The patterns `like` and `wider` of some words.
fn like_patterns(words: &str) -> (String, String) {
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
    (format!("%{like}%"), format!("%{wider}%"))
}

/// The two small sigmas are one letter, as in the indexes.
fn lower(text: &str) -> String {
    comparable(text).replace('ς', "σ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_letters_in_every_language() {
        let pattern = Pattern::new(r#"50%_\ "Ä" OR"#);
        assert_eq!(pattern.like, ["%50\\%\\_\\\\ \"Ä\" OR%", "%50\\%\\_\\\\ \"A\u{308}\" OR%"]);
        assert_eq!(pattern.wider[0], r#"%50\%\_\\ "_" OR%"#);
        assert_eq!(pattern.phrase, "\"50%_\\ \"\"Ä\"\" OR\" OR \"50%_\\ \"\"A\u{308}\"\" OR\"");
        assert_eq!(Pattern::new("plain").like, ["%plain%"]);
    }
}
