//! REST handlers of teams and their members.

use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::received_invitations::sharing_status;
use tallyboard_base::http::{Id, Ids, Json, JsonBody, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::{CanRead, CanWrite},
    ops::limits::ContactKind,
    received_invitations::{self, SentInvitation, SharingOutcome},
    teams::service,
};
use tallyboard_model::{
    error::{ErrorResponses, Result},
    id::{TeamId, UserId},
    list::ListQuery,
    teams::{Member, MemberPatch, NewMember, NewTeam, Team, TeamPatch, Transfer},
};

/// `/api/teams…`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_teams, create_team))
        .routes(routes!(read_team, update_team, delete_team))
        .routes(routes!(list_members, add_member))
        .routes(routes!(change_member, remove_member))
        .routes(routes!(leave_team))
        .routes(routes!(transfer_team))
}

/// The teams of the user, newest first.
#[utoipa::path(get, path = "/api/teams", tag = "Teams", params(ListQuery),
    responses((status = 200, body = List<Team>), ErrorResponses))]
async fn list_teams(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Team>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, query.clone()))).await?))
}

/// Creates a team; the user is its owner.
#[utoipa::path(post, path = "/api/teams", tag = "Teams", request_body = NewTeam,
    responses((status = 201, body = Team), ErrorResponses))]
async fn create_team(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    _: NoQuery,
    JsonBody(new): JsonBody<NewTeam>,
) -> Result<(StatusCode, Json<Team>)> {
    let team = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
    Ok((StatusCode::CREATED, Json(team)))
}

/// One team.
#[utoipa::path(get, path = "/api/teams/{id}", tag = "Teams", params(("id" = TeamId, Path)),
    responses((status = 200, body = Team), ErrorResponses))]
async fn read_team(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Id(id): Id<TeamId>,
    _: NoQuery,
) -> Result<Json<Team>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::get(scope, id))).await?))
}

/// Renames a team.
#[utoipa::path(patch, path = "/api/teams/{id}", tag = "Teams", params(("id" = TeamId, Path)), request_body = TeamPatch,
    responses((status = 200, body = Team), ErrorResponses))]
async fn update_team(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TeamId>,
    _: NoQuery,
    JsonBody(patch): JsonBody<TeamPatch>,
) -> Result<Json<Team>> {
    Ok(Json(app.db.scope(&user).write(|scope| Box::pin(service::update(scope, id, patch.clone()))).await?))
}

/// Deletes a team. Its tasks stay with their owners as personal tasks.
#[utoipa::path(delete, path = "/api/teams/{id}", tag = "Teams", params(("id" = TeamId, Path)),
    responses((status = 204), ErrorResponses))]
async fn delete_team(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TeamId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The members of a team, newest first.
#[utoipa::path(get, path = "/api/teams/{id}/members", tag = "Teams", params(("id" = TeamId, Path), ListQuery),
    responses((status = 200, body = List<Member>), ErrorResponses))]
async fn list_members(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Id(id): Id<TeamId>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Member>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::members(scope, id, query.clone()))).await?))
}

/// Adds somebody who has an account. Answers 202 where the server asks strangers first.
#[utoipa::path(post, path = "/api/teams/{id}/members", tag = "Teams", params(("id" = TeamId, Path)),
    request_body = NewMember,
    responses((status = 201, body = Member), (status = 202, body = SentInvitation), ErrorResponses))]
async fn add_member(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TeamId>,
    _: NoQuery,
    JsonBody(new): JsonBody<NewMember>,
) -> Result<(StatusCode, Json<SharingOutcome<Member>>)> {
    let acceptance = app.config.sharing.acceptance;
    let scopes = app.db.scope(&user);
    let added =
        scopes.write(|scope| Box::pin(received_invitations::service::add_member(scope, acceptance, id, new.clone())));
    let outcome = app.limits.reaching(user.id(), ContactKind::Member, added).await?;
    Ok((sharing_status(&outcome), Json(outcome)))
}

/// Changes the role of a member.
#[utoipa::path(patch, path = "/api/teams/{id}/members/{user_id}", tag = "Teams",
    params(("id" = TeamId, Path), ("user_id" = UserId, Path)), request_body = MemberPatch,
    responses((status = 200, body = Member), ErrorResponses))]
async fn change_member(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Ids(id, member): Ids<TeamId, UserId>,
    _: NoQuery,
    JsonBody(patch): JsonBody<MemberPatch>,
) -> Result<Json<Member>> {
    Ok(Json(app.db.scope(&user).write(|scope| Box::pin(service::change_member(scope, id, member, patch))).await?))
}

/// Removes a member; removing oneself is leaving. Their tasks in the team pass to its owner.
#[utoipa::path(delete, path = "/api/teams/{id}/members/{user_id}", tag = "Teams",
    params(("id" = TeamId, Path), ("user_id" = UserId, Path)), responses((status = 204), ErrorResponses))]
async fn remove_member(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Ids(id, member): Ids<TeamId, UserId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::remove_member(scope, id, member))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves a team. The user's tasks in the team pass to its owner.
#[utoipa::path(post, path = "/api/teams/{id}/leave", tag = "Teams", params(("id" = TeamId, Path)),
    responses((status = 204), ErrorResponses))]
async fn leave_team(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TeamId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::leave(scope, id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes another member the owner; the old owner stays as an admin.
#[utoipa::path(post, path = "/api/teams/{id}/transfer", tag = "Teams", params(("id" = TeamId, Path)),
    request_body = Transfer, responses((status = 200, body = Team), ErrorResponses))]
async fn transfer_team(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TeamId>,
    _: NoQuery,
    JsonBody(to): JsonBody<Transfer>,
) -> Result<Json<Team>> {
    Ok(Json(app.db.scope(&user).write(|scope| Box::pin(service::transfer(scope, id, to))).await?))
}
