//! A task as the databases answer it, together with the user's relation to it.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use tallyboard_db::from_row;
use tallyboard_model::{
    calendar::{deserialize_optional_time, deserialize_time},
    id::{TaskId, TeamId, UserId},
    permissions::{Permission, Relation, Role, access},
    tasks::{Task, TaskStatus},
    teams::MembersEdit,
};

/// Its fields are in the order of its columns: SQLite's lists are arrays.
#[derive(Deserialize)]
pub struct TaskRow {
    id: TaskId,
    user_id: UserId,
    team_id: Option<TeamId>,
    title: String,
    description: Option<String>,
    status: String,
    #[serde(deserialize_with = "deserialize_optional_time")]
    due_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "deserialize_optional_time")]
    completed_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "deserialize_time")]
    created_at: DateTime<Utc>,
    #[serde(deserialize_with = "deserialize_time")]
    updated_at: DateTime<Utc>,
    team_role: Option<String>,
    share_permission: Option<String>,
    /// In the list of shared tasks: when the task was shared.
    #[serde(deserialize_with = "deserialize_optional_time")]
    shared_at: Option<DateTime<Utc>>,
    /// For a member of its team: which tasks members may change.
    members_edit: Option<String>,
}
from_row!(TaskRow {
    id,
    user_id,
    team_id,
    title,
    description,
    status,
    due_at,
    completed_at,
    created_at,
    updated_at,
    team_role,
    share_permission,
    shared_at,
    members_edit
});

impl TaskRow {
    /// The task as `me` sees it, with the time when it came into its list; `None` when they may not see it.
    pub fn listed_for(self, me: UserId) -> Option<(DateTime<Utc>, Task)> {
        let listed_at = self.shared_at.unwrap_or(self.created_at);
        Some((listed_at, self.seen_by(me)?))
    }

    /// The task as `me` sees it; `None` when they may not.
    pub fn seen_by(self, me: UserId) -> Option<Task> {
        let relation = Relation {
            owner: self.user_id == me,
            role: self.team_role.as_deref().and_then(Role::parse),
            share: self.share_permission.as_deref().and_then(Permission::parse),
        };
        let access = access(relation)?;
        Some(Task {
            id: self.id,
            user_id: self.user_id,
            team_id: self.team_id,
            title: self.title,
            description: self.description,
            status: if self.status == "completed" { TaskStatus::Completed } else { TaskStatus::Pending },
            due_at: self.due_at,
            completed_at: self.completed_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            access,
            members_edit: self.members_edit.as_deref() == Some(MembersEdit::All.as_str()),
            deleted_at: None,
            deleted_by: None,
        })
    }
}

/// The columns of a [`TaskRow`], from the task t and what else is named.
macro_rules! task_columns {
    ($role:literal, $share:literal, $shared_at:literal, $members_edit:literal) => {
        concat!(
            "t.id, t.user_id, t.team_id, t.title, t.description, t.status, t.due_at, t.completed_at, t.created_at,
             t.updated_at, ",
            $role,
            " AS team_role, ",
            $share,
            " AS share_permission, ",
            $shared_at,
            " AS shared_at, ",
            $members_edit,
            " AS members_edit"
        )
    };
}

/// The columns of a task that may be somebody else's.
macro_rules! columns_for_others {
    ($shared_at:literal) => {
        task_columns!(
            "m.role",
            "s.permission",
            $shared_at,
            "CASE m.role WHEN 'member' THEN (SELECT members_edit FROM teams WHERE id = t.team_id) END"
        )
    };
}

/// An owner's access depends on nothing but the task.
pub const MY_COLUMNS: &str = task_columns!("NULL", "NULL", "NULL", "NULL");
pub const COLUMNS: &str = columns_for_others!("NULL");
pub const COLUMNS_OF_SHARED: &str = columns_for_others!("s.created_at");

/// The membership m of the user $1 in the team of the task t.
macro_rules! my_membership {
    () => {
        " LEFT JOIN team_members m ON m.team_id = t.team_id AND m.user_id = $1"
    };
}

/// The share s of the task t with the user $1, if there is one.
macro_rules! my_share {
    () => {
        " LEFT JOIN task_shares s ON s.task_id = t.id AND s.shared_with_user_id = $1"
    };
}

/// Tasks and the relation of the user $1 to them.
macro_rules! select_tasks {
    ($where:literal) => {
        concat!(
            "SELECT ",
            columns_for_others!("NULL"),
            " FROM tasks t",
            my_share!(),
            my_membership!(),
            " WHERE ",
            $where
        )
    };
}

/// Tasks of the user $1.
macro_rules! select_my_tasks {
    ($and:literal) => {
        concat!(
            "SELECT ",
            task_columns!("NULL", "NULL", "NULL", "NULL"),
            " FROM tasks t WHERE t.user_id = $1 AND ",
            $and
        )
    };
}

pub(super) use {columns_for_others, my_membership, my_share, select_my_tasks, select_tasks, task_columns};
