//! Permissions: the two tables of the contract, as pure functions that every service calls.
//! PostgreSQL's policies enforce the same again (`migrations/postgres`).

use serde::{Deserialize, Serialize};

/// A role in a team, weakest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads the team's tasks.
    Viewer,
    /// Adds tasks and changes their own.
    #[default]
    Member,
    /// Changes everybody's tasks, and who is in the team.
    Admin,
    /// Makes admins, passes the team on, deletes it. Exactly one.
    Owner,
}

impl Role {
    /// Every role, strongest first.
    pub const ALL: [Role; 4] = [Role::Owner, Role::Admin, Role::Member, Role::Viewer];

    /// Its name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Member => "member",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// What the recipient of a share may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Read.
    #[default]
    View,
    /// Change, complete, reopen too.
    Edit,
}

impl Permission {
    /// All of them, the weakest first.
    pub const ALL: [Permission; 2] = [Permission::View, Permission::Edit];

    /// Its name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::View => "view",
            Permission::Edit => "edit",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == name)
    }
}

/// How somebody has access to a task; the strongest way counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the contract's own names
pub enum Access {
    Owner,
    TeamOwner,
    TeamAdmin,
    SharedEdit,
    TeamMember,
    TeamViewer,
    SharedView,
}

/// A person's relation to a task. Stores read it; the rules are here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Relation {
    /// They own it.
    pub owner: bool,
    /// Their role in its team.
    pub role: Option<Role>,
    /// The permission of their share.
    pub share: Option<Permission>,
}

/// The strongest access that a relation gives; `None` for a stranger.
pub fn access(relation: Relation) -> Option<Access> {
    if relation.owner {
        return Some(Access::Owner);
    }
    match (relation.role, relation.share) {
        (Some(Role::Owner), _) => Some(Access::TeamOwner),
        (Some(Role::Admin), _) => Some(Access::TeamAdmin),
        (_, Some(Permission::Edit)) => Some(Access::SharedEdit),
        (Some(Role::Member), _) => Some(Access::TeamMember),
        (Some(Role::Viewer), _) => Some(Access::TeamViewer),
        (None, Some(Permission::View)) => Some(Access::SharedView),
        (None, None) => None,
    }
}

impl Access {
    /// Change its fields, complete it, reopen it.
    pub fn may_change(self) -> bool {
        matches!(self, Self::Owner | Self::TeamOwner | Self::TeamAdmin | Self::SharedEdit)
    }

    /// Delete it, share it, revoke a share.
    pub fn may_manage(self) -> bool {
        matches!(self, Self::Owner | Self::TeamOwner | Self::TeamAdmin)
    }
}

/// The actions on a team. Everybody may leave except the owner, who transfers it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamAction {
    /// Read it, list its members and its tasks.
    Read,
    /// Give it another name.
    Rename,
    /// Put somebody in, in this role.
    Add(Role),
    /// Make a member of one role one of another.
    Change(Role, Role),
    /// Put somebody of this role out.
    Remove(Role),
    /// Make another member its owner.
    Transfer,
    /// End it.
    Delete,
    /// Make a task that belongs to it.
    CreateTask,
}

