//! The mail about what is due today.

use chrono_tz::Tz;

use super::{AccessFilter, Due, Sort, Task, TaskFilter, TaskStatus, lists};
use crate::{calendar::Calendar, db::Scope, error::Result, mail::letter::Letter, paths};

/// How many tasks each list of the mail has.
const LISTED: u32 = 50;

/// The mail about what is overdue and what is due today; `None` when nothing is.
pub async fn letter(scope: &mut Scope, calendar: Calendar, name: &str, public_url: &str) -> Result<Option<Letter>> {
    let zone = calendar.zone();
    let (today, more_today) = pending(scope, zone, Due::Today).await?;
    let (overdue, more_overdue) = pending(scope, zone, Due::Overdue).await?;
    if today.is_empty() && overdue.is_empty() {
        return Ok(None);
    }
    let count = |tasks: &[Task], has_more: bool| format!("{}{}", tasks.len(), if has_more { "+" } else { "" });
    let subject = match (today.len(), overdue.len()) {
        (0, _) => format!("{} overdue", count(&overdue, more_overdue)),
        (_, 0) => format!("{} due today", count(&today, more_today)),
        _ => format!("{} due today, {} overdue", count(&today, more_today), count(&overdue, more_overdue)),
    };
    let since = |task: &Task| {
        let date = task.due_at.map(|due| calendar.date_of(due).format(", since %-d %B").to_string());
        format!("{}{}", task.title, date.unwrap_or_default())
    };
    let letter = Letter::new(subject)
        .text(format!("Hello {name},"))
        .list("Due today", lines(&today, more_today, |task| task.title.clone()))
        .list("Overdue", lines(&overdue, more_overdue, since))
        .link("Open Today", format!("{public_url}{}", paths::TODAY));
    Ok(Some(letter))
}

/// The first pending tasks that the user may change, and whether there are more.
async fn pending(scope: &mut Scope, zone: Tz, due: Due) -> Result<(Vec<Task>, bool)> {
    let filter = TaskFilter {
        access: Some(AccessFilter::Change),
        due: Some(due),
        status: Some(TaskStatus::Pending),
        sort: Some(Sort::Due),
        limit: Some(LISTED),
        ..TaskFilter::default()
    };
    let found = lists::list(scope, zone, filter).await?;
    Ok((found.items, found.next_cursor.is_some()))
}

fn lines(tasks: &[Task], has_more: bool, line: impl Fn(&Task) -> String) -> Vec<String> {
    let more = has_more.then(|| "and more, on the page".to_owned());
    tasks.iter().map(line).chain(more).collect()
}
