//! A team, as lists name it.

use crate::{id::TeamId, permissions::Role};

/// A team of the user, as lists and menus show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTeam {
    /// Its id.
    pub id: TeamId,
    /// 1-100 characters.
    pub name: String,
    /// The role of the user.
    pub role: Role,
}

/// A role as the database stores it; its CHECK allows the same four names.
#[cfg(feature = "server")]
pub fn stored_role(name: &str) -> crate::error::Result<Role> {
    Role::parse(name).ok_or_else(|| crate::error::Error::internal(format!("the role {name} is unknown")))
}
