//! Shares: one task, one other person, to view or to edit.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{TaskId, UserId},
    permissions::Permission,
    ui::people::Person,
};

pub mod actions;
pub mod board;

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

/// That a task is shared with somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Share {
    /// Which task.
    pub task_id: TaskId,
    /// With whom.
    pub shared_with_user_id: UserId,
    /// What they are called.
    pub name: String,
    /// Where they are reached.
    pub email: String,
    /// By whom.
    pub shared_by_user_id: UserId,
    /// What they may do.
    pub permission: Permission,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// Somebody to share a task with: by `email` or by `user_id`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NewShare {
    #[cfg_attr(feature = "ssr", schema(format = Email, min_length = 3, max_length = 254))]
    pub email: Option<String>,
    pub user_id: Option<UserId>,
    #[serde(default)]
    pub permission: Permission,
}

/// Another permission for a share.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SharePatch {
    pub permission: Permission,
}

/// A share as who may manage the task sees it.
impl From<Share> for Person {
    fn from(share: Share) -> Self {
        let Share { shared_with_user_id, name, email, permission, .. } = share;
        let choices = [Permission::View, Permission::Edit].map(|choice| choice.as_str().to_owned());
        Person {
            user_id: shared_with_user_id,
            name,
            email,
            given: permission.as_str().to_owned(),
            choices: choices.to_vec(),
            may_remove: true,
        }
    }
}
