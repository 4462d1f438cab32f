//! The address of the page of tasks: it begins with open tasks, by day.

use chrono_tz::Tz;

use super::listed::filter;
use tallyboard_db::now;
use tallyboard_model::{
    calendar::Calendar,
    error::Result,
    tasks::{Sort, TaskFilter, TaskStatus},
};

/// What the page's address says for both open and completed tasks.
const ANY_STATUS: &str = "status=all";

/// The filter in the address of the page of tasks. What isn't narrowed down is the open tasks, by day.
pub fn page_filter(query: &str) -> Result<TaskFilter> {
    let is_any = query.split('&').any(|part| part == ANY_STATUS);
    let rest: Vec<_> = query.split('&').filter(|part| *part != ANY_STATUS).collect();
    let mut filter = filter(&rest.join("&"))?;
    if !is_any && !is_narrow(&filter) {
        filter.status = filter.status.or(Some(TaskStatus::Pending));
    }
    if filter.sort.is_none() && is_by_day_unless_sorted(&filter) {
        filter.sort = Some(Sort::Due);
    }
    Ok(filter)
}

/// The query of the page of tasks that shows this list: what [`page_filter`] reads.
pub fn page_query(filter: &TaskFilter) -> String {
    let mut filter = filter.clone();
    let is_open_by_default = !is_narrow(&filter);
    let is_any = is_open_by_default && filter.status.is_none();
    if is_by_day_unless_sorted(&filter) {
        filter.sort = match filter.sort.unwrap_or_default() {
            Sort::Due => None,
            other => Some(other),
        };
    }
    if is_open_by_default && filter.status == Some(TaskStatus::Pending) {
        filter.status = None;
    }
    let query = serde_urlencoded::to_string(filter).unwrap_or_default();
    let parts = [if is_any { ANY_STATUS } else { "" }, &query];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&")
}

/// Whether the list has limits beside its status and its team, so that completed tasks don't get in the way.
fn is_narrow(filter: &TaskFilter) -> bool {
    filter.shared.is_some() || filter.access.is_some() || filter.due.is_some() || filter.q.is_some()
}

fn is_by_day_unless_sorted(filter: &TaskFilter) -> bool {
    filter.status == Some(TaskStatus::Pending) && filter.q.is_none()
}

/// The calendar whose days head the rows of a list, if it's by day.
pub fn days(filter: &TaskFilter, zone: Tz) -> Option<Calendar> {
    let is_by_day =
        filter.status == Some(TaskStatus::Pending) && filter.sort == Some(Sort::Due) && filter.due.is_none();
    is_by_day.then(|| Calendar::at(now(), zone))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{filter, page_filter, page_query};

    #[test]
    fn the_page_of_tasks_begins_with_open_tasks_by_day() {
        for (page, list) in [
            ("", "status=pending&sort=due"),
            ("sort=title", "status=pending&sort=title"),
            ("sort=newest", "status=pending&sort=newest"),
            ("status=all", ""),
            ("status=all&sort=due", "sort=due"),
            ("status=completed", "status=completed"),
            ("q=milk", "q=milk"),
            ("status=pending&q=milk", "status=pending&q=milk"),
            ("shared=with_me", "shared=with_me"),
            ("due=overdue", "due=overdue"),
        ] {
            let read = page_filter(page).unwrap();
            assert_eq!(read, filter(list).unwrap(), "{page}");
            assert_eq!(page_filter(&page_query(&read)).unwrap(), read, "{page}");
            assert_eq!(page_query(&read), page, "{page}");
        }
    }
}
