//! The members of a team.

use crate::ui::people::{People, PeopleKind};
use tallyboard_model::{
    id::TeamId,
    language::text,
    people::ListedPerson,
    permissions::{Role, TeamAction, role_allows},
};

static MEMBERS: PeopleKind = PeopleKind {
    grant_field: "role",
    parent_field: "team_id",
    rows: "team_members",
    actions: ["add_member", "change_member", "remove_member"],
    add_label: text("Add"),
    remove_label: text("Remove"),
    changed_by: "team_changed",
    empty: text("There are no members."),
};

/// The members of a team.
pub fn members(team: TeamId, people: Vec<ListedPerson>) -> People {
    People { kind: &MEMBERS, parent: team.to_string(), people }
}

/// The roles that somebody with the role `mine` may add others with.
pub fn addable_roles(mine: Role) -> Vec<&'static str> {
    let roles = [Role::Member, Role::Viewer, Role::Admin].into_iter();
    roles.filter(|new| role_allows(Some(mine), TeamAction::Add(*new))).map(Role::as_str).collect()
}
