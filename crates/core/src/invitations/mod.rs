//! Invitations: links by which people join a team, also where nobody may sign up by themselves.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use tallyboard_model::{
    id::{InvitationId, TeamId, UserId},
    permissions::Role,
};

pub mod service;
mod store;
#[cfg(test)]
mod store_test;

/// A link by which people join a team. Its secret is not among its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The team.
    pub team_id: TeamId,
    /// The role of those who join.
    pub role: Role,
    /// Whether one person can join by it, or any number.
    pub single_use: bool,
    /// The address that it was mailed to; null if the link was shown to its creator.
    #[schema(required = true)]
    pub email: Option<String>,
    /// How many people have joined with it.
    pub uses: i64,
    /// Who created it. It is valid while they may add members with its role.
    pub created_by: UserId,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
}

/// A request for an invitation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// Not `owner`: ownership is transferred.
    #[serde(default)]
    #[schema(value_type = String, pattern = "^(admin|member|viewer)$", default = "member")]
    pub role: Role,
    /// Whether one person can join by it (true when absent), or any number.
    pub single_use: Option<bool>,
    /// 1 to 30; 7 when absent.
    #[schema(minimum = 1, maximum = 30)]
    pub expires_in_days: Option<u32>,
    /// Mails the link to this address, for one person, instead of answering it; where the server sends mails.
    #[schema(format = Email, max_length = 254)]
    pub email: Option<String>,
}

/// A new invitation with its link, which is not shown again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CreatedInvitation {
    /// The invitation.
    #[serde(flatten)]
    pub details: Invitation,
    /// The secret in the link; null when the link is mailed.
    #[schema(required = true)]
    pub token: Option<String>,
    /// The link to give to the invited person; null when it's mailed.
    #[schema(required = true)]
    pub url: Option<String>,
}

/// Somebody who has joined by an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvitationUse {
    /// Who.
    pub user_id: UserId,
    /// Their name, while they are in the team.
    #[schema(required = true)]
    pub name: Option<String>,
    /// When they joined.
    pub created_at: DateTime<Utc>,
}

/// The secret of an invitation's link.
#[derive(Clone, Debug, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InvitationToken {
    /// As in the link.
    #[schema(min_length = 1)]
    pub token: String,
}

/// The information shown to somebody with a link before they join.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvitationPreview {
    /// The name of the team.
    pub team_name: String,
}
