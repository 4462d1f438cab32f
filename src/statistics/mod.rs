//! What the dashboard counts, and the dashboard that shows it.
//!
//! One service behind every door; its cache never outlives a change that this system made.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::id::TeamId;

pub mod actions;
pub mod cards;
mod trend;

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod store_test;

/// The four numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Statistics {
    /// Tasks that I own.
    pub total_tasks: u64,
    /// Those of them that are not done; with the completed ones they are the total.
    pub pending_tasks: u64,
    /// Those of them that are.
    pub completed_tasks: u64,
    /// Tasks that somebody shared with me.
    pub shared_tasks: u64,
    /// When these numbers were counted.
    pub computed_at: DateTime<Utc>,
    /// Whether they were counted for an earlier question.
    pub cached: bool,
}

/// What happened to my tasks lately, by my own calendar.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[allow(missing_docs)] // the contract's own names
pub struct Activity {
    pub tasks_created_today: u64,
    pub tasks_completed_today: u64,
    pub tasks_created_this_week: u64,
    pub tasks_completed_this_week: u64,
    /// Percent of all my tasks, one decimal.
    pub completion_rate: f64,
}

/// My tasks by status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct Breakdown {
    pub pending: u64,
    pub completed: u64,
    pub total: u64,
}

/// Tasks shared with me, by what I may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct SharedBreakdown {
    pub total_shared: u64,
    pub view_only: u64,
    pub can_edit: u64,
}

/// One day of a trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct TrendDay {
    /// In my time zone.
    pub date: NaiveDate,
    /// Tasks created on it.
    pub created: u64,
    /// Tasks completed on it.
    pub completed: u64,
}

/// A run of days, oldest first, without gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct Trend {
    pub days: Vec<TrendDay>,
}

/// One team's numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct TeamNumbers {
    pub team_id: TeamId,
    pub name: String,
    pub pending: u64,
    pub completed: u64,
    pub total: u64,
}

/// The numbers of all my teams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct Teams {
    pub teams: Vec<TeamNumbers>,
}

/// All that the dashboard page shows, ready to be shown: dates and rates come as text, because
/// reading them as more would be in every browser's bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Dashboard {
    pub total_tasks: u64,
    pub pending_tasks: u64,
    pub completed_tasks: u64,
    pub shared_tasks: u64,
    /// Of the shared ones.
    pub view_only: u64,
    /// Of the shared ones.
    pub can_edit: u64,
    pub created_today: u64,
    pub completed_today: u64,
    pub created_this_week: u64,
    pub completed_this_week: u64,
    /// For example `53.3 %`.
    pub completion_rate: String,
    /// Oldest first.
    pub days: Vec<DashboardDay>,
    /// By name.
    pub teams: Vec<TeamNumbers>,
}

/// One day of the dashboard's trend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DashboardDay {
    pub date: String,
    pub created: u64,
    pub completed: u64,
}
