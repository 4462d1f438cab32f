//! REST handlers of shares.

use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::received_invitations::sharing_status;
use tallyboard_base::http::{Id, Ids, Json, JsonBody, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::{CanRead, CanWrite},
    ops::limits::ContactKind,
    received_invitations::{self, SentInvitation, SharingOutcome},
    shares::service,
};
use tallyboard_model::{
    error::{ErrorResponses, Result},
    id::{TaskId, UserId},
    list::ListQuery,
    shares::{NewShare, Share, SharePatch},
};

/// `/api/tasks/{id}/shares…`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_shares, create_share)).routes(routes!(update_share, delete_share))
}

/// The shares of a task, newest first. Users who may not share it see only their own share.
#[utoipa::path(get, path = "/api/tasks/{id}/shares", tag = "Shares", params(("id" = TaskId, Path), ListQuery),
    responses((status = 200, body = List<Share>), ErrorResponses))]
async fn list_shares(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Id(task): Id<TaskId>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Share>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, task, query.clone()))).await?))
}

/// Shares a task with somebody who has an account. Answers 202 where the server asks strangers first.
#[utoipa::path(post, path = "/api/tasks/{id}/shares", tag = "Shares", params(("id" = TaskId, Path)),
    request_body = NewShare,
    responses((status = 201, body = Share), (status = 202, body = SentInvitation), ErrorResponses))]
async fn create_share(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(task): Id<TaskId>,
    _: NoQuery,
    JsonBody(new): JsonBody<NewShare>,
) -> Result<(StatusCode, Json<SharingOutcome<Share>>)> {
    let acceptance = app.config.sharing.acceptance;
    let scopes = app.db.scope(&user);
    let created =
        scopes.write(|scope| Box::pin(received_invitations::service::share(scope, acceptance, task, new.clone())));
    let outcome = app.limits.reaching(user.id(), ContactKind::Share, created).await?;
    Ok((sharing_status(&outcome), Json(outcome)))
}

/// Changes the permission of a share.
#[utoipa::path(patch, path = "/api/tasks/{id}/shares/{user_id}", tag = "Shares",
    params(("id" = TaskId, Path), ("user_id" = UserId, Path)), request_body = SharePatch,
    responses((status = 200, body = Share), ErrorResponses))]
async fn update_share(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Ids(task, receiver): Ids<TaskId, UserId>,
    _: NoQuery,
    JsonBody(patch): JsonBody<SharePatch>,
) -> Result<Json<Share>> {
    Ok(Json(app.db.scope(&user).write(|scope| Box::pin(service::update(scope, task, receiver, patch))).await?))
}

/// Ends a share; the recipient may do so, too.
#[utoipa::path(delete, path = "/api/tasks/{id}/shares/{user_id}", tag = "Shares",
    params(("id" = TaskId, Path), ("user_id" = UserId, Path)), responses((status = 204), ErrorResponses))]
async fn delete_share(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Ids(task, receiver): Ids<TaskId, UserId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, task, receiver))).await?;
    Ok(StatusCode::NO_CONTENT)
}
