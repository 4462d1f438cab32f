//! Tasks for the browser: server functions that the list calls and that plain forms post to.

#![allow(missing_docs)] // of what the macro makes around each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use super::ListedTask;
use crate::{error::Error, id::TaskId};

/// The rows that a page of tasks with this query shows; none when one may not see it.
#[server(prefix = "/api/ui", endpoint = "listed_tasks", input = GetUrl)]
pub async fn listed_tasks(query: String) -> Result<Option<Vec<ListedTask>>, Error> {
    use super::{page::filter_of, row};
    let (app, user) = crate::auth::caller().await?;
    let (zone, filter) = (user.time_zone(), filter_of(&query)?);
    let found = app.db.scope(&user).read(|scope| Box::pin(row::page(scope, zone, filter.clone()))).await;
    crate::error::none_if_gone(found.map(|(page, _)| page.items))
}

/// Makes a task of one's own, in a team or not. `due_on` is a date, `2026-12-31`, or empty.
#[server(prefix = "/api/ui", endpoint = "create_task")]
pub async fn create_task(title: String, due_on: Option<String>, team_id: Option<String>) -> Result<ListedTask, Error> {
    use super::{Words, row};
    let (app, user) = crate::auth::caller().await?;
    let zone = user.time_zone();
    let words = Words { title, due_on, team_id, ..Words::default() };
    app.db.scope(&user).write(|scope| Box::pin(row::create(scope, zone, words.clone()))).await
}

/// Changes a task's words, date and team; what is empty is cleared. Without `team_id` the team stays.
#[server(prefix = "/api/ui", endpoint = "update_task")]
pub async fn update_task(
    id: TaskId,
    title: String,
    description: Option<String>,
    due_on: Option<String>,
    team_id: Option<String>,
) -> Result<ListedTask, Error> {
    use super::{Words, row};
    let (app, user) = crate::auth::caller().await?;
    let zone = user.time_zone();
    let words = Words { title, description, due_on, team_id };
    app.db.scope(&user).write(|scope| Box::pin(row::update(scope, zone, id, words.clone()))).await
}

/// Completes a task.
#[server(prefix = "/api/ui", endpoint = "complete_task")]
pub async fn complete_task(id: TaskId) -> Result<ListedTask, Error> {
    use super::{TaskStatus, row};
    let (app, user) = crate::auth::caller().await?;
    let zone = user.time_zone();
    app.db.scope(&user).write(|scope| Box::pin(row::set_status(scope, zone, id, TaskStatus::Completed))).await
}

/// Reopens a task.
#[server(prefix = "/api/ui", endpoint = "reopen_task")]
pub async fn reopen_task(id: TaskId) -> Result<ListedTask, Error> {
    use super::{TaskStatus, row};
    let (app, user) = crate::auth::caller().await?;
    let zone = user.time_zone();
    app.db.scope(&user).write(|scope| Box::pin(row::set_status(scope, zone, id, TaskStatus::Pending))).await
}

/// Deletes a task for good.
#[server(prefix = "/api/ui", endpoint = "delete_task")]
pub async fn delete_task(id: TaskId) -> Result<(), Error> {
    use super::service;
    let (app, user) = crate::auth::caller().await?;
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, id, None))).await
}
