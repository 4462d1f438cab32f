//! The statistics, counted once and cached for a few seconds.
//!
//! A user's cache entry holds everything that was counted for them since the entry was created. A commit that
//! changes their statistics removes the entry before the write is answered; the next request creates a new entry
//! and counts again. A count that began before the commit ends in the old entry, which no later request can
//! reach, so no stale number comes back. Requests that need the same number of one entry share one count.

use std::{collections::HashMap, sync::Arc, time::Duration};

use moka::sync::Cache;
use tokio::sync::{Mutex, OnceCell};

use super::{
    Activity, Breakdown, Dashboard, DashboardDay, SharedBreakdown, Statistics, TeamNumbers, Teams, Trend, TrendDay,
    store,
};
use crate::{
    auth::AuthenticatedUser,
    calendar::Calendar,
    db::{Database, now},
    error::{Error, Result},
    id::UserId,
};

/// The length of a trend by default, in days.
pub const TREND_DAYS: u32 = 30;

pub use store::STATEMENTS;

/// Counts the statistics and caches them. Cheap to clone.
#[derive(Clone)]
pub struct StatisticsCache {
    db: Database,
    entries: Cache<UserId, Arc<Entry>>,
}

#[derive(Default)]
struct Entry {
    task_counts: OnceCell<(Statistics, SharedBreakdown)>,
    activity: OnceCell<Activity>,
    trends: Mutex<HashMap<u32, Arc<OnceCell<Trend>>>>,
}

impl StatisticsCache {
    /// Counts in `db` and caches for `ttl` at most.
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
        let cached = entry.task_counts.initialized();
        let (statistics, shared) = entry
            .task_counts
            .get_or_try_init(|| async {
                let computed_at = now();
                let row = self.db.scope(user).read(|scope| Box::pin(store::task_counts(scope))).await?;
                let (pending_tasks, completed_tasks) = (count(row.pending), count(row.completed));
                let (view_only, can_edit) = (count(row.view_only), count(row.can_edit));
                let shared = SharedBreakdown { total_shared: view_only + can_edit, view_only, can_edit };
                let statistics = Statistics {
                    total_tasks: pending_tasks + completed_tasks,
                    pending_tasks,
                    completed_tasks,
                    shared_tasks: shared.total_shared,
                    computed_at,
                    cached: false,
                };
                Ok::<_, Error>((statistics, shared))
            })
            .await?;
        Ok((Statistics { cached, ..*statistics }, *shared))
    }

    /// What the user created and completed today and this week.
    pub async fn activity(&self, user: &AuthenticatedUser) -> Result<Activity> {
        self.activity_in(&*self.entry(user).await, user).await
    }

    async fn activity_in(&self, entry: &Entry, user: &AuthenticatedUser) -> Result<Activity> {
        let (statistics, _) = self.task_counts_in(entry, user).await?;
        let activity = entry
            .activity
            .get_or_try_init(|| async {
                let calendar = Calendar::at(now(), user.time_zone());
                let (today, week) = (calendar.today(), calendar.this_week());
                let row = self.db.scope(user).read(|scope| Box::pin(store::activity(scope, today, week))).await?;
                Ok::<_, Error>(Activity {
                    tasks_created_today: count(row.created_today),
                    tasks_completed_today: count(row.completed_today),
                    tasks_created_this_week: count(row.created_this_week),
                    tasks_completed_this_week: count(row.completed_this_week),
                    completion_rate: completion_rate(&statistics),
                })
            })
            .await?;
        Ok(*activity)
    }

    /// The user's tasks by status.
    pub async fn breakdown(&self, user: &AuthenticatedUser) -> Result<Breakdown> {
        let Statistics { total_tasks, pending_tasks, completed_tasks, .. } = self.statistics(user).await?;
        Ok(Breakdown { pending: pending_tasks, completed: completed_tasks, total: total_tasks })
    }

    /// The last `days` days, 1 to 365.
    pub async fn trend(&self, user: &AuthenticatedUser, days: u32) -> Result<Trend> {
        self.trend_in(&*self.entry(user).await, user, days).await
    }

    async fn trend_in(&self, entry: &Entry, user: &AuthenticatedUser, days: u32) -> Result<Trend> {
        if !(1..=365).contains(&days) {
            return Err(Error::invalid("days", "has to be from 1 to 365"));
        }
        let cell = entry.trends.lock().await.entry(days).or_default().clone();
        let trend = cell
            .get_or_try_init(|| async {
                let calendar = Calendar::at(now(), user.time_zone());
                let dates = calendar.last_days(days);
                let range = calendar.range(&dates);
                let (created, completed) = self
                    .db
                    .scope(user)
                    .read(|scope| {
                        Box::pin(async move {
                            Ok((store::created(scope, range).await?, store::completed(scope, range).await?))
                        })
                    })
                    .await?;
                let mut counted: Vec<TrendDay> =
                    dates.into_iter().map(|date| TrendDay { date, created: 0, completed: 0 }).collect();
                let mut add = |times: Vec<_>, pick: fn(&mut TrendDay) -> &mut u64| {
                    for time in times {
                        if let Ok(day) = counted.binary_search_by_key(&calendar.date_of(time), |day| day.date) {
                            *pick(&mut counted[day]) += 1;
                        }
                    }
                };
                add(created, |day| &mut day.created);
                add(completed, |day| &mut day.completed);
                Ok::<_, Error>(Trend { days: counted })
            })
            .await?;
        Ok(trend.clone())
    }

    /// The numbers of the user's teams. Other people change them too, so they are not cached.
    pub async fn teams(&self, user: &AuthenticatedUser) -> Result<Teams> {
        let rows = self.db.scope(user).read(|scope| Box::pin(store::teams(scope))).await?;
        let teams = rows.into_iter().map(|row| {
            let (pending, completed) = (count(row.pending), count(row.completed));
            TeamNumbers { team_id: row.team_id, name: row.name, pending, completed, total: pending + completed }
        });
        Ok(Teams { teams: teams.collect() })
    }

    /// Everything that the dashboard shows, from one cache entry.
    pub async fn dashboard(&self, user: &AuthenticatedUser) -> Result<Dashboard> {
        let entry = self.entry(user).await;
        let (statistics, shared) = self.task_counts_in(&entry, user).await?;
        let activity = self.activity_in(&entry, user).await?;
        let trend = self.trend_in(&entry, user, TREND_DAYS).await?;
        let Teams { teams } = self.teams(user).await?;
        let day =
            |day: TrendDay| DashboardDay { date: day.date.to_string(), created: day.created, completed: day.completed };
        Ok(Dashboard {
            total_tasks: statistics.total_tasks,
            pending_tasks: statistics.pending_tasks,
            completed_tasks: statistics.completed_tasks,
            shared_tasks: statistics.shared_tasks,
            view_only: shared.view_only,
            can_edit: shared.can_edit,
            created_today: activity.tasks_created_today,
            completed_today: activity.tasks_completed_today,
            created_this_week: activity.tasks_created_this_week,
            completed_this_week: activity.tasks_completed_this_week,
            completion_rate: format!("{:.1} %", activity.completion_rate),
            days: trend.days.into_iter().map(day).collect(),
            teams,
        })
    }
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