/// Whether this role (`None` for an outsider) allows it.
pub fn role_allows(role: Option<Role>, action: TeamAction) -> bool {
    use TeamAction::{Add, Change, CreateTask, Delete, Read, Remove, Rename, Transfer};
    let Some(role) = role else { return false };
    // Ownership is passed on, never given or taken like another role.
    let members_only = |touched: &[Role]| match role {
        Role::Owner => touched.iter().all(|touched| *touched != Role::Owner),
        Role::Admin => touched.iter().all(|touched| *touched < Role::Admin),
        Role::Member | Role::Viewer => false,
    };
    match action {
        Read => true,
        Rename => role >= Role::Admin,
        Add(new) => members_only(&[new]),
        Change(old, new) => members_only(&[old, new]),
        Remove(old) => members_only(&[old]),
        Transfer | Delete => role == Role::Owner,
        CreateTask => role >= Role::Member,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a table like the contract's: what, then a cell for each column.
    fn cells(table: &str) -> Vec<Vec<String>> {
        let rows = table.lines().filter(|line| line.starts_with('|'));
        rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
    }

    const ON_A_TASK: &str = "
| on a task        | owner of the task | team owner | team admin | team member | team viewer | share edit | share view | anyone else |
| read             | yes | yes | yes | yes | yes | yes | yes | no |
| change           | yes | yes | yes | no  | no  | yes | no  | no |
| delete and share | yes | yes | yes | no  | no  | no  | no  | no |";

    #[test]
    fn on_a_task_as_the_contract_says() {
        let relation = |column: &str| match column {
            "owner of the task" => Relation { owner: true, ..Relation::default() },
            "share edit" => Relation { share: Some(Permission::Edit), ..Relation::default() },
            "share view" => Relation { share: Some(Permission::View), ..Relation::default() },
            "anyone else" => Relation::default(),
            team => Relation { role: Role::parse(team.trim_start_matches("team ")), ..Relation::default() },
        };
        let table = cells(ON_A_TASK);
        for row in &table[1..] {
            for (column, cell) in table[0].iter().zip(row).skip(1) {
                let access = access(relation(column));
                let found = match row[0].as_str() {
                    "read" => access.is_some(),
                    "change" => access.is_some_and(Access::may_change),
                    _ => access.is_some_and(Access::may_manage),
                };
                assert_eq!(found, cell == "yes", "{}: {column}", row[0]);
            }
        }
    }

    /// "A person with several ways in has the strongest": every combination equals its strongest part.
    #[test]
    fn several_ways_in_are_as_good_as_the_strongest() {
        let powers = |relation| access(relation).map(|access| (access.may_change(), access.may_manage()));
        for owner in [false, true] {
            for role in [None, Some(Role::Viewer), Some(Role::Member), Some(Role::Admin), Some(Role::Owner)] {
                for share in [None, Some(Permission::View), Some(Permission::Edit)] {
                    let single = [
                        Relation { owner, ..Relation::default() },
                        Relation { role, ..Relation::default() },
                        Relation { share, ..Relation::default() },
                    ];
                    let best = single.into_iter().filter_map(powers).reduce(|a, b| (a.0 || b.0, a.1 || b.1));
                    assert_eq!(powers(Relation { owner, role, share }), best, "{owner} {role:?} {share:?}");
                }
            }
        }
    }

    const ON_A_TEAM: &str = "
| on a team              | owner | admin | member | viewer | outsider |
| read                   | yes   | yes   | yes    | yes    | no       |
| rename                 | yes   | yes   | no     | no     | no       |
| add a member           | yes   | yes   | no     | no     | no       |
| add a viewer           | yes   | yes   | no     | no     | no       |
| add an admin           | yes   | no    | no     | no     | no       |
| add an owner           | no    | no    | no     | no     | no       |
| make a viewer a member | yes   | yes   | no     | no     | no       |
| make a member an admin | yes   | no    | no     | no     | no       |
| make an admin a member | yes   | no    | no     | no     | no       |
| make an admin an owner | no    | no    | no     | no     | no       |
| make an owner a member | no    | no    | no     | no     | no       |
| remove a viewer        | yes   | yes   | no     | no     | no       |
| remove a member        | yes   | yes   | no     | no     | no       |
| remove an admin        | yes   | no    | no     | no     | no       |
| remove an owner        | no    | no    | no     | no     | no       |
| pass on                | yes   | no    | no     | no     | no       |
| delete                 | yes   | no    | no     | no     | no       |
| create a task          | yes   | yes   | yes    | no     | no       |";

    #[test]
    fn on_a_team_as_the_contract_says() {
        let action = |words: &str| {
            let roles: Vec<Role> = words.split(' ').filter_map(Role::parse).collect();
            match (words.split(' ').next(), roles.as_slice()) {
                (Some("read"), _) => TeamAction::Read,
                (Some("rename"), _) => TeamAction::Rename,
                (Some("add"), [new]) => TeamAction::Add(*new),
                (Some("make"), [old, new]) => TeamAction::Change(*old, *new),
                (Some("remove"), [old]) => TeamAction::Remove(*old),
                (Some("pass"), _) => TeamAction::Transfer,
                (Some("delete"), _) => TeamAction::Delete,
                _ => TeamAction::CreateTask,
            }
        };
        let table = cells(ON_A_TEAM);
        for row in &table[1..] {
            for (column, cell) in table[0].iter().zip(row).skip(1) {
                assert_eq!(role_allows(Role::parse(column), action(&row[0])), cell == "yes", "{}: {column}", row[0]);
            }
        }
    }
}
