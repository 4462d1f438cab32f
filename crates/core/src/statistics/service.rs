//! The statistics, read from the counters and cached for a few seconds.
//!
//! A user's cache entry holds everything that was read for them since the entry was created. A commit that changes
//! what they see removes the entry before the write is answered; the next request creates a new entry and reads
//! again. A read that began before the commit ends in the old entry, which no later request can reach, so no stale
//! number comes back. Requests that need the same number of one entry share one read.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::Datelike;
use moka::sync::Cache;
use tokio::sync::{Mutex, OnceCell};

use super::{
    goals::{self, GoalProgress, Goals, html::progress_html},
    history,
    quarters::Quarters,
    store::{self, DUE_LIMIT, DueRow, TaskCountsRow, TeamRow},
    team_panel::team_panel_html,
};
use crate::auth::AuthenticatedUser;
use tallyboard_base::figures;
use tallyboard_db::{Database, Scope, now};
use tallyboard_model::{
    calendar::{Calendar, TimeRange},
    error::{Error, Result},
    id::UserId,
    language::{self, Language, day_and_month, decimal, t_with, text},
    statistics::{
        Activity, Breakdown, DEFAULT_RANGE, Dashboard, RANGES, SharedBreakdown, Statistics, TeamNumbers, Teams, Trend,
        TrendBar, TrendDay,
    },
};

pub use store::STATEMENTS;

/// Reads the statistics and caches them. Cheap to clone.
#[derive(Clone)]
pub struct StatisticsCache {
    db: Database,
    entries: Cache<UserId, Arc<Entry>>,
}

/// What is read once for each key.
type Cells<K, T> = Mutex<HashMap<K, Arc<OnceCell<T>>>>;

#[derive(Default)]
struct Entry {
    task_counts: OnceCell<(Statistics, SharedBreakdown)>,
    activity: OnceCell<Activity>,
    trends: Cells<u32, Trend>,
    teams: OnceCell<Teams>,
    goals: OnceCell<GoalProgress>,
    /// For each range, in the language of its words.
    dashboards: Cells<(u32, Language), Dashboard>,
}

impl StatisticsCache {
    /// Reads from `db` and caches for `ttl` at most.
    pub fn new(db: Database, ttl: Duration) -> Self {
        Self { db, entries: Cache::builder().time_to_live(ttl).max_capacity(100_000).build() }
    }

    /// Removes a user's entry: their statistics have changed.
    pub fn invalidate(&self, user: &UserId) {
        self.entries.invalidate(user);
    }

    /// Removes all entries: anybody's statistics may have changed.
    pub fn invalidate_all(&self) {
        self.entries.invalidate_all();
    }

    /// The user's entry, after every change that was committed so far has been applied to the cache.
    async fn entry(&self, user: &AuthenticatedUser) -> Arc<Entry> {
        if self.db.notifications_applied().await {
            self.entries.get_with(user.id(), Arc::default)
        } else {
            // Changes of other instances do not arrive: count and cache nothing.
            Arc::default()
        }
    }

    /// The four statistics.
    pub async fn statistics(&self, user: &AuthenticatedUser) -> Result<Statistics> {
        Ok(self.task_counts_in(&*self.entry(user).await, user).await?.0)
    }

    /// Tasks shared with the user, by permission.
    pub async fn shared(&self, user: &AuthenticatedUser) -> Result<SharedBreakdown> {
        Ok(self.task_counts_in(&*self.entry(user).await, user).await?.1)
    }

    async fn task_counts_in(&self, entry: &Entry, user: &AuthenticatedUser) -> Result<(Statistics, SharedBreakdown)> {
        if let Some((statistics, shared)) = cached(&entry.task_counts) {
            return Ok((Statistics { cached: true, ..*statistics }, *shared));
        }
        let read = || async { self.db.scope(user).read(|scope| Box::pin(read_task_counts(scope))).await };
        // Boxed: large, and a cached answer does not need it.
        Box::pin(entry.task_counts.get_or_try_init(read)).await.copied()
    }

    /// What the user created and completed today and this week.
    pub async fn activity(&self, user: &AuthenticatedUser) -> Result<Activity> {
        let entry = self.entry(user).await;
        let (statistics, _) = self.task_counts_in(&entry, user).await?;
        let calendar = Calendar::at(now(), user.time_zone());
        let week = calendar.this_week();
        let read = || async {
            let quarters = self.db.scope(user).read(|scope| Box::pin(history::quarters(scope, week))).await?;
            Ok::<_, Error>(activity(&calendar, &quarters, &statistics))
        };
        cached(&entry.activity);
        entry.activity.get_or_try_init(read).await.copied()
    }

