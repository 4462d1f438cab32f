//! Shares for the browser: server functions that the lists call and that plain forms post to.

#![allow(missing_docs)] // of what the macro makes around each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    error::Error,
    id::{TaskId, UserId},
    permissions::Permission,
    ui::people::Person,
};

/// With whom a task that one may share is shared, by name; none for who may not.
#[server(prefix = "/api/ui", endpoint = "task_shares", input = GetUrl)]
pub async fn task_shares(task_id: TaskId) -> Result<Option<Vec<Person>>, Error> {
    let (app, user) = crate::auth::caller().await?;
    let found = app.db.scope(&user).read(|scope| Box::pin(super::service::board(scope, task_id))).await;
    crate::error::none_if_gone(found.map(|(_, people)| people))
}

/// Shares a task with somebody who has an account.
#[server(prefix = "/api/ui", endpoint = "share_task")]
pub async fn share_task(task_id: TaskId, email: String, permission: Permission) -> Result<Person, Error> {
    use super::{NewShare, service};
    let (app, user) = crate::auth::caller().await?;
    let new = NewShare { email: Some(email), user_id: None, permission };
    let share = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, task_id, new.clone()))).await?;
    Ok(share.into())
}

/// Changes what a share's receiver may do.
#[server(prefix = "/api/ui", endpoint = "change_share")]
pub async fn change_share(task_id: TaskId, user_id: UserId, permission: Permission) -> Result<Person, Error> {
    use super::{SharePatch, service};
    let (app, user) = crate::auth::caller().await?;
    let patch = SharePatch { permission };
    let share = app.db.scope(&user).write(|scope| Box::pin(service::update(scope, task_id, user_id, patch))).await?;
    Ok(share.into())
}

/// Ends a share.
#[server(prefix = "/api/ui", endpoint = "end_share")]
pub async fn end_share(task_id: TaskId, user_id: UserId) -> Result<(), Error> {
    let (app, user) = crate::auth::caller().await?;
    app.db.scope(&user).write(|scope| Box::pin(super::service::delete(scope, task_id, user_id))).await
}

/// Gives up what was shared with the one who asks.
#[server(prefix = "/api/ui", endpoint = "give_up_share")]
pub async fn give_up_share(task_id: TaskId) -> Result<(), Error> {
    let (app, user) = crate::auth::caller().await?;
    let me = user.id();
    app.db.scope(&user).write(|scope| Box::pin(super::service::delete(scope, task_id, me))).await
}
