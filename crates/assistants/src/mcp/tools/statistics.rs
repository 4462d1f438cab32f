//! The tool for the dashboard's numbers.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{
    times::local,
    tool::{Effect, Tool},
};
use tallyboard_core::{app::AppState, auth::AuthenticatedUser};
use tallyboard_db::now;
use tallyboard_model::{
    error::Result,
    statistics::{Activity, DEFAULT_RANGE, SharedBreakdown, Statistics, TeamNumbers, TrendDay},
};

/// How long the trend is.
#[derive(Default, Deserialize, ToSchema)]
pub struct GetStatistics {
    /// The number of days of the trend; 30 when absent.
    #[schema(minimum = 1, maximum = 365)]
    pub days: Option<u32>,
}

/// All numbers of the dashboard, as they are now.
#[derive(Serialize, ToSchema)]
pub struct StatisticsOutput {
    /// The user's time zone: today and this week are theirs.
    time_zone: String,
    /// The time now, in that time zone.
    now: DateTime<FixedOffset>,
    /// The four statistics.
    statistics: Statistics,
    /// What was created and completed today and this week.
    activity: Activity,
    /// Tasks shared with the user, by permission.
    shared: SharedBreakdown,
    /// Tasks created and completed on each day, oldest first, without gaps.
    trend: Vec<TrendDay>,
    /// The numbers of each team of the user.
    teams: Vec<TeamNumbers>,
}

impl Tool for GetStatistics {
    type Output = StatisticsOutput;
    const NAME: &'static str = "get_statistics";
    const TITLE: &'static str = "Read the dashboard";
    const DESCRIPTION: &'static str = "Reads all numbers of the dashboard in one answer: total, pending, completed and \
        shared tasks, activity today and this week, a trend by day, the numbers of each team; and the user's time zone \
        and present time. Use it for every question of how many, and to know what today is.";
    const EFFECT: Effect = Effect::Read;

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<StatisticsOutput> {
        let cache = &app.statistics;
        Ok(StatisticsOutput {
            time_zone: user.time_zone().name().to_owned(),
            now: local(now(), user.time_zone()),
            statistics: cache.statistics(user).await?,
            activity: cache.activity(user).await?,
            shared: cache.shared(user).await?,
            trend: cache.trend(user, self.days.unwrap_or(DEFAULT_RANGE)).await?.days,
            teams: cache.teams(user).await?.teams,
        })
    }
}
