//! Goals for a day and a week, the progress towards them, and how many days in a row they
//! have done it.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use tallyboard_model::{language::text, statistics::TrendDay};

pub mod html;
pub mod service;
mod store;
#[cfg(test)]
mod store_test;

/// The largest goal.
pub const MAX_GOAL: u32 = 1000;

/// How many tasks the user wants to complete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Goals {
    /// In a day, 1 to 1000; null for no goal.
    #[schema(minimum = 1, maximum = 1000)]
    pub daily: Option<u32>,
    /// In an ISO week, 1 to 1000; null for no goal.
    #[schema(minimum = 1, maximum = 1000)]
    pub weekly: Option<u32>,
    /// Days on which no goal has to be reached: they don't break a streak. At most six.
    #[serde(default)]
    #[schema(max_items = 6)]
    pub days_off: Vec<Weekday>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// From Monday to Sunday.
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// The weekday of a date.
    pub fn of(date: NaiveDate) -> Self {
        Self::ALL[date.weekday().num_days_from_monday() as usize]
    }

    /// Its name in English.
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 7] = [
            text("Monday"),
            text("Tuesday"),
            text("Wednesday"),
            text("Thursday"),
            text("Friday"),
            text("Saturday"),
            text("Sunday"),
        ];
        NAMES[self as usize]
    }
}

/// The goals and how far the user is, in the days and weeks of their time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GoalProgress {
    /// The user's goals.
    pub goals: Goals,
    /// Tasks completed today.
    pub completed_today: u64,
    /// Tasks completed since Monday.
    pub completed_this_week: u64,
    /// How many days in a row reached the daily goal, or, without one, completed something. A day off and
    /// today do not end it.
    pub streak: u32,
    /// The longest streak of the last 365 days.
    pub best_streak: u32,
    /// The weekday with the most completed tasks on average in the last 365 days; null when there were none.
    #[schema(required = true)]
    pub best_weekday: Option<Weekday>,
}

/// The streaks in consecutive days.
#[derive(Debug, PartialEq, Eq)]
pub struct Streaks {
    /// The one that lasts.
    pub current: u32,
    /// The longest one.
    pub best: u32,
    /// Whether the current one began on one of the days; otherwise it may be longer than they show.
    pub began_inside: bool,
}

impl Goals {
    /// Whether this number of completed tasks reaches the day's goal.
    pub fn is_reached(&self, completed: u64) -> bool {
        completed >= u64::from(self.daily.unwrap_or(1))
    }

    fn is_day_off(&self, date: NaiveDate) -> bool {
        self.days_off.contains(&Weekday::of(date))
    }

    /// The streaks in these days, of which the last is today.
    pub fn streaks(&self, days: &[TrendDay]) -> Streaks {
        let mut streaks = Streaks { current: 0, best: 0, began_inside: false };
        for (place, day) in days.iter().enumerate() {
            let is_today = place + 1 == days.len();
            if self.is_reached(day.completed) {
                streaks.current += 1;
                streaks.best = streaks.best.max(streaks.current);
            } else if !is_today && !self.is_day_off(day.date) {
                (streaks.current, streaks.began_inside) = (0, true);
            }
        }
        streaks
    }
}

/// The weekday with the most completed tasks on average.
pub fn best_weekday(days: &[TrendDay]) -> Option<Weekday> {
    let average = |weekday: Weekday| {
        let counts: Vec<_> =
            days.iter().filter(|day| Weekday::of(day.date) == weekday).map(|day| day.completed).collect();
        counts.iter().sum::<u64>() as f64 / counts.len().max(1) as f64
    };
    let averages = Weekday::ALL.map(|weekday| (weekday, average(weekday)));
    // Of equal ones the first of the week.
    let best = averages.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.filter(|(_, average)| *average > 0.0).map(|(weekday, _)| weekday)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Days with these numbers of completed tasks; the first is Monday, 2 November 2026.
    fn days(completed: &[u64]) -> Vec<TrendDay> {
        let monday = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        let day = |(place, completed): (usize, &u64)| TrendDay {
            date: monday + chrono::Days::new(place as u64),
            created: 0,
            completed: *completed,
        };
        completed.iter().enumerate().map(day).collect()
    }

    fn streaks(goals: &Goals, completed: &[u64]) -> (u32, u32, bool) {
        let Streaks { current, best, began_inside } = goals.streaks(&days(completed));
        (current, best, began_inside)
    }

    #[test]
    fn a_streak_ends_on_a_day_without_its_goal_but_not_today() {
        let one = Goals::default();
        assert_eq!(streaks(&one, &[0, 0, 0]), (0, 0, true));
        assert_eq!(streaks(&one, &[1, 1, 1, 0, 1, 1]), (2, 3, true));
        assert_eq!(streaks(&one, &[0, 1, 1, 0]), (2, 2, true));
        assert_eq!(streaks(&one, &[0, 1, 0, 0]), (0, 1, true));
        // It may have begun before the first of the days.
        assert_eq!(streaks(&one, &[1, 1, 0]), (2, 2, false));
        let three = Goals { daily: Some(3), ..Goals::default() };
        assert_eq!(streaks(&three, &[3, 2, 3, 4, 2]), (2, 2, true));
    }

    #[test]
    fn a_day_off_neither_ends_a_streak_nor_has_to_count() {
        let weekend = Goals { days_off: vec![Weekday::Saturday, Weekday::Sunday], ..Goals::default() };
        // Monday to Sunday, and a Monday that is today.
        assert_eq!(streaks(&weekend, &[0, 1, 1, 1, 1, 0, 0, 1]), (5, 5, true));
        assert_eq!(streaks(&weekend, &[0, 1, 1, 1, 1, 1, 0, 0]), (5, 5, true));
        assert_eq!(streaks(&weekend, &[1, 1, 1, 1, 0, 0, 0, 1]), (1, 4, true));
    }

    #[test]
    fn the_best_weekday_has_the_highest_average() {
        assert_eq!(best_weekday(&days(&[0; 14])), None);
        assert_eq!(best_weekday(&days(&[])), None);
        // Two Mondays with 3 in all are less than one Tuesday with 2.
        assert_eq!(best_weekday(&days(&[1, 2, 0, 0, 0, 0, 0, 2])), Some(Weekday::Tuesday));
        assert_eq!(best_weekday(&days(&[0, 0, 4, 0, 0, 4, 0])), Some(Weekday::Wednesday));
    }
}
