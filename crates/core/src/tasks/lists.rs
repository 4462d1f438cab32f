//! The rules of a list of tasks: what its filters mean.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{
    query::{DueFilter, SortKey, TaskQuery, TaskSource},
    search, store, trash,
};
use crate::membership;
use tallyboard_db::{Scope, now};
use tallyboard_model::{
    calendar::Calendar,
    error::Result,
    id::{TeamId, UserId},
    input::Validator,
    list::{List, PageRequest, foreign_cursor},
    tasks::{AccessFilter, Due, Shared, Sort, Task, TaskFilter, TaskStatus},
};

/// A page of tasks for a user who lives in `zone`.
pub async fn list(scope: &mut Scope, zone: Tz, filter: TaskFilter) -> Result<List<Task>> {
    if filter.trash == Some(true) {
        return trash::service::list(scope, filter).await;
    }
    let mut validator = Validator::new();
    let q = validator.optional_line("q", filter.q.as_deref(), 200);
    if filter.team_id.is_some() && filter.shared.is_some() {
        validator.reject("shared", "can't be combined with team_id");
    }
    if filter.access.is_some() && (filter.team_id.is_some() || filter.shared.is_some()) {
        validator.reject("access", "can't be combined with team_id or shared");
    }
    let sort = filter.sort.unwrap_or_default();
    let start = SortKey::start(sort);
    let page = PageRequest::from_params(&mut validator, filter.limit, filter.cursor.as_deref(), start)?;
    validator.finish()?;
    if !page.after.key.is_of(sort) {
        return Err(foreign_cursor());
    }
    let source = match (filter.team_id, filter.shared) {
        _ if filter.access == Some(AccessFilter::Change) => TaskSource::Changeable,
        (Some(team), _) => {
            membership::service::role_in(scope, team).await?;
            TaskSource::Team(team)
        }
        (None, Some(Shared::WithMe)) => TaskSource::SharedWithMe,
        (None, None) => TaskSource::Mine,
    };
    let mut status = filter.status;
    if filter.due == Some(Due::Overdue) {
        if status == Some(TaskStatus::Completed) {
            return Ok(List { items: Vec::new(), next_cursor: None });
        }
        status = Some(TaskStatus::Pending);
    }
    let due = filter.due.map(|due| due_filter(due, &Calendar::at(now(), zone)));
    let query = TaskQuery { source, status, due, sort, page };
    let found = match q {
        Some(words) => search::search(scope, &query, &words).await?,
        None => store::list(scope, &query).await?,
    };
    let place = |(listed_at, task): &(DateTime<Utc>, Task)| (SortKey::of(sort, *listed_at, task), task.id.0);
    let List { items, next_cursor } = query.page.answer(found, place);
    Ok(List { items: items.into_iter().map(|(_, task)| task).collect(), next_cursor })
}

/// Where [`count_due`] stops counting.
const MOST_DUE: i64 = 100;

/// How many pending tasks that the user may change are overdue or due today, for a user who lives in `zone`; at most 100.
pub async fn count_due(scope: &mut Scope, zone: Tz) -> Result<i64> {
    let sort = Sort::Due;
    let page = PageRequest::from_params(&mut Validator::new(), None, None, SortKey::start(sort))?;
    let due = Some(DueFilter::Before(Calendar::at(now(), zone).today().end));
    let query = TaskQuery { source: TaskSource::Changeable, status: Some(TaskStatus::Pending), due, sort, page };
    store::count(scope, &query, MOST_DUE).await
}

fn due_filter(due: Due, calendar: &Calendar) -> DueFilter {
    match due {
        Due::Overdue => DueFilter::Before(calendar.today().start),
        Due::Today => DueFilter::In(calendar.today()),
        Due::Week => DueFilter::In(calendar.next_days(7)),
        Due::None => DueFilter::None,
    }
}

/// Every kind of list of `me` and of a team, for the tests of the query plans: what it lists, whether the index has
/// the list's order, and the statement.
pub fn written_out_lists(me: UserId, team: TeamId, is_postgres: bool) -> Result<Vec<(String, bool, String)>> {
    let calendar = Calendar::at(now(), Tz::UTC);
    let mut lists = Vec::new();
    for source in [TaskSource::Mine, TaskSource::Team(team), TaskSource::SharedWithMe, TaskSource::Changeable] {
        for sort in [Sort::Newest, Sort::Due, Sort::Title] {
            for due in [None, Some(Due::Overdue), Some(Due::Today), Some(Due::Week), Some(Due::None)] {
                for status in [None, Some(TaskStatus::Pending)] {
                    let page = PageRequest::from_params(&mut Validator::new(), None, None, SortKey::start(sort))?;
                    let due_days = due.map(|due| due_filter(due, &calendar));
                    let query = TaskQuery { source, status, due: due_days, sort, page };
                    let (sql, parameters) = store::list_sql(me, &query, is_postgres);
                    let is_ordered = match source {
                        TaskSource::Changeable => false,
                        TaskSource::SharedWithMe => sort == Sort::Newest,
                        _ => sort != Sort::Newest && status.is_some() || due.is_none(),
                    };
                    let name = format!("{source:?} {status:?} {due:?} {sort:?}");
                    lists.push((name, is_ordered, parameters.written_into(&sql)));
                }
            }
        }
    }
    Ok(lists)
}
