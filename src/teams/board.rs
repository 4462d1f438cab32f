//! The members of a team, an island.

#![allow(missing_docs)] // of what the macro makes around each function

use leptos::prelude::*;

use super::actions::{add_member, change_member, remove_member, team_members};
use crate::{
    error::Error,
    id::{TeamId, UserId},
    live::Happened,
    permissions::{Role, TeamAction, may},
    ui::people::{Circle, Person, people},
};

#[derive(Clone)]
struct Members(TeamId);

impl Circle for Members {
    const GIVEN: &'static str = "role";
    const OF: &'static str = "team_id";
    const ACTIONS: [&'static str; 3] = ["add_member", "change_member", "remove_member"];
    const ADD: &'static str = "Add";
    const REMOVE: &'static str = "Remove";

    fn of(&self) -> String {
        self.0.to_string()
    }

    fn add(&self, email: String, given: String) -> impl Future<Output = Result<Person, Error>> + 'static {
        add_member(self.0, email, Role::parse(&given).unwrap_or_default())
    }

    fn change(&self, who: UserId, given: String) -> impl Future<Output = Result<Person, Error>> + 'static {
        change_member(self.0, who, Role::parse(&given).unwrap_or_default())
    }

    fn all(&self) -> impl Future<Output = Result<Option<Vec<Person>>, Error>> + 'static {
        team_members(self.0)
    }

    fn concerns(&self, happened: &Happened) -> bool {
        happened.event_type == "team_changed" && happened.data.team_id == Some(self.of())
    }

    fn remove(&self, who: UserId) -> impl Future<Output = Result<(), Error>> + 'static {
        remove_member(self.0, who)
    }
}

/// Who is in the team, and the line to add somebody.
#[island(lazy)]
pub fn MemberBoard(
    /// Which.
    team: TeamId,
    /// What its reader is in it.
    role: Role,
    /// Who is in it.
    initial: Vec<Person>,
    /// The address in the refused form before.
    typed: String,
) -> impl IntoView {
    let addable = [Role::Member, Role::Viewer, Role::Admin].into_iter();
    let addable = addable.filter(|new| may(Some(role), TeamAction::Add(*new))).map(Role::as_str).collect();
    people(Members(team), initial, addable, typed, "Nobody is in it.")
}
