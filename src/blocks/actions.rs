//! Server functions of blocked people; plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::prelude::*;

use tallyboard_core::blocks::service;
use tallyboard_model::{error::Error, id::UserId, paths};

/// Blocks a person; with `leave`, also gives up what they share and leaves the teams they own.
#[server(prefix = "/api/ui", endpoint = "block_person")]
pub async fn block_person(person: UserId, leave: Option<bool>) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    let scopes = app.db.scope(&user);
    let blocked = scopes.write(|scope| {
        Box::pin(async move {
            match leave {
                Some(true) => service::leave_and_block(scope, person).await,
                _ => service::create(scope, person).await,
            }
        })
    });
    blocked.await?;
    leptos_axum::redirect(paths::BLOCKS);
    Ok(())
}

/// Unblocks a person.
#[server(prefix = "/api/ui", endpoint = "unblock_person")]
pub async fn unblock_person(id: UserId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, id))).await?;
    leptos_axum::redirect(paths::BLOCKS);
    Ok(())
}
