//! Server functions of shares: the islands call them and plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use tallyboard_model::{
    error::Error,
    id::{TaskId, UserId},
    permissions::Permission,
};

/// The rows of the people with whom a task is shared, as HTML; `None` for users who may not share it.
#[server(prefix = "/api/ui", endpoint = "task_shares", input = GetUrl)]
pub async fn task_shares(task_id: TaskId) -> Result<Option<String>, Error> {
    Ok(super::views::readable_recipients(task_id).await?.map(|people| people.rows_html()))
}

/// The whole list of these people, with the form to add one: for a dialog.
#[server(prefix = "/api/ui", endpoint = "share_dialog", input = GetUrl)]
pub async fn share_dialog(task_id: TaskId) -> Result<Option<String>, Error> {
    let permissions = Permission::ALL.map(Permission::as_str);
    let people = super::views::readable_recipients(task_id).await?;
    Ok(people.map(|people| people.view(&permissions, String::new()).to_html()))
}

/// Shares a task with somebody who has an account.
#[server(prefix = "/api/ui", endpoint = "share_task")]
pub async fn share_task(task_id: TaskId, email: String, permission: Permission) -> Result<(), Error> {
    use tallyboard_core::received_invitations::service;
    use tallyboard_model::shares::NewShare;
    let (app, user) = crate::auth::server_fn_user().await?;
    let new = NewShare { email: Some(email), user_id: None, permission };
    let acceptance = app.config.sharing.acceptance;
    let scopes = app.db.scope(&user);
    let created = scopes.write(|scope| Box::pin(service::share(scope, acceptance, task_id, new.clone())));
    app.limits.reaching(user.id(), tallyboard_core::ops::limits::ContactKind::Share, created).await?.done().map(drop)
}

/// Changes the permission of a share.
#[server(prefix = "/api/ui", endpoint = "change_share")]
pub async fn change_share(task_id: TaskId, user_id: UserId, permission: Permission) -> Result<(), Error> {
    use tallyboard_core::shares::service;
    use tallyboard_model::shares::SharePatch;
    let (app, user) = crate::auth::server_fn_user().await?;
    let patch = SharePatch { permission };
    app.db.scope(&user).write(|scope| Box::pin(service::update(scope, task_id, user_id, patch))).await.map(drop)
}

/// Ends a share.
#[server(prefix = "/api/ui", endpoint = "end_share")]
pub async fn end_share(task_id: TaskId, user_id: UserId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(tallyboard_core::shares::service::delete(scope, task_id, user_id))).await
}

/// Ends the share of a task with the user.
#[server(prefix = "/api/ui", endpoint = "give_up_share")]
pub async fn give_up_share(task_id: TaskId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    let me = user.id();
    app.db.scope(&user).write(|scope| Box::pin(tallyboard_core::shares::service::delete(scope, task_id, me))).await
}
