//! Tasks over REST.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    routing::{get, post},
};
use chrono::SecondsFormat;

use super::{NewTask, Task, TaskFilter, TaskPatch, TaskStatus, service};
use crate::{
    app::App,
    auth::AuthenticatedUser,
    error::{Error, Result},
    http::{Id, IfMatch, JsonBody, List, NoQuery, Query},
    id::TaskId,
};

/// `/api/tasks…`
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(list).post(create))
        .route("/{id}", get(read).patch(update).put(replace).delete(remove))
        .route("/{id}/complete", post(complete))
        .route("/{id}/reopen", post(reopen))
}

/// The task with its version as an ETag, to be given back in If-Match.
type Versioned = ([(HeaderName, String); 1], Json<Task>);

fn versioned(task: Task) -> Versioned {
    let version = task.updated_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    ([(header::ETAG, format!("\"{version}\""))], Json(task))
}

async fn list(
    State(app): State<App>,
    user: AuthenticatedUser,
    Query(filter): Query<TaskFilter>,
) -> Result<Json<List<Task>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, filter.clone()))).await?))
}

async fn create(
    State(app): State<App>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(new): JsonBody<NewTask>,
) -> Result<(StatusCode, Versioned)> {
    let task = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
    Ok((StatusCode::CREATED, versioned(task)))
}

async fn read(State(app): State<App>, user: AuthenticatedUser, Id(id): Id<TaskId>, _: NoQuery) -> Result<Versioned> {
    app.db.scope(&user).read(|scope| Box::pin(service::get(scope, id))).await.map(versioned)
}

async fn update(
    State(app): State<App>,
    user: AuthenticatedUser,
    Id(id): Id<TaskId>,
    IfMatch(seen): IfMatch,
    _: NoQuery,
    JsonBody(patch): JsonBody<TaskPatch>,
) -> Result<Versioned> {
    app.db.scope(&user).write(|scope| Box::pin(service::update(scope, id, patch.clone(), seen))).await.map(versioned)
}

async fn replace(
    state: State<App>,
    user: AuthenticatedUser,
    id: Id<TaskId>,
    if_match: IfMatch,
    query: NoQuery,
    JsonBody(patch): JsonBody<TaskPatch>,
) -> Result<Versioned> {
    if patch.title.is_none() {
        return Err(Error::invalid("title", "is missing"));
    }
    update(state, user, id, if_match, query, JsonBody(patch)).await
}

async fn remove(
    State(app): State<App>,
    user: AuthenticatedUser,
    Id(id): Id<TaskId>,
    IfMatch(seen): IfMatch,
    _: NoQuery,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, id, seen))).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn complete(
    State(app): State<App>,
    user: AuthenticatedUser,
    Id(id): Id<TaskId>,
    _: NoQuery,
) -> Result<Versioned> {
    set_status(&app, &user, id, TaskStatus::Completed).await
}

async fn reopen(State(app): State<App>, user: AuthenticatedUser, Id(id): Id<TaskId>, _: NoQuery) -> Result<Versioned> {
    set_status(&app, &user, id, TaskStatus::Pending).await
}

async fn set_status(app: &App, user: &AuthenticatedUser, id: TaskId, status: TaskStatus) -> Result<Versioned> {
    app.db.scope(user).write(|scope| Box::pin(service::set_status(scope, id, status))).await.map(versioned)
}
