//! The review of a week: its numbers, and what was completed.

use chrono::{Days, NaiveDate};

use crate::{
    mail::letter::{Letter, Reader},
    statistics::{
        goals::{self, GoalProgress, html::days_in_words},
        history,
    },
    tasks,
};
use tallyboard_db::Scope;
use tallyboard_model::{
    calendar::Calendar,
    error::Result,
    language::{long_date, t, t_count, t_with, weekday_name},
    paths,
    statistics::TrendDay,
    tasks::Task,
};

const DAYS: usize = 7;
/// How many completed tasks a mail lists.
const MAILED: u32 = 50;

/// A week.
#[derive(Clone)]
pub struct Review {
    /// From Monday to Sunday.
    pub days: Vec<TrendDay>,
    /// How many tasks were completed in the week before.
    pub completed_before: u64,
    /// The goals and streaks as they are today.
    pub progress: GoalProgress,
    /// The completed tasks in the order of their completion, each with its day.
    pub completed: Vec<(NaiveDate, Task)>,
    /// Whether more were completed than are listed.
    pub has_more: bool,
}

/// The week from this Monday, with at most `limit` completed tasks.
pub async fn of_week(scope: &mut Scope, calendar: Calendar, monday: NaiveDate, limit: u32) -> Result<Review> {
    let dates: Vec<_> = (0..2 * DAYS as u64).map(|day| monday - Days::new(DAYS as u64) + Days::new(day)).collect();
    let quarters = history::quarters(scope, calendar.range(&dates)).await?;
    let mut before = history::sums(&calendar, &quarters, &dates);
    let days = before.split_off(DAYS);
    let week = calendar.range(&dates[DAYS..]);
    let (completed, has_more) = tasks::service::completed_in(scope, week, limit).await?;
    let dated = |task: Task| task.completed_at.map(|time| (calendar.date_of(time), task));
    Ok(Review {
        days,
        completed_before: before.iter().map(|day| day.completed).sum(),
        progress: goals::service::progress(scope, calendar).await?,
        completed: completed.into_iter().filter_map(dated).collect(),
        has_more,
    })
}

impl Review {
    /// How many tasks were completed.
    pub fn completed_count(&self) -> u64 {
        self.days.iter().map(|day| day.completed).sum()
    }

    /// How many tasks were created.
    pub fn created_count(&self) -> u64 {
        self.days.iter().map(|day| day.created).sum()
    }

    /// `3 more than the week before`.
    pub fn compared(&self) -> String {
        match (self.completed_count(), self.completed_before) {
            (now, before) if now == before => t("the same as last week").to_owned(),
            (now, before) if now > before => t_with("{n} more than last week", &[("n", &(now - before))]),
            (now, before) => t_with("{n} fewer than last week", &[("n", &(before - now))]),
        }
    }
}

/// `Week of 16 November 2026`.
pub fn week_in_words(monday: NaiveDate) -> String {
    t_with("Week of {day}", &[("day", &long_date(monday))])
}

/// The mail about the week from this Monday.
pub async fn letter(scope: &mut Scope, calendar: Calendar, monday: NaiveDate, reader: &Reader) -> Result<Letter> {
    let review = of_week(scope, calendar, monday, MAILED).await?;
    let completed = review.completed_count();
    let goal = review
        .progress
        .goals
        .weekly
        .map(|goal| t_with(" Your goal was {goal}.", &[("goal", &goal)]))
        .unwrap_or_default();
    let numbers = t_with(
        "You completed {tasks}, {compared}, and created {created}.{goal} Your streak: {streak}.",
        &[
            ("tasks", &t_count(completed, "{n} task", "{n} tasks")),
            ("compared", &review.compared()),
            ("created", &review.created_count()),
            ("goal", &goal),
            ("streak", &days_in_words(review.progress.streak)),
        ],
    );
    let days = review.days.iter().map(|day| format!("{}: {}", weekday_name(day.date), day.completed)).collect();
    let mut titles: Vec<_> = review.completed.iter().map(|(_, task)| task.title.clone()).collect();
    if review.has_more {
        titles.push(t("and more, on the page").to_owned());
    }
    Ok(reader
        .greet(t_with("{week}: {n} completed", &[("week", &week_in_words(monday)), ("n", &completed)]))
        .text(numbers)
        .list(t("Day by day"), days)
        .list(t("What you completed"), titles)
        .link(t("Open the review"), reader.url(&paths::review_of(monday))))
}
