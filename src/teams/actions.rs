//! Server functions of teams: the islands call them and plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    error::Error,
    id::{TeamId, UserId},
    people::ListedPerson,
    permissions::Role,
};

/// Creates a team and redirects to its page.
#[server(prefix = "/api/ui", endpoint = "create_team")]
pub async fn create_team(name: String) -> Result<(), Error> {
    use super::{NewTeam, service};
    let (app, user) = crate::auth::server_fn_user().await?;
    let new = NewTeam { name };
    let team = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
    leptos_axum::redirect(&crate::paths::team(team.id));
    Ok(())
}

/// Renames a team.
#[server(prefix = "/api/ui", endpoint = "rename_team")]
pub async fn rename_team(id: TeamId, name: String) -> Result<(), Error> {
    use super::{TeamPatch, service};
    let (app, user) = crate::auth::server_fn_user().await?;
    let patch = TeamPatch { name: Some(name) };
    app.db.scope(&user).write(|scope| Box::pin(service::update(scope, id, patch.clone()))).await?;
    leptos_axum::redirect(&crate::paths::team(id));
    Ok(())
}

/// Deletes a team.
#[server(prefix = "/api/ui", endpoint = "delete_team")]
pub async fn delete_team(id: TeamId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(super::service::delete(scope, id))).await?;
    leptos_axum::redirect(crate::paths::TEAMS);
    Ok(())
}

/// Leaves a team.
#[server(prefix = "/api/ui", endpoint = "leave_team")]
pub async fn leave_team(id: TeamId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(super::service::leave(scope, id))).await?;
    leptos_axum::redirect(crate::paths::TEAMS);
    Ok(())
}

/// Makes another member the owner.
#[server(prefix = "/api/ui", endpoint = "transfer_team")]
pub async fn transfer_team(id: TeamId, user_id: UserId) -> Result<(), Error> {
    use super::{Transfer, service};
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(service::transfer(scope, id, Transfer { user_id }))).await?;
    leptos_axum::redirect(&crate::paths::team(id));
    Ok(())
}

/// The members of a team, strongest role first; `None` for users who are not members.
#[server(prefix = "/api/ui", endpoint = "team_members", input = GetUrl)]
pub async fn team_members(id: TeamId) -> Result<Option<Vec<ListedPerson>>, Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    let found = app.db.scope(&user).read(|scope| Box::pin(super::service::all_members(scope, id))).await;
    crate::error::none_if_inaccessible(found.map(|(_, members)| members))
}

/// Adds somebody who has an account.
#[server(prefix = "/api/ui", endpoint = "add_member")]
pub async fn add_member(team_id: TeamId, email: String, role: Role) -> Result<ListedPerson, Error> {
    use super::{NewMember, service};
    let (app, user) = crate::auth::server_fn_user().await?;
    let new = NewMember { email: Some(email), user_id: None, role };
    app.db.scope(&user).write(|scope| Box::pin(service::add_listed(scope, team_id, new.clone()))).await
}

/// Changes the role of a member.
#[server(prefix = "/api/ui", endpoint = "change_member")]
pub async fn change_member(team_id: TeamId, user_id: UserId, role: Role) -> Result<ListedPerson, Error> {
    use super::{MemberPatch, service};
    let (app, user) = crate::auth::server_fn_user().await?;
    let patch = MemberPatch { role };
    app.db.scope(&user).write(|scope| Box::pin(service::change_listed(scope, team_id, user_id, patch))).await
}

/// Removes a member.
#[server(prefix = "/api/ui", endpoint = "remove_member")]
pub async fn remove_member(team_id: TeamId, user_id: UserId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(super::service::remove_member(scope, team_id, user_id))).await
}
