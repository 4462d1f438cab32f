//! Server functions of tasks: the island calls them and plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use tallyboard_model::{
    error::Error,
    id::TaskId,
    tasks::{BulkAction, TaskStatus},
};

/// The rows of a list with this query, as HTML; `None` when the user may not see them. `move_to` as for
/// [`views::TaskRows`](super::views::TaskRows).
#[server(prefix = "/api/ui", endpoint = "task_rows", input = GetUrl)]
pub async fn task_rows(query: String, move_to: Option<String>) -> Result<Option<String>, Error> {
    use super::{
        listed,
        page_query::{days, page_filter},
        views::TaskRows,
    };
    use tallyboard_core::membership::service::my_teams;
    let (app, user) = crate::auth::server_fn_user().await?;
    let (zone, filter) = (user.time_zone(), page_filter(&query)?);
    let move_to = move_to.map(|day| listed::day_to_move_to(&day)).transpose()?;
    let days = days(&filter, zone).filter(|_| move_to.is_none());
    let scopes = app.db.scope(&user);
    let found = scopes.read(|scope| {
        let filter = filter.clone();
        Box::pin(async move {
            let teams = my_teams(scope).await?;
            let found = listed::page(scope, zone, &teams, filter).await?;
            Ok((found.items, teams))
        })
    });
    let found = tallyboard_model::error::none_if_inaccessible(found.await)?;
    Ok(found.map(|(tasks, teams)| {
        TaskRows { tasks, teams, query, move_to, editing: None, errors: Default::default(), days }.html()
    }))
}

/// A task, opened, as HTML; `None` when the user may not see it.
#[server(prefix = "/api/ui", endpoint = "open_task", input = GetUrl)]
pub async fn open_task(id: TaskId) -> Result<Option<String>, Error> {
    use super::{open, views};
    let (app, user) = crate::auth::server_fn_user().await?;
    let zone = user.time_zone();
    let found = app.db.scope(&user).read(|scope| Box::pin(open::read(scope, zone, id))).await;
    let found = tallyboard_model::error::none_if_inaccessible(found)?;
    Ok(found.map(|(task, teams)| views::open_task(&task, &teams, &Default::default()).to_html()))
}

/// How many tasks are overdue or due today, for the header; 100 means 100 or more.
#[server(prefix = "/api/ui", endpoint = "due_count", input = GetUrl)]
pub async fn due_count() -> Result<i64, Error> {
    use tallyboard_core::tasks::service;
    let (app, user) = crate::auth::server_fn_user().await?;
    let zone = user.time_zone();
    app.db.scope(&user).read(|scope| Box::pin(service::count_due(scope, zone))).await
}

/// Creates a task of the user, in a team or not. `due_on` is a date, `2026-12-31`, `today`, `tomorrow`, or empty.
#[server(prefix = "/api/ui", endpoint = "create_task")]
pub async fn create_task(
    title: String,
    description: Option<String>,
    due_on: Option<String>,
    team_id: Option<String>,
) -> Result<(), Error> {
    use super::listed::{self, TaskForm};
    let (app, user) = crate::auth::server_fn_user().await?;
    let zone = user.time_zone();
    let form = TaskForm { title, description, due_on, team_id, only: None };
    app.db.scope(&user).write(|scope| Box::pin(listed::create(scope, zone, form.clone()))).await
}

/// Changes a task's text, date and team; empty fields are cleared. Without `team_id` the task stays in its team. With `only` the name
/// of a field, the others stay as they are.
#[server(prefix = "/api/ui", endpoint = "update_task")]
pub async fn update_task(
    id: TaskId,
    title: String,
    description: Option<String>,
    due_on: Option<String>,
    team_id: Option<String>,
    only: Option<String>,
) -> Result<(), Error> {
    use super::listed::{self, TaskForm};
    let (app, user) = crate::auth::server_fn_user().await?;
    let zone = user.time_zone();
    let form = TaskForm { title, description, due_on, team_id, only };
    app.db.scope(&user).write(|scope| Box::pin(listed::update(scope, zone, id, form.clone()))).await
}

/// Completes or reopens a task, or moves it to another day: a date, `today` or `tomorrow`.
#[server(prefix = "/api/ui", endpoint = "change_task")]
pub async fn change_task(id: TaskId, status: Option<TaskStatus>, due_on: Option<String>) -> Result<(), Error> {
    use super::listed;
    let (app, user) = crate::auth::server_fn_user().await?;
    let zone = user.time_zone();
    app.db.scope(&user).write(|scope| Box::pin(listed::change(scope, zone, id, status, due_on.clone()))).await
}

/// Completes, reopens, deletes or moves many tasks: all or none. `due_on` and `team_id` say where `move` moves them; empty
/// ones leave the day or the team as it is, and `none` takes it away.
#[server(prefix = "/api/ui", endpoint = "change_tasks")]
pub async fn change_tasks(
    ids: Option<Vec<TaskId>>,
    action: BulkAction,
    due_on: Option<String>,
    team_id: Option<String>,
) -> Result<(), Error> {
    use super::listed;
    let (app, user) = crate::auth::server_fn_user().await?;
    let zone = user.time_zone();
    let change = listed::bulk_change(zone, ids.unwrap_or_default(), action, due_on, team_id)?;
    app.db
        .scope(&user)
        .write(|scope| Box::pin(tallyboard_core::tasks::bulk::change(scope, change.clone())))
        .await
        .map(drop)
}

/// Takes tasks out of the trash: all or none.
#[server(prefix = "/api/ui", endpoint = "restore_tasks")]
pub async fn restore_tasks(ids: Option<Vec<TaskId>>) -> Result<(), Error> {
    use tallyboard_core::tasks::trash;
    let (app, user) = crate::auth::server_fn_user().await?;
    let ids = ids.unwrap_or_default();
    let scopes = app.db.scope(&user);
    scopes
        .write(|scope| {
            let ids = ids.clone();
            Box::pin(async move {
                for id in ids {
                    trash::service::restore(scope, id).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Moves a task to the trash.
#[server(prefix = "/api/ui", endpoint = "delete_task")]
pub async fn delete_task(id: TaskId) -> Result<(), Error> {
    use tallyboard_core::tasks::service;
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, id, None))).await
}
