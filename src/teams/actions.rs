//! Teams for the browser: server functions that the pages call and that plain forms post to.

#![allow(missing_docs)] // of what the macro makes around each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    error::Error,
    id::{TeamId, UserId},
    permissions::Role,
    ui::people::Person,
};

/// Makes a team and goes to its page.
#[server(prefix = "/api/ui", endpoint = "create_team")]
pub async fn create_team(name: String) -> Result<(), Error> {
    use super::{NewTeam, service};
    let (app, user) = crate::auth::caller().await?;
    let new = NewTeam { name };
    let team = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
    leptos_axum::redirect(&crate::paths::team(team.id));
    Ok(())
}

/// Gives a team another name.
#[server(prefix = "/api/ui", endpoint = "rename_team")]
pub async fn rename_team(id: TeamId, name: String) -> Result<(), Error> {
    use super::{TeamPatch, service};
    let (app, user) = crate::auth::caller().await?;
    let patch = TeamPatch { name: Some(name) };
    app.db.scope(&user).write(|scope| Box::pin(service::update(scope, id, patch.clone()))).await?;
    leptos_axum::redirect(&crate::paths::team(id));
    Ok(())
}

/// Deletes a team.
#[server(prefix = "/api/ui", endpoint = "delete_team")]
pub async fn delete_team(id: TeamId) -> Result<(), Error> {
    let (app, user) = crate::auth::caller().await?;
    app.db.scope(&user).write(|scope| Box::pin(super::service::delete(scope, id))).await?;
    leptos_axum::redirect(crate::paths::TEAMS);
    Ok(())
}

/// Leaves a team.
#[server(prefix = "/api/ui", endpoint = "leave_team")]
pub async fn leave_team(id: TeamId) -> Result<(), Error> {
    let (app, user) = crate::auth::caller().await?;
    app.db.scope(&user).write(|scope| Box::pin(super::service::leave(scope, id))).await?;
    leptos_axum::redirect(crate::paths::TEAMS);
    Ok(())
}

/// Passes a team on to one of its members.
#[server(prefix = "/api/ui", endpoint = "transfer_team")]
pub async fn transfer_team(id: TeamId, user_id: UserId) -> Result<(), Error> {
    use super::{Transfer, service};
    let (app, user) = crate::auth::caller().await?;
    app.db.scope(&user).write(|scope| Box::pin(service::transfer(scope, id, Transfer { user_id }))).await?;
    leptos_axum::redirect(&crate::paths::team(id));
    Ok(())
}

/// Who is in a team, strongest role first; none for who is not in it.
#[server(prefix = "/api/ui", endpoint = "team_members", input = GetUrl)]
pub async fn team_members(id: TeamId) -> Result<Option<Vec<Person>>, Error> {
    let (app, user) = crate::auth::caller().await?;
    let found = app.db.scope(&user).read(|scope| Box::pin(super::service::all_members(scope, id))).await;
    crate::error::none_if_gone(found.map(|(_, members)| members))
}

/// Puts somebody with an account into a team.
#[server(prefix = "/api/ui", endpoint = "add_member")]
pub async fn add_member(team_id: TeamId, email: String, role: Role) -> Result<Person, Error> {
    use super::{NewMember, service};
    let (app, user) = crate::auth::caller().await?;
    let new = NewMember { email: Some(email), user_id: None, role };
    app.db.scope(&user).write(|scope| Box::pin(service::add_listed(scope, team_id, new.clone()))).await
}

/// Gives a member another role.
#[server(prefix = "/api/ui", endpoint = "change_member")]
pub async fn change_member(team_id: TeamId, user_id: UserId, role: Role) -> Result<Person, Error> {
    use super::{MemberPatch, service};
    let (app, user) = crate::auth::caller().await?;
    let patch = MemberPatch { role };
    app.db.scope(&user).write(|scope| Box::pin(service::change_listed(scope, team_id, user_id, patch))).await
}

/// Puts a member out.
#[server(prefix = "/api/ui", endpoint = "remove_member")]
pub async fn remove_member(team_id: TeamId, user_id: UserId) -> Result<(), Error> {
    let (app, user) = crate::auth::caller().await?;
    app.db.scope(&user).write(|scope| Box::pin(super::service::remove_member(scope, team_id, user_id))).await
}
