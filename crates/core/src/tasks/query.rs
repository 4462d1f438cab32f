//! The SQL of a list of tasks: which tasks, in which order, and where the page begins. `store` reads a page with it,
//! `search` searches in it. Most lists have an index in their order; `tests/http/plans.rs` reads the query plans.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::DeserializeOwned;
use sqlx::{AssertSqlSafe, FromRow, postgres::PgRow, query_as, query_scalar};

use tallyboard_base::figures::QueryTimer;
use tallyboard_db::{Columns, Connection, Scope};
use tallyboard_model::{
    calendar::TimeRange,
    error::{Error, Result},
    id::{RowId, TeamId, UserId},
    list::{Cursor, CursorKey, PageRequest, end_of_time, start_of_time},
    tasks::{Sort, Task, TaskStatus},
};

/// Which tasks a list shows.
#[derive(Clone, Copy, Debug)]
pub enum TaskSource {
    /// Tasks that the user owns.
    Mine,
    /// The tasks of a team.
    Team(TeamId),
    /// Tasks that were shared with the user directly.
    SharedWithMe,
    /// Every task that the user may change.
    Changeable,
}

/// On which days the tasks of a list are due.
#[derive(Clone, Copy, Debug)]
pub enum DueFilter {
    /// Before this time.
    Before(DateTime<Utc>),
    /// In this range.
    In(TimeRange),
    /// On no day.
    None,
}

/// The parameters of a list.
#[derive(Clone, Debug)]
pub struct TaskQuery {
    pub source: TaskSource,
    pub status: Option<TaskStatus>,
    pub due: Option<DueFilter>,
    pub sort: Sort,
    pub page: PageRequest<SortKey>,
}

/// The sort key: a task's position in the list, together with its id.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    /// When the task was created, or shared with the user.
    ListedAt(DateTime<Utc>),
    /// When it is due; tasks without a day are due at the end of time.
    Due(DateTime<Utc>),
    /// Its title; the database ignores its case.
    Title(String),
}

impl SortKey {
    /// The key of a task that came into the list at `listed_at`.
    pub fn of(sort: Sort, listed_at: DateTime<Utc>, task: &Task) -> Self {
        match sort {
            Sort::Newest => Self::ListedAt(listed_at),
            Sort::Due => Self::Due(task.due_at.unwrap_or_else(end_of_time)),
            Sort::Title => Self::Title(task.title.clone()),
        }
    }

    /// The place before the first task of a list.
    pub fn start(sort: Sort) -> Cursor<Self> {
        let first = RowId(uuid::Uuid::nil());
        match sort {
            Sort::Newest => Cursor { key: Self::ListedAt(end_of_time()), id: RowId(uuid::Uuid::max()) },
            Sort::Due => Cursor { key: Self::Due(start_of_time()), id: first },
            Sort::Title => Cursor { key: Self::Title(String::new()), id: first },
        }
    }

    /// Whether a list in this order has such keys.
    pub fn is_of(&self, sort: Sort) -> bool {
        matches!(
            (self, sort),
            (Self::ListedAt(_), Sort::Newest) | (Self::Due(_), Sort::Due) | (Self::Title(_), Sort::Title)
        )
    }
}

impl CursorKey for SortKey {
    fn to_text(&self) -> String {
        match self {
            Self::ListedAt(time) => time.to_text(),
            Self::Due(time) => format!("due {}", time.to_text()),
            Self::Title(title) => format!("title {title}"),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        Some(match text.split_once(' ') {
            Some(("due", time)) => Self::Due(DateTime::from_text(time)?),
            Some(("title", title)) if !title.contains('\0') => Self::Title(title.to_owned()),
            _ => Self::ListedAt(DateTime::from_text(text)?),
        })
    }
}

/// The value of a parameter.
#[derive(Clone, Debug)]
pub enum ParameterValue {
    Id(RowId),
    Time(DateTime<Utc>),
    Text(String),
    Number(i64),
}

/// The values of a statement's parameters, $1 first.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<ParameterValue>);

impl Parameters {
    /// The user, and then the others.
    pub fn of(me: UserId, others: impl IntoIterator<Item = ParameterValue>) -> Self {
        Self([ParameterValue::Id(RowId(me.0))].into_iter().chain(others).collect())
    }

    /// Adds a value; answers its placeholder.
    pub fn add(&mut self, value: ParameterValue) -> String {
        self.0.push(value);
        format!("${}", self.0.len())
    }

