//! Shares over REST.

use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{NewShare, Share, SharePatch, service};
use crate::{
    app::App,
    auth::AuthenticatedUser,
    error::Result,
    http::{Id, Ids, JsonBody, List, NoQuery, Query},
    id::{TaskId, UserId},
    list::ListQuery,
    openapi::Refused,
};

/// `/api/tasks/{id}/shares…`
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_shares, create_share)).routes(routes!(update_share, delete_share))
}

/// With whom a task is shared, newest first; who may not share it sees only their own share.
#[utoipa::path(get, path = "/api/tasks/{id}/shares", tag = "Shares", params(("id" = TaskId, Path), ListQuery),
    responses((status = 200, body = List<Share>), Refused))]
async fn list_shares(
    State(app): State<App>,
    user: AuthenticatedUser,
    Id(task): Id<TaskId>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Share>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, task, query.clone()))).await?))
}

/// Shares a task with somebody who has an account.
#[utoipa::path(post, path = "/api/tasks/{id}/shares", tag = "Shares", params(("id" = TaskId, Path)),
    request_body = NewShare, responses((status = 201, body = Share), Refused))]
async fn create_share(
    State(app): State<App>,
    user: AuthenticatedUser,
    Id(task): Id<TaskId>,
    _: NoQuery,
    JsonBody(new): JsonBody<NewShare>,
) -> Result<(StatusCode, Json<Share>)> {
    let share = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, task, new.clone()))).await?;
    Ok((StatusCode::CREATED, Json(share)))
}

/// Changes what a share's receiver may do.
#[utoipa::path(patch, path = "/api/tasks/{id}/shares/{user_id}", tag = "Shares",
    params(("id" = TaskId, Path), ("user_id" = UserId, Path)), request_body = SharePatch,
    responses((status = 200, body = Share), Refused))]
async fn update_share(
    State(app): State<App>,
    user: AuthenticatedUser,
    Ids(task, receiver): Ids<TaskId, UserId>,
    _: NoQuery,
    JsonBody(patch): JsonBody<SharePatch>,
) -> Result<Json<Share>> {
    Ok(Json(app.db.scope(&user).write(|scope| Box::pin(service::update(scope, task, receiver, patch))).await?))
}

/// Ends a share; its receiver may give it up themselves.
#[utoipa::path(delete, path = "/api/tasks/{id}/shares/{user_id}", tag = "Shares",
    params(("id" = TaskId, Path), ("user_id" = UserId, Path)), responses((status = 204), Refused))]
async fn delete_share(
    State(app): State<App>,
    user: AuthenticatedUser,
    Ids(task, receiver): Ids<TaskId, UserId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, task, receiver))).await?;
    Ok(StatusCode::NO_CONTENT)
}