    /// The user's tasks by status.
    pub async fn breakdown(&self, user: &AuthenticatedUser) -> Result<Breakdown> {
        let Statistics { total_tasks, pending_tasks, completed_tasks, .. } = self.statistics(user).await?;
        Ok(Breakdown { pending: pending_tasks, completed: completed_tasks, total: total_tasks })
    }

    /// The last `days` days, 1 to 365.
    pub async fn trend(&self, user: &AuthenticatedUser, days: u32) -> Result<Trend> {
        if !(1..=365).contains(&days) {
            return Err(Error::invalid("days", "has to be from 1 to 365"));
        }
        let cell = self.entry(user).await.trends.lock().await.entry(days).or_default().clone();
        let calendar = Calendar::at(now(), user.time_zone());
        let read = || async {
            let days = self.db.scope(user).read(|scope| Box::pin(history::last_days(scope, calendar, days))).await?;
            Ok::<_, Error>(Trend { days })
        };
        cached(&cell);
        cell.get_or_try_init(read).await.cloned()
    }

    /// The numbers of the user's teams.
    pub async fn teams(&self, user: &AuthenticatedUser) -> Result<Teams> {
        let entry = self.entry(user).await;
        let read = || async { self.db.scope(user).read(|scope| Box::pin(read_teams(scope))).await };
        cached(&entry.teams);
        entry.teams.get_or_try_init(read).await.cloned()
    }

    /// The user's goals, how far they are, and their streaks.
    pub async fn goals(&self, user: &AuthenticatedUser) -> Result<GoalProgress> {
        let entry = self.entry(user).await;
        let calendar = Calendar::at(now(), user.time_zone());
        let read =
            || async { self.db.scope(user).read(|scope| Box::pin(goals::service::progress(scope, calendar))).await };
        cached(&entry.goals);
        entry.goals.get_or_try_init(read).await.cloned()
    }

    /// Everything that the dashboard shows, read in one transaction. `range` is one of [`RANGES`].
    pub async fn dashboard(&self, user: &AuthenticatedUser, range: Option<u32>) -> Result<Dashboard> {
        let range = range.unwrap_or(DEFAULT_RANGE);
        if !RANGES.contains(&range) {
            return Err(Error::invalid("days", "has to be 7, 30, 90 or 365"));
        }
        let key = (range, language::current());
        let cell = self.entry(user).await.dashboards.lock().await.entry(key).or_default().clone();
        if let Some(dashboard) = cached(&cell) {
            return Ok(dashboard.clone());
        }
        let calendar = Calendar::at(now(), user.time_zone());
        let read =
            || async { self.db.scope(user).read(|scope| Box::pin(read_dashboard(scope, calendar, range))).await };
        Box::pin(cell.get_or_try_init(read)).await.cloned()
    }
}

/// A cell's value, counted as a cache hit or miss.
fn cached<T>(cell: &OnceCell<T>) -> Option<&T> {
    let found = cell.get();
    figures::cache_read(found.is_some());
    found
}

async fn read_task_counts(scope: &mut Scope) -> Result<(Statistics, SharedBreakdown)> {
    let computed_at = now();
    let TaskCountsRow { pending, completed, view_only, can_edit } = store::task_counts(scope).await?;
    let (view_only, can_edit) = (count(view_only), count(can_edit));
    let shared = SharedBreakdown { total_shared: view_only + can_edit, view_only, can_edit };
    let statistics = Statistics {
        total_tasks: count(pending) + count(completed),
        pending_tasks: count(pending),
        completed_tasks: count(completed),
        shared_tasks: shared.total_shared,
        computed_at,
        cached: false,
    };
    Ok((statistics, shared))
}

async fn read_teams(scope: &mut Scope) -> Result<Teams> {
    let teams = store::teams(scope).await?.into_iter().map(|TeamRow { team_id, name, pending, completed }| {
        let (pending, completed) = (count(pending), count(completed));
        TeamNumbers { team_id, name, pending, completed, total: pending + completed }
    });
    Ok(Teams { teams: teams.collect() })
}

