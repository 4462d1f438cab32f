//! The numbers of the dashboard as they're sent.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::id::TeamId;

/// The four statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Statistics {
    /// Tasks that the user owns.
    pub total_tasks: u64,
    /// Those that are pending; together with the completed ones they are the total.
    pub pending_tasks: u64,
    /// Those that are completed.
    pub completed_tasks: u64,
    /// Tasks that somebody shared with the user.
    pub shared_tasks: u64,
    /// When these numbers were counted.
    pub computed_at: DateTime<Utc>,
    /// Whether they were counted for an earlier request.
    pub cached: bool,
}

/// The user's recent activity, by days and weeks in their time zone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[allow(missing_docs)] // the contract's own names
pub struct Activity {
    pub tasks_created_today: u64,
    pub tasks_completed_today: u64,
    pub tasks_created_this_week: u64,
    pub tasks_completed_this_week: u64,
    /// Percent of all tasks of the user, one decimal.
    pub completion_rate: f64,
}

/// The user's tasks by status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct Breakdown {
    pub pending: u64,
    pub completed: u64,
    pub total: u64,
}

/// Tasks shared with the user, by permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct SharedBreakdown {
    pub total_shared: u64,
    pub view_only: u64,
    pub can_edit: u64,
}

/// One day of a trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TrendDay {
    /// In the user's time zone.
    pub date: NaiveDate,
    /// Tasks created on it.
    pub created: u64,
    /// Tasks completed on it.
    pub completed: u64,
}

/// A series of days, oldest first, without gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct Trend {
    pub days: Vec<TrendDay>,
}

/// The numbers of one team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct TeamNumbers {
    pub team_id: TeamId,
    pub name: String,
    pub pending: u64,
    pub completed: u64,
    pub total: u64,
}

/// The numbers of all teams of the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct Teams {
    pub teams: Vec<TeamNumbers>,
}

/// Everything that the dashboard shows. Dates and rates are text: parsing them would add to the browser's
/// bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Dashboard {
    pub total_tasks: u64,
    pub pending_tasks: u64,
    /// A sentence about how many of them are overdue and due today.
    pub pending_note: String,
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
    /// How far the user's goals are, as HTML; empty without goals.
    pub goals: String,
    /// Oldest first.
    pub bars: Vec<TrendBar>,
    /// The numbers of each team, by name, as HTML.
    pub teams: String,
}

/// The ranges of the dashboard's trend, in days.
pub const RANGES: [u32; 4] = [7, 30, 90, 365];
/// The one that is shown at first.
pub const DEFAULT_RANGE: u32 = 30;

/// A day of the dashboard's trend, or a week of a long one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TrendBar {
    /// `9 Nov`, `Week of 9 Nov`.
    pub label: String,
    pub created: u64,
    pub completed: u64,
}

/// The top of a chart's scale: a round number just above the highest, whose half is a whole number.
pub fn chart_scale(highest: u64) -> u64 {
    let mut unit = 2;
    while unit * 10 < highest {
        unit *= 10;
    }
    highest.max(1).div_ceil(unit) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charts_scale_ends_above_the_highest_bar_and_its_half_is_whole() {
        for (highest, top) in
            [(0, 2), (1, 2), (2, 2), (3, 4), (13, 14), (20, 20), (21, 40), (99, 100), (101, 120), (999_999, 1_000_000)]
        {
            assert_eq!(chart_scale(highest), top, "{highest}");
        }
    }
}
