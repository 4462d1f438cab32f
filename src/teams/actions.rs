//! Server functions of teams: the island calls them, and the forms of the list do without script.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use tallyboard_model::{
    error::Error,
    id::{TeamId, UserId},
    permissions::Role,
};

/// The rows of a team's members, strongest role first, as HTML; `None` for users who are not members.
#[server(prefix = "/api/ui", endpoint = "team_members", input = GetUrl)]
pub async fn team_members(team_id: TeamId) -> Result<Option<String>, Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    let found =
        app.db.scope(&user).read(|scope| Box::pin(tallyboard_core::teams::service::all_members(scope, team_id))).await;
    let found = found.map(|(_, members)| super::views::members(team_id, members).rows_html());
    tallyboard_model::error::none_if_inaccessible(found)
}

/// Adds somebody who has an account.
#[server(prefix = "/api/ui", endpoint = "add_member")]
pub async fn add_member(team_id: TeamId, email: String, role: Role) -> Result<(), Error> {
    use tallyboard_core::received_invitations::service;
    use tallyboard_model::teams::NewMember;
    let (app, user) = crate::auth::server_fn_user().await?;
    let new = NewMember { email: Some(email), user_id: None, role };
    let acceptance = app.config.sharing.acceptance;
    let scopes = app.db.scope(&user);
    let added = scopes.write(|scope| Box::pin(service::add_member(scope, acceptance, team_id, new.clone())));
    app.limits.reaching(user.id(), tallyboard_core::ops::limits::ContactKind::Member, added).await?.done().map(drop)
}

/// Changes the role of a member.
#[server(prefix = "/api/ui", endpoint = "change_member")]
pub async fn change_member(team_id: TeamId, user_id: UserId, role: Role) -> Result<(), Error> {
    use tallyboard_core::teams::service;
    use tallyboard_model::teams::MemberPatch;
    let (app, user) = crate::auth::server_fn_user().await?;
    let patch = MemberPatch { role };
    app.db.scope(&user).write(|scope| Box::pin(service::change_member(scope, team_id, user_id, patch))).await.map(drop)
}

/// Removes a member.
#[server(prefix = "/api/ui", endpoint = "remove_member")]
pub async fn remove_member(team_id: TeamId, user_id: UserId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db
        .scope(&user)
        .write(|scope| Box::pin(tallyboard_core::teams::service::remove_member(scope, team_id, user_id)))
        .await
}
