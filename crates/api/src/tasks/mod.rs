//! REST handlers of tasks.

pub mod filters;

use axum::{
    extract::State,
    http::{HeaderName, StatusCode, header},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Id, IfMatch, Json, JsonBody, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, CanRead, CanWrite},
    tasks::{bulk, service, trash},
};
use tallyboard_model::{
    error::{ErrorResponses, Result},
    id::{TaskId, TeamId},
    list::double_option,
    tasks::{BulkAnswer, BulkChange, NewTask, Task, TaskFilter, TaskPatch, TaskStatus},
};

/// `/api/tasks…`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_tasks, create_task))
        .routes(routes!(read_task, update_task, replace_task, delete_task))
        .routes(routes!(change_tasks))
        .routes(routes!(complete_task))
        .routes(routes!(reopen_task))
        .routes(routes!(restore_task))
        .routes(routes!(empty_trash))
        .merge(filters::routes())
}

/// A [`TaskPatch`] that needs a title.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskReplacement {
    /// 1-200 characters after trimming.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
    )]
    title: String,
    /// At most 1000 characters.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>, max_length = 1000, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]*$")]
    description: Option<Option<String>>,
    status: Option<TaskStatus>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<TeamId>)]
    team_id: Option<Option<TeamId>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    due_at: Option<Option<DateTime<Utc>>>,
}

/// The task, with its version as an ETag for `If-Match`.
type Versioned = ([(HeaderName, String); 1], Json<Task>);

fn versioned(task: Task) -> Versioned {
    let version = task.updated_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    ([(header::ETAG, format!("\"{version}\""))], Json(task))
}

/// The user's own tasks, a team's tasks, or the tasks shared with the user; newest first, by day or by title.
#[utoipa::path(get, path = "/api/tasks", tag = "Tasks", params(TaskFilter),
    responses((status = 200, body = List<Task>), ErrorResponses))]
async fn list_tasks(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Query(filter): Query<TaskFilter>,
) -> Result<Json<List<Task>>> {
    let zone = user.time_zone();
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, zone, filter.clone()))).await?))
}

/// Creates a task of the user, in a team or not.
#[utoipa::path(post, path = "/api/tasks", tag = "Tasks", request_body = NewTask,
    responses((status = 201, body = Task), ErrorResponses))]
async fn create_task(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    _: NoQuery,
    JsonBody(new): JsonBody<NewTask>,
) -> Result<(StatusCode, Versioned)> {
    let task = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
    Ok((StatusCode::CREATED, versioned(task)))
}

/// Completes, reopens, deletes or moves up to 100 tasks: all of them, or none when one of them may not be changed.
#[utoipa::path(post, path = "/api/tasks/bulk", tag = "Tasks", request_body = BulkChange,
    responses((status = 200, body = BulkAnswer), ErrorResponses))]
async fn change_tasks(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    _: NoQuery,
    JsonBody(change): JsonBody<BulkChange>,
) -> Result<Json<BulkAnswer>> {
    let items = app.db.scope(&user).write(|scope| Box::pin(bulk::change(scope, change.clone()))).await?;
    Ok(Json(BulkAnswer { items }))
}

/// One task.
#[utoipa::path(get, path = "/api/tasks/{id}", tag = "Tasks", params(("id" = TaskId, Path)),
    responses((status = 200, body = Task), ErrorResponses))]
async fn read_task(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Id(id): Id<TaskId>,
    _: NoQuery,
) -> Result<Versioned> {
    app.db.scope(&user).read(|scope| Box::pin(service::get(scope, id))).await.map(versioned)
}

/// Changes the fields in the body; with If-Match only when the task has not changed since.
#[utoipa::path(patch, path = "/api/tasks/{id}", tag = "Tasks", request_body = TaskPatch,
    params(("id" = TaskId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, body = Task), ErrorResponses))]
async fn update_task(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TaskId>,
    IfMatch(seen): IfMatch,
    _: NoQuery,
    JsonBody(patch): JsonBody<TaskPatch>,
) -> Result<Versioned> {
    app.db.scope(&user).write(|scope| Box::pin(service::update(scope, id, patch.clone(), seen))).await.map(versioned)
}

/// The same as PATCH, with a title.
#[utoipa::path(put, path = "/api/tasks/{id}", tag = "Tasks", request_body = TaskReplacement,
    params(("id" = TaskId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, body = Task), ErrorResponses))]
async fn replace_task(
    state: State<AppState>,
    CanWrite(user): CanWrite,
    id: Id<TaskId>,
    if_match: IfMatch,
    query: NoQuery,
    JsonBody(TaskReplacement { title, description, status, team_id, due_at }): JsonBody<TaskReplacement>,
) -> Result<Versioned> {
    let patch = TaskPatch { title: Some(title), description, status, team_id, due_at };
    update_task(state, CanWrite(user), id, if_match, query, JsonBody(patch)).await
}

/// How a task is deleted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Deletion {
    /// For good, whether it is in the trash yet or not.
    permanently: Option<bool>,
}

/// Moves a task to the trash with its shares, or deletes it for good.
#[utoipa::path(delete, path = "/api/tasks/{id}", tag = "Tasks",
    params(Deletion, ("id" = TaskId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 204), ErrorResponses))]
async fn delete_task(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TaskId>,
    IfMatch(seen): IfMatch,
    Query(deletion): Query<Deletion>,
) -> Result<StatusCode> {
    let scopes = app.db.scope(&user);
    if deletion.permanently == Some(true) {
        scopes.write(|scope| Box::pin(service::erase(scope, id, seen))).await?;
    } else {
        scopes.write(|scope| Box::pin(service::delete(scope, id, seen))).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a task out of the trash, with its shares.
#[utoipa::path(post, path = "/api/tasks/{id}/restore", tag = "Tasks", params(("id" = TaskId, Path)),
    responses((status = 200, body = Task), ErrorResponses))]
async fn restore_task(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TaskId>,
    _: NoQuery,
) -> Result<Versioned> {
    app.db.scope(&user).write(|scope| Box::pin(trash::service::restore(scope, id))).await.map(versioned)
}

/// Deletes for good what the user has deleted, and what others deleted of theirs.
#[utoipa::path(delete, path = "/api/trash", tag = "Tasks", responses((status = 204), ErrorResponses))]
async fn empty_trash(State(app): State<AppState>, CanWrite(user): CanWrite, _: NoQuery) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(trash::service::empty(scope))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Completes a task; completing it twice isn't an error.
#[utoipa::path(post, path = "/api/tasks/{id}/complete", tag = "Tasks", params(("id" = TaskId, Path)),
    responses((status = 200, body = Task), ErrorResponses))]
async fn complete_task(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TaskId>,
    _: NoQuery,
) -> Result<Versioned> {
    set_status(&app, &user, id, TaskStatus::Completed).await
}

/// Reopens a task; reopening it twice isn't an error.
#[utoipa::path(post, path = "/api/tasks/{id}/reopen", tag = "Tasks", params(("id" = TaskId, Path)),
    responses((status = 200, body = Task), ErrorResponses))]
async fn reopen_task(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<TaskId>,
    _: NoQuery,
) -> Result<Versioned> {
    set_status(&app, &user, id, TaskStatus::Pending).await
}

async fn set_status(app: &AppState, user: &AuthenticatedUser, id: TaskId, status: TaskStatus) -> Result<Versioned> {
    app.db.scope(user).write(|scope| Box::pin(service::set_status(scope, id, status))).await.map(versioned)
}
