//! Teams: people who work on the same tasks, each in a role.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{TeamId, UserId},
    permissions::Role,
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

/// A team as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Team {
    /// Which.
    pub id: TeamId,
    /// 1-100 characters.
    pub name: String,
    /// The one member whose role is owner.
    pub owner_id: UserId,
    /// What the one who asks is in it.
    pub role: Role,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    /// When its name or its owner last changed.
    pub updated_at: DateTime<Utc>,
}

/// Somebody in a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Member {
    /// Of which.
    pub team_id: TeamId,
    /// Who.
    pub user_id: UserId,
    /// What they are called.
    pub name: String,
    /// Where they are reached.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Since when they are in it.
    pub created_at: DateTime<Utc>,
}

/// A team to be; who makes it is its owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    /// 1-100 characters after trimming.
    #[cfg_attr(feature = "ssr", schema(min_length = 1, max_length = 100, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$"))]
    pub name: String,
}

/// Changes to a team; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TeamPatch {
    /// 1-100 characters after trimming.
    #[cfg_attr(feature = "ssr", schema(min_length = 1, max_length = 100, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$"))]
    pub name: Option<String>,
}

/// Somebody to put into a team: by `email` or by `user_id`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NewMember {
    #[cfg_attr(feature = "ssr", schema(format = Email, min_length = 3, max_length = 254))]
    pub email: Option<String>,
    pub user_id: Option<UserId>,
    /// Not owner: ownership is passed on.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(value_type = String, pattern = "^(admin|member|viewer)$", default = "member"))]
    pub role: Role,
}

/// Another role for a member.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberPatch {
    /// Not owner: ownership is passed on.
    #[cfg_attr(feature = "ssr", schema(value_type = String, pattern = "^(admin|member|viewer)$"))]
    pub role: Role,
}

/// To whom a team passes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// One of its members.
    pub user_id: UserId,
}

/// A team as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedTeam {
    /// Which.
    pub id: TeamId,
    /// 1-100 characters.
    pub name: String,
    /// What its reader is in it.
    pub role: Role,
}
