//! REST handlers of invitations from people with whom the user has nothing in common.

use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Id, Json, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::{CanRead, CanWrite},
    received_invitations::{ReceivedInvitation, SharingOutcome, service},
};
use tallyboard_model::{
    error::{ErrorResponses, Result},
    id::ReceivedInvitationId,
    list::ListQuery,
};

/// `/api/invitations/received…`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_received_invitations))
        .routes(routes!(accept_received_invitation))
        .routes(routes!(decline_received_invitation))
}

/// 201 for what is done, 202 for what waits for an answer.
pub fn sharing_status<T>(outcome: &SharingOutcome<T>) -> StatusCode {
    match outcome {
        SharingOutcome::Done(_) => StatusCode::CREATED,
        SharingOutcome::Invited(_) => StatusCode::ACCEPTED,
    }
}

/// The teams and tasks that people with nothing in common with the user offer, newest first.
#[utoipa::path(get, path = "/api/invitations/received", tag = "Teams", params(ListQuery),
    responses((status = 200, body = List<ReceivedInvitation>), ErrorResponses))]
async fn list_received_invitations(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<ReceivedInvitation>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, query.clone()))).await?))
}

/// Joins the team or takes the task. 404 also when the sender may no longer give it.
#[utoipa::path(post, path = "/api/invitations/received/{id}/accept", tag = "Teams",
    params(("id" = ReceivedInvitationId, Path)), responses((status = 200, body = ReceivedInvitation), ErrorResponses))]
async fn accept_received_invitation(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<ReceivedInvitationId>,
    _: NoQuery,
) -> Result<Json<ReceivedInvitation>> {
    Ok(Json(service::accept(&app.db, &user, id).await?))
}

/// Declines. The sender isn't told.
#[utoipa::path(post, path = "/api/invitations/received/{id}/decline", tag = "Teams",
    params(("id" = ReceivedInvitationId, Path)), responses((status = 204), ErrorResponses))]
async fn decline_received_invitation(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<ReceivedInvitationId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::decline(scope, id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
