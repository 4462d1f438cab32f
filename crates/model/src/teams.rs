//! Teams and members as they're sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{TeamId, UserId},
    permissions::Role,
};

/// A team as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// 1-100 characters.
    pub name: String,
    /// The one member whose role is owner.
    pub owner_id: UserId,
    /// The role of the user.
    pub role: Role,
    /// Which tasks members may change.
    pub members_edit: MembersEdit,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When its name, its owner or `members_edit` last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which tasks of a team its members may change, complete and reopen. Deleting and sharing stay the owner's and the admins'.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MembersEdit {
    /// Every task of the team.
    #[default]
    All,
    /// Only their own.
    Own,
}

impl MembersEdit {
    /// Its name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            MembersEdit::All => "all",
            MembersEdit::Own => "own",
        }
    }
}

/// A member of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Member {
    /// The team.
    pub team_id: TeamId,
    /// The member.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// When they were added.
    pub created_at: DateTime<Utc>,
}

/// A request for a new team; the user will be its owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    /// 1-100 characters after trimming.
    #[cfg_attr(
        feature = "server",
        schema(
            min_length = 1,
            max_length = 100,
            pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
        )
    )]
    pub name: String,
}

/// Changes to a team; absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TeamPatch {
    /// 1-100 characters after trimming.
    #[cfg_attr(
        feature = "server",
        schema(
            min_length = 1,
            max_length = 100,
            pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
        )
    )]
    pub name: Option<String>,
    /// Which tasks members may change.
    pub members_edit: Option<MembersEdit>,
}

/// A request to add a member: by `email` or by `user_id`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NewMember {
    #[cfg_attr(feature = "server", schema(format = Email, min_length = 3, max_length = 254))]
    pub email: Option<String>,
    pub user_id: Option<UserId>,
    /// Not `owner`: ownership is transferred.
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(value_type = String, pattern = "^(admin|member|viewer)$", default = "member"))]
    pub role: Role,
}

/// A new role for a member.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberPatch {
    /// Not `owner`: ownership is transferred.
    #[cfg_attr(feature = "server", schema(value_type = String, pattern = "^(admin|member|viewer)$"))]
    pub role: Role,
}

/// The new owner of a team.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// One of its members.
    pub user_id: UserId,
}
