//! Server functions of invitations; plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::prelude::*;

use tallyboard_model::{
    error::Error,
    id::{InvitationId, TeamId},
};

/// Joins the team of an invitation, and redirects to its page.
#[server(prefix = "/api/ui", endpoint = "accept_invitation")]
pub async fn accept_invitation(invitation: String) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    let team = tallyboard_core::invitations::service::accept(&app.db, &user, &invitation).await?;
    leptos_axum::redirect(&tallyboard_model::paths::team(team));
    Ok(())
}

/// Revokes an invitation.
#[server(prefix = "/api/ui", endpoint = "revoke_invitation")]
pub async fn revoke_invitation(team: TeamId, id: InvitationId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(tallyboard_core::invitations::service::revoke(scope, team, id))).await?;
    leptos_axum::redirect(&tallyboard_model::paths::team(team));
    Ok(())
}
