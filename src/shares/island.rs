//! The people with whom a task is shared: an island on its page, and the content of the dialog on /tasks.

#![allow(missing_docs)] // of what the macro generates

use leptos::prelude::*;

use super::actions::{change_share, end_share, share_task, task_shares};
use crate::{
    error::Error,
    id::{TaskId, UserId},
    language::{t, text},
    live::LiveEvent,
    people::ListedPerson,
    permissions::Permission,
    ui::people::{PeopleApi, people_list},
};

#[derive(Clone)]
struct Recipients(TaskId);

impl PeopleApi for Recipients {
    const GRANT_FIELD: &'static str = "permission";
    const PARENT_FIELD: &'static str = "task_id";
    const ACTIONS: [&'static str; 3] = ["share_task", "change_share", "end_share"];
    const ADD_LABEL: &'static str = text("Share");
    const REMOVE_LABEL: &'static str = text("Revoke");

    fn parent_id(&self) -> String {
        self.0.to_string()
    }

    fn add(&self, email: String, grant: String) -> impl Future<Output = Result<ListedPerson, Error>> + 'static {
        share_task(self.0, email, Permission::parse(&grant).unwrap_or_default())
    }

    fn change(&self, who: UserId, grant: String) -> impl Future<Output = Result<ListedPerson, Error>> + 'static {
        change_share(self.0, who, Permission::parse(&grant).unwrap_or_default())
    }

    fn all(&self) -> impl Future<Output = Result<Option<Vec<ListedPerson>>, Error>> + 'static {
        task_shares(self.0)
    }

    fn is_changed_by(&self, event: &LiveEvent) -> bool {
        event.event_type.ends_with("shared") && event.data.task_id == Some(self.parent_id())
    }

    fn remove(&self, who: UserId) -> impl Future<Output = Result<(), Error>> + 'static {
        end_share(self.0, who)
    }
}

/// The list, and the form to share with somebody else.
fn recipients(task: TaskId, initial: Vec<ListedPerson>, typed: String) -> impl IntoView {
    people_list(Recipients(task), initial, vec!["view", "edit"], typed, t("Shared with nobody yet."))
}

/// The same for a dialog: the browser loads the code when the dialog is opened.
#[lazy]
pub fn recipients_in_dialog(task: TaskId, people: Vec<ListedPerson>) -> AnyView {
    recipients(task, people, String::new()).into_any()
}

/// [`recipients`] as an island, for the page.
#[island(lazy)]
pub fn ShareList(
    /// The task.
    task: TaskId,
    /// The people that the server found.
    initial: Vec<ListedPerson>,
    /// The email address of a rejected form.
    typed: String,
) -> impl IntoView {
    recipients(task, initial, typed)
}
