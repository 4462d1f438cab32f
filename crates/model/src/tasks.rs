//! Tasks as they're sent: a task, the requests that change it, the filters of lists.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{TaskId, TeamId, UserId},
    list::double_option,
};

pub use crate::permissions::Access;

/// Whether a task is completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TaskStatus {
    /// Not completed.
    #[default]
    Pending,
    /// Completed.
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

/// A task as the user sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Its owner.
    pub user_id: UserId,
    /// The team that it belongs to, if any.
    #[cfg_attr(feature = "server", schema(required = true))]
    pub team_id: Option<TeamId>,
    /// 1-200 characters.
    pub title: String,
    /// Up to 1000 characters.
    #[cfg_attr(feature = "server", schema(required = true))]
    pub description: Option<String>,
    /// Whether it is completed.
    pub status: TaskStatus,
    /// When it is due.
    #[cfg_attr(feature = "server", schema(required = true))]
    #[cfg_attr(feature = "server", serde(serialize_with = "crate::calendar::serialize_optional_time"))]
    pub due_at: Option<DateTime<Utc>>,
    /// When it was completed; set exactly while it is completed.
    #[cfg_attr(feature = "server", schema(required = true))]
    #[cfg_attr(feature = "server", serde(serialize_with = "crate::calendar::serialize_optional_time"))]
    pub completed_at: Option<DateTime<Utc>>,
    /// When it was created.
    #[cfg_attr(feature = "server", serde(serialize_with = "crate::calendar::serialize_time"))]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[cfg_attr(feature = "server", serde(serialize_with = "crate::calendar::serialize_time"))]
    pub updated_at: DateTime<Utc>,
    /// How the user has access to it.
    pub access: Access,
    /// Whether its team lets members change every task.
    #[serde(skip)]
    pub members_edit: bool,
    /// When it was deleted; null outside the trash.
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(required = true))]
    #[cfg_attr(feature = "server", serde(serialize_with = "crate::calendar::serialize_optional_time"))]
    pub deleted_at: Option<DateTime<Utc>>,
    /// Who deleted it; only in the trash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_by: Option<DeletedBy>,
}

impl Task {
    /// Whether the user may change its fields, complete it, reopen it.
    pub fn may_change(&self) -> bool {
        self.access.may_change() || (self.access == Access::TeamMember && self.members_edit)
    }
}

/// Who deleted a task, and through what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DeletedBy {
    /// Their id; null once their account is gone.
    pub user_id: Option<UserId>,
    /// Their name, if the user still shares a team or a task with them.
    pub name: Option<String>,
    /// The name of the personal token or the app that they used; null: the board itself.
    pub via: Option<String>,
}

/// What a form sends as `team_id` for a task in no team; an empty field would count as absent.
pub const NO_TEAM: &str = "none";

/// A request for a new task.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NewTask {
    /// 1-200 characters after trimming.
    #[cfg_attr(
        feature = "server",
        schema(
            min_length = 1,
            max_length = 200,
            pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
        )
    )]
    pub title: String,
    /// At most 1000 characters.
    #[cfg_attr(
        feature = "server",
        schema(max_length = 1000, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]*$")
    )]
    pub description: Option<String>,
    #[serde(default)]
    pub status: TaskStatus,
    /// A team in which the user is at least a member.
    pub team_id: Option<TeamId>,
    pub due_at: Option<DateTime<Utc>>,
}

/// Changes to a task: absent fields stay, null clears a field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct TaskPatch {
    /// 1-200 characters after trimming.
    #[cfg_attr(
        feature = "server",
        schema(
            min_length = 1,
            max_length = 200,
            pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
        )
    )]
    pub title: Option<String>,
    /// At most 1000 characters.
    #[serde(default, deserialize_with = "double_option")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, max_length = 1000, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]*$"))]
    pub description: Option<Option<String>>,
    pub status: Option<TaskStatus>,
    /// The owner may move the task into a team; anyone who may manage it may remove it from its team.
    #[serde(default, deserialize_with = "double_option")]
    #[cfg_attr(feature = "server", schema(value_type = Option<TeamId>))]
    pub team_id: Option<Option<TeamId>>,
    #[serde(default, deserialize_with = "double_option")]
    #[cfg_attr(feature = "server", schema(value_type = Option<DateTime<Utc>>))]
    pub due_at: Option<Option<DateTime<Utc>>>,
}

