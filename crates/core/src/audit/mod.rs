//! The audit log: what a user has done and what was done in the teams that they manage. It is written by
//! `Scope::record`, in the transaction of the change; here it is read.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use tallyboard_model::id::{RowId, UserId};

pub mod service;
mod store;
#[cfg(test)]
mod store_test;

/// One action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditRecord {
    /// Its id.
    pub id: RowId,
    /// When it was done.
    pub at: DateTime<Utc>,
    /// The action: `task.completed`, `auth.signed_in`, `team.member_added`.
    pub action: String,
    /// Who did it.
    pub actor: Actor,
    /// Its target.
    pub target: AuditTarget,
    /// The names of the fields that changed.
    pub fields: Vec<String>,
    /// The address that the request came from; null for other people's actions.
    #[schema(required = true)]
    pub ip: Option<String>,
    /// The `X-Request-Id` of the request; null for other people's actions.
    #[schema(required = true)]
    pub request_id: Option<RowId>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Actor {
    /// The user.
    pub user_id: UserId,
    /// Their name, while the reader may see it.
    #[schema(required = true)]
    pub name: Option<String>,
    /// `session`, or `token:` and the name of a personal token.
    pub via: String,
}

/// The target of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditTarget {
    /// `task`, `team`, `user`, `session` or `token`.
    #[schema(required = true)]
    pub kind: Option<String>,
    /// Its id; it may have been deleted since.
    #[schema(required = true)]
    pub id: Option<Uuid>,
}
