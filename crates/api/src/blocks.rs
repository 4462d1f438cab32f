//! REST handlers of blocked people.

use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Json, JsonBody, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::AuthenticatedUser,
    blocks::{Block, BlockRequest, service},
};
use tallyboard_model::{
    error::{ErrorResponses, Result},
    list::ListQuery,
};

/// `/api/auth/blocks`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_blocks, block_person, unblock_person))
}

/// The people the user has blocked, latest first.
#[utoipa::path(get, path = "/api/auth/blocks", tag = "Accounts", params(ListQuery),
    responses((status = 200, body = List<Block>), ErrorResponses))]
async fn list_blocks(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Block>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, query.clone()))).await?))
}

/// Blocks a person: adding the user to a team and sharing with them answers that person as if nobody had the user's address.
/// Existing shares and common teams stay.
#[utoipa::path(post, path = "/api/auth/blocks", tag = "Accounts", request_body = BlockRequest,
    responses((status = 201, body = Block), ErrorResponses))]
async fn block_person(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(BlockRequest { user_id }): JsonBody<BlockRequest>,
) -> Result<(StatusCode, Json<Block>)> {
    let block = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, user_id))).await?;
    Ok((StatusCode::CREATED, Json(block)))
}

/// Unblocks a person.
#[utoipa::path(delete, path = "/api/auth/blocks", tag = "Accounts", request_body = BlockRequest,
    responses((status = 204), ErrorResponses))]
async fn unblock_person(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(BlockRequest { user_id }): JsonBody<BlockRequest>,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, user_id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