/// One change to many tasks.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkChange {
    /// The tasks; one that is named twice is changed once.
    #[cfg_attr(feature = "server", schema(min_items = 1, max_items = 100))]
    pub ids: Vec<TaskId>,
    /// The action.
    pub action: BulkAction,
    /// The new due date for `move`; null for none.
    #[serde(default, deserialize_with = "double_option")]
    #[cfg_attr(feature = "server", schema(value_type = Option<DateTime<Utc>>))]
    pub due_at: Option<Option<DateTime<Utc>>>,
    /// The new team for `move`; null for none.
    #[serde(default, deserialize_with = "double_option")]
    #[cfg_attr(feature = "server", schema(value_type = Option<TeamId>))]
    pub team_id: Option<Option<TeamId>>,
}

/// An action on many tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// They are completed; completed ones stay so.
    Complete,
    /// They are pending again.
    Reopen,
    /// They are deleted with their shares.
    Delete,
    /// They get another day, another team, or both.
    Move,
}

/// The tasks after a [`BulkChange`].
#[cfg(feature = "server")]
#[derive(Serialize, utoipa::ToSchema)]
pub struct BulkAnswer {
    /// In the order of the ids; deleted ones as they were last.
    pub items: Vec<Task>,
}

/// Which tasks to list. Without `team_id` and `shared`: the user's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "server", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct TaskFilter {
    /// Only tasks with this status.
    pub status: Option<TaskStatus>,
    /// The tasks of a team instead of the user's own.
    pub team_id: Option<TeamId>,
    /// Tasks shared with the user instead of their own; not together with `team_id`.
    pub shared: Option<Shared>,
    /// Every task that the user may change instead of their own; not together with `team_id` or `shared`.
    pub access: Option<AccessFilter>,
    /// Only tasks that are due on these days of the user's calendar.
    pub due: Option<Due>,
    /// A text in the title or the description, case-insensitive.
    #[cfg_attr(feature = "server", param(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"))]
    pub q: Option<String>,
    /// The deleted tasks that the user may restore, the latest first. Goes with `limit` and `cursor` only.
    pub trash: Option<bool>,
    /// The order; `newest` when absent.
    pub sort: Option<Sort>,
    /// The largest number of items, 1 to 100; 50 when absent.
    #[cfg_attr(feature = "server", param(minimum = 1, maximum = 100))]
    pub limit: Option<u32>,
    /// The `next_cursor` of the previous page, in the same order.
    pub cursor: Option<String>,
}

/// Which shared tasks to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// Tasks that somebody shared with the user.
    WithMe,
}

/// Which tasks to list, by what the user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessFilter {
    /// Tasks that the user may change: their own, those of teams that they own or administer, those shared for editing.
    Change,
}

/// Days on which a task can be due, in the user's time zone. No task is in two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// Before today, and still pending.
    Overdue,
    /// Today.
    Today,
    /// The seven days after today.
    Week,
    /// On no day.
    None,
}

impl Due {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Due::Overdue => "overdue",
            Due::Today => "today",
            Due::Week => "week",
            Due::None => "none",
        }
    }
}

/// The order of a list of tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The newest first; shared tasks by the time when they were shared.
    #[default]
    Newest,
    /// The one that is due first; tasks without a day last.
    Due,
    /// By title, letter by letter without regard to case.
    Title,
}

impl Sort {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Sort::Newest => "newest",
            Sort::Due => "due",
            Sort::Title => "title",
        }
    }
}
