//! With whom a task is shared: in an island of its own, and in the dialog of the list of tasks.

#![allow(missing_docs)] // of what the macro makes around each function

use leptos::prelude::*;

use super::actions::{change_share, end_share, share_task, task_shares};
use crate::{
    error::Error,
    id::{TaskId, UserId},
    live::Happened,
    permissions::Permission,
    ui::people::{Circle, Person, people},
};

#[derive(Clone)]
struct Receivers(TaskId);

impl Circle for Receivers {
    const GIVEN: &'static str = "permission";
    const OF: &'static str = "task_id";
    const ACTIONS: [&'static str; 3] = ["share_task", "change_share", "end_share"];
    const ADD: &'static str = "Share";
    const REMOVE: &'static str = "Revoke";

    fn of(&self) -> String {
        self.0.to_string()
    }

    fn add(&self, email: String, given: String) -> impl Future<Output = Result<Person, Error>> + 'static {
        share_task(self.0, email, Permission::parse(&given).unwrap_or_default())
    }

    fn change(&self, who: UserId, given: String) -> impl Future<Output = Result<Person, Error>> + 'static {
        change_share(self.0, who, Permission::parse(&given).unwrap_or_default())
    }

    fn all(&self) -> impl Future<Output = Result<Option<Vec<Person>>, Error>> + 'static {
        task_shares(self.0)
    }

    fn concerns(&self, happened: &Happened) -> bool {
        happened.event_type.ends_with("shared") && happened.data.task_id == Some(self.of())
    }

    fn remove(&self, who: UserId) -> impl Future<Output = Result<(), Error>> + 'static {
        end_share(self.0, who)
    }
}

/// The list, and the line to share with somebody else.
pub fn receivers(task: TaskId, initial: Vec<Person>, typed: String) -> impl IntoView {
    people(Receivers(task), initial, vec!["view", "edit"], typed, "Shared with nobody yet.")
}

/// The same as an island, for the page.
#[island(lazy)]
pub fn ShareBoard(
    /// Which task.
    task: TaskId,
    /// With whom it is shared.
    initial: Vec<Person>,
    /// The address in the refused form before.
    typed: String,
) -> impl IntoView {
    receivers(task, initial, typed)
}
