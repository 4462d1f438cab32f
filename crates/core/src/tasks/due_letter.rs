//! The mail about what is due today.

use chrono_tz::Tz;

use super::lists;
use crate::mail::letter::{Letter, Reader};
use tallyboard_db::Scope;
use tallyboard_model::{
    calendar::Calendar,
    error::Result,
    language::{day_and_month, t, t_with, text},
    paths,
    tasks::{AccessFilter, Due, Sort, Task, TaskFilter, TaskStatus},
};

/// How many tasks each list of the mail has.
const LISTED: u32 = 50;

/// What is overdue and what is due today, as far as it is listed.
struct DueTasks {
    today: Vec<Task>,
    more_today: bool,
    overdue: Vec<Task>,
    more_overdue: bool,
}

impl DueTasks {
    async fn read(scope: &mut Scope, zone: Tz) -> Result<Self> {
        let (today, more_today) = pending(scope, zone, Due::Today).await?;
        let (overdue, more_overdue) = pending(scope, zone, Due::Overdue).await?;
        Ok(Self { today, more_today, overdue, more_overdue })
    }

    /// For example `2 due today, 1 overdue`; `None` when nothing is due.
    fn in_words(&self) -> Option<String> {
        let part = |words: &'static str, tasks: &[Task], has_more: bool| {
            let n = format!("{}{}", tasks.len(), if has_more { "+" } else { "" });
            (!tasks.is_empty()).then(|| t_with(words, &[("n", &n)]))
        };
        let today = part(text("{n} due today"), &self.today, self.more_today);
        let overdue = part(text("{n} overdue"), &self.overdue, self.more_overdue);
        let parts: Vec<_> = [today, overdue].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// What is due today in a few words; `None` when nothing is.
pub async fn summary(scope: &mut Scope, zone: Tz) -> Result<Option<String>> {
    Ok(DueTasks::read(scope, zone).await?.in_words())
}

/// The mail about what is overdue and what is due today; `None` when nothing is.
pub async fn letter(scope: &mut Scope, calendar: Calendar, reader: &Reader) -> Result<Option<Letter>> {
    let due = DueTasks::read(scope, calendar.zone()).await?;
    let Some(subject) = due.in_words() else { return Ok(None) };
    let since = |task: &Task| {
        let date = task.due_at.map(|due| t_with(", since {day}", &[("day", &day_and_month(calendar.date_of(due)))]));
        format!("{}{}", task.title, date.unwrap_or_default())
    };
    let letter = reader
        .greet(subject)
        .list(t("Due today"), lines(&due.today, due.more_today, |task| task.title.clone()))
        .list(t("Overdue"), lines(&due.overdue, due.more_overdue, since))
        .link(t("Open Today"), reader.url(paths::TODAY));
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
    let more = has_more.then(|| t("and more, on the page").to_owned());
    tasks.iter().map(line).chain(more).collect()
}
