//! The headings of a list that is sorted by day.

use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};

use super::{TaskRows, row::task_row};
use crate::tasks::listed::{ListedTask, TODAY};
use tallyboard_model::{
    calendar::Calendar,
    language::{t, text, weekday_name},
};

/// The days whose headings are their own; what is due after them is later.
const NAMED_DAYS: i64 = 6;

/// The part of a list that a day belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    Overdue,
    Today,
    Tomorrow,
    On(NaiveDate),
    Later,
    None,
}

impl Day {
    fn of(calendar: &Calendar, due: Option<DateTime<Utc>>) -> Self {
        let Some(date) = due.map(|due| calendar.date_of(due)) else { return Self::None };
        match (date - calendar.today_date()).num_days() {
            ..0 => Self::Overdue,
            0 => Self::Today,
            1 => Self::Tomorrow,
            2..=NAMED_DAYS => Self::On(date),
            _ => Self::Later,
        }
    }

    /// Its element's id, by which the list in the browser knows it again.
    fn id(self) -> String {
        match self {
            Self::Overdue => "day-overdue".to_owned(),
            Self::Today => "day-today".to_owned(),
            Self::Tomorrow => "day-tomorrow".to_owned(),
            Self::On(date) => format!("day-{date}"),
            Self::Later => "day-later".to_owned(),
            Self::None => "day-none".to_owned(),
        }
    }

    fn heading(self) -> String {
        match self {
            Self::Overdue => t(text("Overdue")).to_owned(),
            Self::Today => t(text("Today")).to_owned(),
            Self::Tomorrow => t(text("Tomorrow")).to_owned(),
            Self::On(date) => weekday_name(date),
            Self::Later => t(text("Later")).to_owned(),
            Self::None => t(text("No date")).to_owned(),
        }
    }
}

/// The rows under the headings of their days. The list has the order of the days.
pub fn rows_by_day(list: &TaskRows, calendar: &Calendar) -> Markup {
    let day_of = |task: &ListedTask| Day::of(calendar, task.due.as_ref().map(|(_, due)| *due));
    html! {
        @for tasks in list.tasks.chunk_by(|one, other| day_of(one) == day_of(other)) {
            @let day = day_of(&tasks[0]);
            li.day-head.overdue[day == Day::Overdue] id=(day.id()) {
                h2 { (day.heading()) }
                @if day == Day::Overdue { (move_all(tasks)) }
            }
            @for task in tasks { (task_row(task, list)) }
        }
    }
}

/// Moves what is overdue to today; the page's script sends it like a change of selected tasks.
fn move_all(tasks: &[ListedTask]) -> Markup {
    html! {
        form.move-overdue method="post" {
            input type="hidden" name="form" value="change_tasks";
            input type="hidden" name="due_on" value=(TODAY);
            @for task in tasks.iter().filter(|task| task.may_change) {
                input type="hidden" name="ids[]" value=(task.id);
            }
            button.quiet name="action" value="move" { (t("Move all to today")) }
        }
    }
}