    /// The statement with its values written into it: for the tests of query plans, where no value is a user's.
    pub fn written_into(&self, sql: &str) -> String {
        let literal = |value: &ParameterValue| match value {
            ParameterValue::Id(id) => format!("'{id}'"),
            ParameterValue::Time(time) => format!("'{}'", time.to_rfc3339_opts(SecondsFormat::AutoSi, false)),
            ParameterValue::Text(text) => format!("'{text}'"),
            ParameterValue::Number(number) => number.to_string(),
        };
        let values = self.0.iter().enumerate().rev();
        values.fold(sql.to_owned(), |sql, (index, value)| sql.replace(&format!("${}", index + 1), &literal(value)))
    }
}

/// Binds the parameters to a query of either database.
macro_rules! bind {
    ($query:expr, $parameters:expr) => {
        $parameters.0.into_iter().fold($query, |query, value| match value {
            ParameterValue::Id(id) => query.bind(id),
            ParameterValue::Time(time) => query.bind(time),
            ParameterValue::Text(text) => query.bind(text),
            ParameterValue::Number(number) => query.bind(number),
        })
    };
}

/// The rows of a statement with these parameters. SQLite answers them as one text, a JSON array for each row: sqlx would
/// copy each value of each row to the heap and send each row from one thread to another (28 % of the time of a list of 50
/// tasks).
pub async fn rows<T>(scope: &mut Scope, sql: String, parameters: Parameters) -> Result<Vec<T>>
where
    T: Columns + DeserializeOwned + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    // The rows keep their order: SQLite ignores the ORDER BY of a subquery only for count, min and max.
    let json = format!("SELECT group_concat(json_array({}), '') FROM ({sql})", T::COLUMNS);
    let read_json = |json: Option<String>| {
        let rows = serde_json::Deserializer::from_str(json.as_deref().unwrap_or_default()).into_iter();
        rows.collect::<Result<_, _>>().map_err(Error::internal)
    };
    let _timer = QueryTimer::start("tallyboard::tasks::query::rows");
    match scope.connection() {
        Connection::Sqlite(conn) => {
            read_json(bind!(query_scalar(AssertSqlSafe(json)), parameters).fetch_one(conn).await?)
        }
        Connection::Postgres(conn) => Ok(bind!(query_as(AssertSqlSafe(sql)), parameters).fetch_all(conn).await?),
    }
}

/// The number that a statement with these parameters answers.
pub async fn count_rows(scope: &mut Scope, sql: String, parameters: Parameters) -> Result<i64> {
    Ok(match scope.connection() {
        Connection::Sqlite(conn) => bind!(query_scalar(AssertSqlSafe(sql)), parameters).fetch_one(conn).await?,
        Connection::Postgres(conn) => bind!(query_scalar(AssertSqlSafe(sql)), parameters).fetch_one(conn).await?,
    })
}

/// The parts of a list's statement. `t` is the task; `s` is the share of the user, where there is one.
pub struct ListSql {
    pub parameters: Parameters,
    source: TaskSource,
    /// Which tasks: each of these conditions has an index in the list's order, all together have none.
    branches: Vec<String>,
    /// A condition that all of them meet.
    filter: String,
    key: &'static str,
    id: &'static str,
    direction: &'static str,
}

