//! Tasks for the browser: server functions that the list calls and that plain forms post to.

#![allow(missing_docs)] // of what the macro makes around each function

use leptos::prelude::*;

use super::ListedTask;
use crate::{error::Error, id::TaskId};

/// Makes a task of one's own. `due_on` is a date, `2026-12-31`, or empty.
#[server(prefix = "/api/ui", endpoint = "create_task")]
pub async fn create_task(title: String, due_on: Option<String>) -> Result<ListedTask, Error> {
    use super::{NewTask, row, service};
    let (app, user) = crate::auth::caller().await?;
    let due_at = row::due_at(&user, due_on.as_deref())?;
    let new = NewTask { title, due_at, ..NewTask::default() };
    let task = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
    Ok(row::listed(&user, task))
}

/// Changes a task's words and its date; what is empty is cleared.
#[server(prefix = "/api/ui", endpoint = "update_task")]
pub async fn update_task(
    id: TaskId,
    title: String,
    description: Option<String>,
    due_on: Option<String>,
) -> Result<ListedTask, Error> {
    use super::{TaskPatch, row, service};
    let (app, user) = crate::auth::caller().await?;
    let due_at = row::due_at(&user, due_on.as_deref())?;
    let patch = TaskPatch { title: Some(title), description: Some(description), ..TaskPatch::default() };
    let task = app
        .db
        .scope(&user)
        .write(|scope| {
            let (mut patch, user) = (patch.clone(), user.clone());
            Box::pin(async move {
                // The form knows the day only: while that stays, so does the hour.
                let before = row::listed(&user, service::get(scope, id).await?);
                let after = due_at.map(|due| row::date_of(&user, due));
                patch.due_at = (before.due_on != after).then_some(due_at);
                service::update(scope, id, patch, None).await
            })
        })
        .await?;
    Ok(row::listed(&user, task))
}

/// Completes a task.
#[server(prefix = "/api/ui", endpoint = "complete_task")]
pub async fn complete_task(id: TaskId) -> Result<ListedTask, Error> {
    super::row::set_status(id, super::TaskStatus::Completed).await
}

/// Reopens a task.
#[server(prefix = "/api/ui", endpoint = "reopen_task")]
pub async fn reopen_task(id: TaskId) -> Result<ListedTask, Error> {
    super::row::set_status(id, super::TaskStatus::Pending).await
}

/// Deletes a task for good.
#[server(prefix = "/api/ui", endpoint = "delete_task")]
pub async fn delete_task(id: TaskId) -> Result<(), Error> {
    use super::service;
    let (app, user) = crate::auth::caller().await?;
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, id, None))).await
}
