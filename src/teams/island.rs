//! The members of a team, an island.

#![allow(missing_docs)] // of what the macro generates

use leptos::prelude::*;

use super::actions::{add_member, change_member, remove_member, team_members};
use crate::{
    error::Error,
    id::{TeamId, UserId},
    language::{t, text},
    live::LiveEvent,
    people::ListedPerson,
    permissions::{Role, TeamAction, role_allows},
    ui::people::{PeopleApi, people_list},
};

#[derive(Clone)]
struct Members(TeamId);

impl PeopleApi for Members {
    const GRANT_FIELD: &'static str = "role";
    const PARENT_FIELD: &'static str = "team_id";
    const ACTIONS: [&'static str; 3] = ["add_member", "change_member", "remove_member"];
    const ADD_LABEL: &'static str = text("Add");
    const REMOVE_LABEL: &'static str = text("Remove");

    fn parent_id(&self) -> String {
        self.0.to_string()
    }

    fn add(&self, email: String, grant: String) -> impl Future<Output = Result<ListedPerson, Error>> + 'static {
        add_member(self.0, email, Role::parse(&grant).unwrap_or_default())
    }

    fn change(&self, who: UserId, grant: String) -> impl Future<Output = Result<ListedPerson, Error>> + 'static {
        change_member(self.0, who, Role::parse(&grant).unwrap_or_default())
    }

    fn all(&self) -> impl Future<Output = Result<Option<Vec<ListedPerson>>, Error>> + 'static {
        team_members(self.0)
    }

    fn is_changed_by(&self, event: &LiveEvent) -> bool {
        event.event_type == "team_changed" && event.data.team_id == Some(self.parent_id())
    }

    fn remove(&self, who: UserId) -> impl Future<Output = Result<(), Error>> + 'static {
        remove_member(self.0, who)
    }
}

/// The members, and the form to add one.
#[island(lazy)]
pub fn MemberList(
    /// The team.
    team: TeamId,
    /// The role of the user.
    role: Role,
    /// The members that the server found.
    initial: Vec<ListedPerson>,
    /// The email address of a rejected form.
    typed: String,
) -> impl IntoView {
    let addable = [Role::Member, Role::Viewer, Role::Admin].into_iter();
    let addable = addable.filter(|new| role_allows(Some(role), TeamAction::Add(*new))).map(Role::as_str).collect();
    people_list(Members(team), initial, addable, typed, t("There are no members."))
}