fn activity(calendar: &Calendar, quarters: &Quarters, statistics: &Statistics) -> Activity {
    let [tasks_created_today, tasks_completed_today] = quarters.sum(calendar.today());
    let [tasks_created_this_week, tasks_completed_this_week] = quarters.sum(calendar.this_week());
    Activity {
        tasks_created_today,
        tasks_completed_today,
        tasks_created_this_week,
        tasks_completed_this_week,
        completion_rate: completion_rate(statistics),
    }
}

async fn read_dashboard(scope: &mut Scope, calendar: Calendar, range: u32) -> Result<Dashboard> {
    let (statistics, shared) = read_task_counts(scope).await?;
    let (dates, week) = (calendar.last_days(range), calendar.this_week());
    let days = calendar.range(&dates);
    // The week ends in the future, and may begin before the days.
    let whole = TimeRange { start: days.start.min(week.start), end: week.end };
    let quarters = history::quarters(scope, whole).await?;
    let teams = read_teams(scope).await?.teams;
    let due = store::due(scope, calendar.today()).await?;
    let activity = activity(&calendar, &quarters, &statistics);
    let days = history::sums(&calendar, &quarters, &dates);
    let bars = bars(&days, range);
    Ok(Dashboard {
        total_tasks: statistics.total_tasks,
        pending_tasks: statistics.pending_tasks,
        pending_note: pending_note(&due),
        completed_tasks: statistics.completed_tasks,
        shared_tasks: statistics.shared_tasks,
        view_only: shared.view_only,
        can_edit: shared.can_edit,
        created_today: activity.tasks_created_today,
        completed_today: activity.tasks_completed_today,
        created_this_week: activity.tasks_created_this_week,
        completed_this_week: activity.tasks_completed_this_week,
        completion_rate: decimal(&format!("{:.1} %", activity.completion_rate)),
        goals: read_goals(scope, calendar, &activity, days).await?,
        bars,
        teams: team_panel_html(&teams),
    })
}

/// The goals as the dashboard shows them.
async fn read_goals(scope: &mut Scope, calendar: Calendar, activity: &Activity, days: Vec<TrendDay>) -> Result<String> {
    let goals = goals::service::goals(scope).await?;
    if let Goals { daily: None, weekly: None, .. } = goals {
        return Ok(String::new());
    }
    let streak = goals::service::current_streak(scope, calendar, &goals, days).await?;
    Ok(progress_html(&goals, activity.tasks_completed_today, activity.tasks_completed_this_week, streak))
}

/// A bar for each day, or for each ISO week of a long range.
fn bars(days: &[TrendDay], range: u32) -> Vec<TrendBar> {
    // The bars of 365 days would be too thin to see.
    let has_weeks = range > 90;
    let is_same_bar = |a: &TrendDay, b: &TrendDay| has_weeks && a.date.iso_week() == b.date.iso_week();
    let label = |day: &TrendDay| {
        let day = day_and_month(day.date);
        if has_weeks { t_with("Week of {day}", &[("day", &day)]) } else { day }
    };
    let bar = |days: &[TrendDay]| TrendBar {
        label: days.first().map(label).unwrap_or_default(),
        created: days.iter().map(|day| day.created).sum(),
        completed: days.iter().map(|day| day.completed).sum(),
    };
    days.chunk_by(is_same_bar).map(bar).collect()
}

/// For example `3 overdue, 1 due today`; nothing when nothing is.
fn pending_note(DueRow { overdue, today }: &DueRow) -> String {
    let part = |counted: i64, words: &'static str| match counted {
        0 => None,
        DUE_LIMIT.. => Some(t_with(words, &[("n", &format!("{}+", DUE_LIMIT - 1))])),
        _ => Some(t_with(words, &[("n", &counted)])),
    };
    let parts: Vec<_> =
        [part(*overdue, text("{n} overdue")), part(*today, text("{n} due today"))].into_iter().flatten().collect();
    parts.join(", ")
}

fn count(counted: i64) -> u64 {
    u64::try_from(counted).unwrap_or_default()
}

fn completion_rate(statistics: &Statistics) -> f64 {
    if statistics.total_tasks == 0 {
        return 0.0;
    }
    let percent = 100.0 * statistics.completed_tasks as f64 / statistics.total_tasks as f64;
    (percent * 10.0).round() / 10.0
}