impl ListSql {
    pub fn new(me: UserId, query: &TaskQuery, is_postgres: bool) -> Self {
        let mut parameters = Parameters::of(me, []);
        let user = "$1";
        let is_shared = matches!(query.source, TaskSource::SharedWithMe);
        let (key, id) = match query.sort {
            Sort::Newest if is_shared => ("s.created_at", "s.task_id"),
            Sort::Newest => ("t.created_at", "t.id"),
            Sort::Due => ("t.due_key", "t.id"),
            Sort::Title => ("t.title_key", "t.id"),
        };
        let (direction, after) = if query.sort == Sort::Newest { ("DESC", "<") } else { ("ASC", ">") };
        let mut branches = match query.source {
            TaskSource::Mine => vec![format!("t.user_id = {user}")],
            TaskSource::SharedWithMe => vec![format!("s.shared_with_user_id = {user}")],
            TaskSource::Team(team) => {
                let team = parameters.add(ParameterValue::Id(RowId(team.0)));
                let member = format!("EXISTS (SELECT 1 FROM team_members WHERE team_id = {team} AND user_id = {user})");
                vec![format!("t.team_id = {team} AND {member}")]
            }
            TaskSource::Changeable => {
                let manages = format!(
                    "t.team_id IN (SELECT m.team_id FROM team_members m JOIN teams ON teams.id = m.team_id
                     WHERE m.user_id = {user}
                       AND (m.role IN ('owner', 'admin') OR m.role = 'member' AND teams.members_edit = 'all'))"
                );
                let edits = format!(
                    "t.id IN (SELECT task_id FROM task_shares WHERE shared_with_user_id = {user} AND permission = 'edit')"
                );
                // No task is in two of them.
                vec![
                    format!("t.user_id = {user}"),
                    format!("t.user_id <> {user} AND {manages}"),
                    format!("t.user_id <> {user} AND (t.team_id IS NULL OR NOT {manages}) AND {edits}"),
                ]
            }
        };
        let with_status =
            |branch: &String, status: TaskStatus| format!("{branch} AND t.status = '{}'", status.as_str());
        if let Some(status) = query.status {
            branches = branches.iter().map(|branch| with_status(branch, status)).collect();
        } else if !is_shared && query.sort != Sort::Newest {
            let both = [TaskStatus::Pending, TaskStatus::Completed];
            branches = branches.iter().flat_map(|branch| both.map(|status| with_status(branch, status))).collect();
        }
        let mut filter = match query.due {
            Some(DueFilter::Before(end)) => format!("t.due_key < {} AND ", parameters.add(ParameterValue::Time(end))),
            Some(DueFilter::In(TimeRange { start, end })) => {
                let (start, end) =
                    (parameters.add(ParameterValue::Time(start)), parameters.add(ParameterValue::Time(end)));
                format!("t.due_key >= {start} AND t.due_key < {end} AND ")
            }
            Some(DueFilter::None) => {
                format!("t.due_at IS NULL AND t.due_key = {} AND ", parameters.add(ParameterValue::Time(end_of_time())))
            }
            None => String::new(),
        };
        let place = match &query.page.after.key {
            SortKey::ListedAt(time) | SortKey::Due(time) => parameters.add(ParameterValue::Time(*time)),
            SortKey::Title(title) => {
                let title = parameters.add(ParameterValue::Text(title.clone()));
                format!("{}({title})", if is_postgres { "app_lower" } else { "lower" })
            }
        };
        let place_id = parameters.add(ParameterValue::Id(query.page.after.id));
        filter.push_str(&format!("({key}, {id}) {after} ({place}, {place_id})"));
        Self { parameters, source: query.source, branches, filter, key, id, direction }
    }

    /// A condition for tasks after the page's first one.
    pub fn filter(&self) -> String {
        format!("({}) AND {}", self.branches.join(" OR "), self.filter)
    }

    pub fn order(&self) -> String {
        let Self { key, id, direction, .. } = self;
        format!("ORDER BY {key} {direction}, {id} {direction}")
    }

    /// The order of what [`Self::page`] reads, for a statement around it.
    pub fn order_of_page(&self) -> String {
        format!("ORDER BY sort_key {0}, sort_id {0}", self.direction)
    }

    /// The join that makes `s` the share by which the user sees the task.
    pub fn share(&self) -> &'static str {
        if matches!(self.source, TaskSource::SharedWithMe) { "JOIN task_shares s ON s.task_id = t.id" } else { "" }
    }

    /// Whether the list is made of several, each with an index in its order.
    pub fn is_union(&self) -> bool {
        self.branches.len() > 1
    }

    /// The first `limit` rows of the page that meet `condition`, in the list's order.
    pub fn page(&self, columns: &str, joins: &str, condition: &str, limit: &str) -> String {
        let Self { key, id, filter, .. } = self;
        let order = self.order();
        let select = |branch: &String| {
            format!(
                "SELECT {columns}, {key} AS sort_key, {id} AS sort_id FROM tasks t {joins}
                 WHERE {branch} AND {filter}{condition} {order} LIMIT {limit}"
            )
        };
        if let [only] = &self.branches[..] {
            return select(only);
        }
        let branches: Vec<_> = self
            .branches
            .iter()
            .enumerate()
            .map(|(n, branch)| format!("SELECT * FROM ({}) AS branch{n}", select(branch)))
            .collect();
        format!("{} {} LIMIT {limit}", branches.join(" UNION ALL "), self.order_of_page())
    }
}

pub fn is_postgres(scope: &mut Scope) -> bool {
    matches!(scope.connection(), Connection::Postgres(_))
}
