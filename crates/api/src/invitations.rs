//! REST handlers of invitations.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Id, Ids, Json, JsonBody, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, CanRead, CanWrite, public_url},
    invitations::{
        CreatedInvitation, Invitation, InvitationPreview, InvitationToken, InvitationUse, NewInvitation, service,
    },
    teams,
};
use tallyboard_model::{
    error::{Error, ErrorResponses, Result},
    id::{InvitationId, TeamId},
    list::ListQuery,
    paths,
    teams::Team,
};

/// `/api/teams/{id}/invitations…` and `/api/invitations…`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_invitations, create_invitation))
        .routes(routes!(revoke_invitation))
        .routes(routes!(list_invitation_uses))
        .routes(routes!(read_invitation))
        .routes(routes!(accept_invitation))
}

/// The invitations of a team that were not revoked, newest first; those that have expired are among them.
#[utoipa::path(get, path = "/api/teams/{id}/invitations", tag = "Teams", params(("id" = TeamId, Path), ListQuery),
    responses((status = 200, body = List<Invitation>), ErrorResponses))]
async fn list_invitations(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Id(id): Id<TeamId>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Invitation>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, id, query.clone()))).await?))
}

/// Creates a link by which people join a team, or mails it to somebody.
#[utoipa::path(post, path = "/api/teams/{id}/invitations", tag = "Teams", params(("id" = TeamId, Path)),
    request_body = NewInvitation, responses((status = 201, body = CreatedInvitation), ErrorResponses))]
async fn create_invitation(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TeamId>,
    headers: HeaderMap,
    _: NoQuery,
    JsonBody(new): JsonBody<NewInvitation>,
) -> Result<(StatusCode, Json<CreatedInvitation>)> {
    Ok((StatusCode::CREATED, Json(create(&app, &user, &headers, id, new).await?)))
}

/// Creates an invitation, with the link by which this server is reached, or mails it.
pub async fn create(
    app: &AppState,
    user: &AuthenticatedUser,
    headers: &HeaderMap,
    team: TeamId,
    new: NewInvitation,
) -> Result<CreatedInvitation> {
    let is_mailed = new.email.is_some();
    if let Some(email) = &new.email {
        app.check_sends_mail("email")?;
        if !app.auth.me(user).await?.email_verified {
            return Err(Error::forbidden("Confirm your own email address before you have mails sent to others")
                .detail("Follow the link in the mail you got, or share an invitation's link yourself"));
        }
        app.limits.count_mail(user.id(), email)?;
    }
    let scopes = app.db.scope(user);
    let (details, token) = scopes.write(|scope| Box::pin(service::create(scope, team, new.clone()))).await?;
    if is_mailed {
        app.wake_mailer();
    }
    let url = token.as_ref().map(|token| format!("{}{}", public_url(app, headers), paths::invite(token)));
    Ok(CreatedInvitation { details, token, url })
}

/// Revokes an invitation: nobody joins by it any more. Who has joined stays.
#[utoipa::path(delete, path = "/api/teams/{id}/invitations/{invitation_id}", tag = "Teams",
    params(("id" = TeamId, Path), ("invitation_id" = InvitationId, Path)),
    responses((status = 204), ErrorResponses))]
async fn revoke_invitation(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Ids(id, invitation): Ids<TeamId, InvitationId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::revoke(scope, id, invitation))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The people who joined by an invitation, latest first.
#[utoipa::path(get, path = "/api/teams/{id}/invitations/{invitation_id}/uses", tag = "Teams",
    params(("id" = TeamId, Path), ("invitation_id" = InvitationId, Path), ListQuery),
    responses((status = 200, body = List<InvitationUse>), ErrorResponses))]
async fn list_invitation_uses(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Ids(id, invitation): Ids<TeamId, InvitationId>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<InvitationUse>>> {
    let read = app.db.scope(&user);
    Ok(Json(read.read(|scope| Box::pin(service::uses(scope, id, invitation, query.clone()))).await?))
}

/// The name of an invitation's team, and nothing else.
#[utoipa::path(get, path = "/api/invitations", tag = "Teams", params(InvitationToken), security(()),
    responses((status = 200, body = InvitationPreview), ErrorResponses))]
async fn read_invitation(
    State(app): State<AppState>,
    Query(InvitationToken { token }): Query<InvitationToken>,
) -> Result<Json<InvitationPreview>> {
    Ok(Json(InvitationPreview { team_name: service::team_name(&app.db, &token).await? }))
}

/// Joins the team of an invitation; the same answer for somebody who is in it already.
#[utoipa::path(post, path = "/api/invitations/accept", tag = "Teams", request_body = InvitationToken,
    responses((status = 200, body = Team), ErrorResponses))]
async fn accept_invitation(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    _: NoQuery,
    JsonBody(InvitationToken { token }): JsonBody<InvitationToken>,
) -> Result<Json<Team>> {
    let team = service::accept(&app.db, &user, &token).await?;
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(teams::service::get(scope, team))).await?))
}
