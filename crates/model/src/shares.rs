//! Shares as they're sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{TaskId, UserId},
    people::ListedPerson,
    permissions::Permission,
};

/// A share of a task with one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Share {
    /// The task.
    pub task_id: TaskId,
    /// The person it's shared with.
    pub shared_with_user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// The person who shared it.
    pub shared_by_user_id: UserId,
    /// Their permission.
    pub permission: Permission,
    /// When it was shared.
    pub created_at: DateTime<Utc>,
}

/// A request to share a task with somebody: by `email` or by `user_id`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NewShare {
    #[cfg_attr(feature = "server", schema(format = Email, min_length = 3, max_length = 254))]
    pub email: Option<String>,
    pub user_id: Option<UserId>,
    #[serde(default)]
    pub permission: Permission,
}

/// A new permission for a share.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SharePatch {
    pub permission: Permission,
}

/// A share as somebody who may manage the task sees it.
impl From<Share> for ListedPerson {
    fn from(share: Share) -> Self {
        let Share { shared_with_user_id, name, email, permission, .. } = share;
        let choices = Permission::ALL.map(|choice| choice.as_str().to_owned());
        ListedPerson {
            user_id: shared_with_user_id,
            name,
            email,
            grant: permission.as_str().to_owned(),
            choices: choices.to_vec(),
            may_remove: true,
        }
    }
}
