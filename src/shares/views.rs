//! The people with whom a task is shared: on the task's page of shares, and in the dialog of the lists of tasks.

use crate::{
    auth::server_fn_user,
    ui::people::{People, PeopleKind},
};
use tallyboard_core::shares::service;
use tallyboard_model::{
    error::{Result, none_if_inaccessible},
    id::TaskId,
    language::text,
    people::ListedPerson,
};

static RECIPIENTS: PeopleKind = PeopleKind {
    grant_field: "permission",
    parent_field: "task_id",
    rows: "task_shares",
    actions: ["share_task", "change_share", "end_share"],
    add_label: text("Share"),
    remove_label: text("Revoke"),
    changed_by: "shared",
    empty: text("Shared with nobody yet."),
};

/// The recipients of a task.
pub fn recipients(task: TaskId, people: Vec<ListedPerson>) -> People {
    People { kind: &RECIPIENTS, parent: task.to_string(), people }
}

/// The recipients of a task, read for the user of a server function; `None` when the user may not share the task.
pub async fn readable_recipients(task: TaskId) -> Result<Option<People>> {
    let (app, user) = server_fn_user().await?;
    let found = app.db.scope(&user).read(|scope| Box::pin(service::people(scope, task))).await;
    none_if_inaccessible(found.map(|(_, people)| recipients(task, people)))
}
