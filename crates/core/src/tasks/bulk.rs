//! One change to many tasks: all of them or none.

use std::collections::BTreeMap;

use serde_json::json;

use super::service::{self, Changed};
use tallyboard_db::Scope;
use tallyboard_model::{
    error::{Code, Error, Result},
    id::{TaskId, UserId},
    input::Validator,
    language::t_with,
    tasks::{BulkAction, BulkChange, Task, TaskPatch, TaskStatus},
};

/// The largest number of tasks in one change.
pub const MAX_TASKS: usize = 100;

/// Changes the tasks and answers them in the order of the ids, each once; deleted ones as they were last.
///
/// # Errors
/// The first task that cannot be changed refuses the whole change and is named.
pub async fn change(scope: &mut Scope, wanted: BulkChange) -> Result<Vec<Task>> {
    let BulkChange { ids, action, due_at, team_id } = wanted;
    let mut validator = Validator::new();
    if !(1..=MAX_TASKS).contains(&ids.len()) {
        validator.reject(
            "ids",
            t_with("has to have 1 to {most} ids, this has {n}", &[("most", &MAX_TASKS), ("n", &ids.len())]),
        );
    }
    let names_a_target = due_at.is_some() || team_id.is_some();
    match action {
        BulkAction::Move if !names_a_target => {
            validator.reject("action", "needs due_at or team_id: where the tasks move to");
        }
        BulkAction::Move => {}
        _ if due_at.is_some() => validator.reject("due_at", "only goes with the action move"),
        _ if team_id.is_some() => validator.reject("team_id", "only goes with the action move"),
        _ => {}
    }
    validator.finish()?;
    let patch = TaskPatch { due_at, team_id, ..TaskPatch::default() };
    let mut tasks: Vec<Task> = Vec::with_capacity(ids.len());
    let mut seen_by: BTreeMap<UserId, Vec<TaskId>> = BTreeMap::new();
    for id in ids {
        if tasks.iter().any(|task| task.id == id) {
            continue;
        }
        let changed = match action {
            BulkAction::Complete => service::set_status_unpublished(scope, id, TaskStatus::Completed).await,
            BulkAction::Reopen => service::set_status_unpublished(scope, id, TaskStatus::Pending).await,
            BulkAction::Delete => service::delete_unpublished(scope, id, None).await,
            BulkAction::Move => service::update_unpublished(scope, id, patch.clone(), None).await,
        };
        let Changed { task, audience, event_type } = changed.map_err(|error| named(error, id))?;
        if event_type.is_some() {
            audience.into_iter().for_each(|user| seen_by.entry(user).or_default().push(id));
        }
        tasks.push(task);
    }
    publish(scope, action, seen_by);
    Ok(tasks)
}

/// The error with the task that it is about.
fn named(mut error: Error, id: TaskId) -> Error {
    if matches!(error.code, Code::Forbidden | Code::NotFound) {
        error = error.detail(t_with("It is the task {id}. No task was changed.", &[("id", &id)]));
        error.fields.insert("ids".to_owned(), t_with("may not be changed: {id}", &[("id", &id)]));
    }
    error
}

/// One event for everybody who sees the same ones of these tasks.
fn publish(scope: &mut Scope, action: BulkAction, seen_by: BTreeMap<UserId, Vec<TaskId>>) {
    let mut audiences: BTreeMap<Vec<TaskId>, Vec<UserId>> = BTreeMap::new();
    for (user, mut tasks) in seen_by {
        tasks.sort_unstable();
        tasks.dedup();
        audiences.entry(tasks).or_default().push(user);
    }
    for (tasks, users) in audiences {
        scope.emit("tasks_changed", users, json!({ "action": action, "task_ids": tasks }));
    }
}
