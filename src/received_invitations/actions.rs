//! Server functions of invitations from strangers; plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::prelude::*;

use tallyboard_core::received_invitations::service;
use tallyboard_model::{error::Error, id::ReceivedInvitationId, paths};

/// Joins the team or takes the task, and goes there.
#[server(prefix = "/api/ui", endpoint = "accept_received_invitation")]
pub async fn accept_received_invitation(id: ReceivedInvitationId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    let accepted = service::accept(&app.db, &user, id).await?;
    let path = accepted.team_id.map_or_else(|| paths::SHARED_TASKS.to_owned(), paths::team);
    leptos_axum::redirect(&path);
    Ok(())
}

/// Declines an invitation.
#[server(prefix = "/api/ui", endpoint = "decline_received_invitation")]
pub async fn decline_received_invitation(id: ReceivedInvitationId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(service::decline(scope, id))).await?;
    leptos_axum::redirect(paths::RECEIVED_INVITATIONS);
    Ok(())
}
