//! The rules of goals.

use super::{GoalProgress, Goals, MAX_GOAL, Weekday, best_weekday, store};
use crate::statistics::history;
use tallyboard_db::{Scope, Target};
use tallyboard_model::{calendar::Calendar, error::Result, input::Validator, language::t_with, statistics::TrendDay};

/// The days in which the best streak and the best weekday are looked for.
const YEAR: u32 = 365;

/// The user's goals.
pub async fn goals(scope: &mut Scope) -> Result<Goals> {
    Ok(store::goals(scope).await?.unwrap_or_default())
}

/// The goals as they are stored, or what is wrong with them.
pub fn checked(goals: Goals) -> Result<Goals> {
    let Goals { daily, weekly, mut days_off } = goals;
    let mut validator = Validator::new();
    for (field, goal) in [("daily", daily), ("weekly", weekly)] {
        if goal.is_some_and(|goal| !(1..=MAX_GOAL).contains(&goal)) {
            validator.reject(field, t_with("has to be from 1 to {most}", &[("most", &MAX_GOAL)]));
        }
    }
    if days_off.len() >= Weekday::ALL.len() {
        validator.reject("days_off", "at most six: a streak needs at least one day");
    }
    validator.finish()?;
    days_off.sort();
    days_off.dedup();
    Ok(Goals { daily, weekly, days_off })
}

/// Replaces the user's goals.
pub async fn set(scope: &mut Scope, goals: Goals) -> Result<()> {
    store::set_goals(scope, &checked(goals)?).await?;
    let me = scope.user_id();
    scope.record("auth.profile_changed", Target::User(me)).fields(&["goals"]);
    // The dashboard shows them.
    scope.statistics_changed(me);
    Ok(())
}

/// The user's progress.
pub async fn progress(scope: &mut Scope, calendar: Calendar) -> Result<GoalProgress> {
    let goals = goals(scope).await?;
    let days = history::last_days(scope, calendar, YEAR).await?;
    let since_monday = Weekday::of(calendar.today_date()) as usize + 1;
    let completed = |count: usize| days.iter().rev().take(count).map(|day| day.completed).sum();
    let (completed_today, completed_this_week) = (completed(1), completed(since_monday));
    let (best_in_year, best_weekday) = (goals.streaks(&days).best, best_weekday(&days));
    let streak = current_streak(scope, calendar, &goals, days).await?;
    let best_streak = best_in_year.max(streak);
    Ok(GoalProgress { goals, completed_today, completed_this_week, streak, best_streak, best_weekday })
}

/// How many days in a row the user has reached the goal. `days` are the last ones; earlier ones are read when the
/// streak began before them.
pub async fn current_streak(
    scope: &mut Scope,
    calendar: Calendar,
    goals: &Goals,
    mut days: Vec<TrendDay>,
) -> Result<u32> {
    // It ends: before the first task of the user, no day has a completed one.
    loop {
        let streaks = goals.streaks(&days);
        if streaks.began_inside {
            return Ok(streaks.current);
        }
        // By and by: most streaks are short.
        let more = (days.len() * 4).max(30);
        days = history::last_days(scope, calendar, u32::try_from(more).unwrap_or(u32::MAX)).await?;
    }
}
