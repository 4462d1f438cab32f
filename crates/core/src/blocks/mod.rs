//! Blocked people: they can neither add the user to a team nor share with them, and aren't told why.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use tallyboard_model::id::UserId;

pub mod service;
mod store;
#[cfg(test)]
mod store_test;

/// A person the user has blocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Block {
    /// The blocked person.
    pub user_id: UserId,
    /// Their name at that time; null if the user had no team and no share in common with them.
    #[schema(required = true)]
    pub name: Option<String>,
    /// When they were blocked.
    pub created_at: DateTime<Utc>,
}

/// Names the person to block or unblock.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockRequest {
    /// The person.
    pub user_id: UserId,
}
