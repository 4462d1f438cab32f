//! Tasks: what they are, who may do what with them, the list that a person works in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::id::{TaskId, TeamId, UserId};

pub mod actions;
pub mod list;

#[cfg(feature = "ssr")]
mod access;
#[cfg(feature = "ssr")]
mod cursor;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
mod row;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;

/// Whether it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// In what capacity somebody reaches a task; the strongest that they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the contract's own names
pub enum Access {
    Owner,
    TeamOwner,
    TeamAdmin,
    SharedEdit,
    TeamMember,
    TeamViewer,
    SharedView,
}

impl Access {
    /// Change its fields, complete it, reopen it.
    pub fn may_change(self) -> bool {
        matches!(self, Self::Owner | Self::TeamOwner | Self::TeamAdmin | Self::SharedEdit)
    }

    /// Delete it, share it, revoke a share, move it to a team.
    pub fn may_manage(self) -> bool {
        matches!(self, Self::Owner | Self::TeamOwner | Self::TeamAdmin)
    }
}

/// A task as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Which.
    pub id: TaskId,
    /// Whose.
    pub user_id: UserId,
    /// The team that it belongs to, if any.
    pub team_id: Option<TeamId>,
    /// 1-200 characters.
    pub title: String,
    /// Up to 1000 characters.
    pub description: Option<String>,
    /// Whether it is done.
    pub status: TaskStatus,
    /// When it should be.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was; set exactly while it is.
    pub completed_at: Option<DateTime<Utc>>,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// What the one who asks may do with it.
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
    /// Whether its reader may change it.
    pub may_change: bool,
    /// Whether its reader may delete it.
    pub may_manage: bool,
}

/// A task to be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NewTask {
    pub title: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub status: TaskStatus,
    #[serde(default)]
    pub team_id: Option<TeamId>,
    #[serde(default)]
    pub due_at: Option<DateTime<Utc>>,
}

/// Changes to a task: what is absent stays, null clears what may be empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct TaskPatch {
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "given")]
    pub description: Option<Option<String>>,
    #[serde(default)]
    pub status: Option<TaskStatus>,
    #[serde(default, deserialize_with = "given")]
    pub team_id: Option<Option<TeamId>>,
    #[serde(default, deserialize_with = "given")]
    pub due_at: Option<Option<DateTime<Utc>>>,
}

/// Tells null from absent.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Which tasks to list. Without `team_id` and `shared`: one's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct TaskFilter {
    pub status: Option<TaskStatus>,
    pub team_id: Option<TeamId>,
    pub shared: Option<Shared>,
    /// Words in the title or the description, without regard to case.
    pub q: Option<String>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

/// Shares to list by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// Tasks that somebody shared with the one who asks.
    WithMe,
}
