//! REST handlers of saved filters.

use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Id, Json, JsonBody, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::{CanRead, CanWrite},
    tasks::filters::{NewFilter, SavedFilter, service},
};
use tallyboard_model::{
    error::{ErrorResponses, Result},
    id::FilterId,
    list::ListQuery,
};

/// `/api/tasks/filters…`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_filters, save_filter)).routes(routes!(delete_filter))
}

/// The lists of tasks that the user has saved, newest first.
#[utoipa::path(get, path = "/api/tasks/filters", tag = "Tasks", params(ListQuery),
    responses((status = 200, body = List<SavedFilter>), ErrorResponses))]
async fn list_filters(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<SavedFilter>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, query.clone()))).await?))
}

/// Saves a list of tasks under a name, replacing the one with that name.
#[utoipa::path(post, path = "/api/tasks/filters", tag = "Tasks", request_body = NewFilter,
    responses((status = 201, body = SavedFilter), ErrorResponses))]
async fn save_filter(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    _: NoQuery,
    JsonBody(new): JsonBody<NewFilter>,
) -> Result<(StatusCode, Json<SavedFilter>)> {
    let saved = app.db.scope(&user).write(|scope| Box::pin(service::save(scope, new.clone()))).await?;
    Ok((StatusCode::CREATED, Json(saved)))
}

/// Deletes a saved list; its tasks stay.
#[utoipa::path(delete, path = "/api/tasks/filters/{id}", tag = "Tasks", params(("id" = FilterId, Path)),
    responses((status = 204), ErrorResponses))]
async fn delete_filter(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<FilterId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
