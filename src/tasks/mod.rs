//! Tasks: what they are, who may do what with them, the list that a person works in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{TaskId, TeamId, UserId},
    list::given,
    teams::ListedTeam,
};

pub mod actions;
mod item;
pub mod list;

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod proof;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
mod row;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod store_test;

#[cfg(feature = "ssr")]
pub use proof::Manageable;

pub use crate::permissions::Access;

/// Whether it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TaskStatus {
    /// Not yet.
    #[default]
    Pending,
    /// Yes.
    Completed,
}

impl TaskStatus {
    /// Its name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskStatus::Pending => "pending",
            TaskStatus::Completed => "completed",
        }
    }
}

/// A task as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Task {
    /// Which.
    pub id: TaskId,
    /// Whose.
    pub user_id: UserId,
    /// The team that it belongs to, if any.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub team_id: Option<TeamId>,
    /// 1-200 characters.
    pub title: String,
    /// Up to 1000 characters.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub description: Option<String>,
    /// Whether it is done.
    pub status: TaskStatus,
    /// When it should be.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub due_at: Option<DateTime<Utc>>,
    /// When it was; set exactly while it is.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub completed_at: Option<DateTime<Utc>>,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// In what capacity the one who asks reaches it.
    pub access: Access,
}

/// A task as a list shows it. The browser's side has no calendar: what a date needs of one is done
/// on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedTask {
    /// Which.
    pub id: TaskId,
    /// 1-200 characters.
    pub title: String,
    /// Up to 1000 characters.
    pub description: Option<String>,
    /// Whether it is completed.
    pub done: bool,
    /// The day on which it is due, by its reader's calendar: `2026-12-31`.
    pub due_on: Option<String>,
    /// The team that it belongs to, where its reader is in it.
    pub team: Option<ListedTeam>,
    /// Who shared it with its reader, by name.
    pub shared_by: Option<String>,
    /// In what capacity its reader reaches it.
    pub access: Access,
}

/// What a form sends as `team_id` for a task that is in no team: an empty field is none at all.
pub const NO_TEAM: &str = "none";

/// What somebody typed into the form of a task. `due_on` is a date or empty, `team_id` an id or
/// [`NO_TEAM`].
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Words {
    pub title: String,
    pub description: Option<String>,
    pub due_on: Option<String>,
    /// Absent: the team stays.
    pub team_id: Option<String>,
}

/// A task to be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NewTask {
    /// 1-200 characters after trimming.
    #[cfg_attr(feature = "ssr", schema(min_length = 1, max_length = 200, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$"))]
    pub title: String,
    /// At most 1000 characters.
    #[cfg_attr(feature = "ssr", schema(max_length = 1000, pattern = r"^[^\x00]*$"))]
    pub description: Option<String>,
    #[serde(default)]
    pub status: TaskStatus,
    /// A team in which the maker is at least a member.
    pub team_id: Option<TeamId>,
    pub due_at: Option<DateTime<Utc>>,
}

/// Changes to a task: what is absent stays, null clears what may be empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct TaskPatch {
    /// 1-200 characters after trimming.
    #[cfg_attr(feature = "ssr", schema(min_length = 1, max_length = 200, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$"))]
    pub title: Option<String>,
    /// At most 1000 characters.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, max_length = 1000, pattern = r"^[^\x00]*$"))]
    pub description: Option<Option<String>>,
    pub status: Option<TaskStatus>,
    /// Its owner moves it into a team; who manages it takes it out.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<TeamId>))]
    pub team_id: Option<Option<TeamId>>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<DateTime<Utc>>))]
    pub due_at: Option<Option<DateTime<Utc>>>,
}

/// Which tasks to list. Without `team_id` and `shared`: one's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "ssr", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct TaskFilter {
    /// Only those of this status.
    pub status: Option<TaskStatus>,
    /// A team's tasks instead of one's own.
    pub team_id: Option<TeamId>,
    /// Tasks that somebody shared instead of one's own; not together with `team_id`.
    pub shared: Option<Shared>,
    /// Words in the title or the description, without regard to case.
    #[cfg_attr(feature = "ssr", param(max_length = 200, pattern = r"^[^\x00]*$"))]
    pub q: Option<String>,
    /// How many at the most, 1 to 100; 50 when absent.
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 100))]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Shares to list by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// Tasks that somebody shared with the one who asks.
    WithMe,
}
