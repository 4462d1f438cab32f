//! REST handlers of goals.

use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Json, JsonBody, NoQuery};
use tallyboard_core::{
    app::AppState,
    auth::{CanRead, CanWrite},
    statistics::goals::{GoalProgress, Goals, service},
};
use tallyboard_db::now;
use tallyboard_model::{
    calendar::Calendar,
    error::{ErrorResponses, Result},
};

/// `/api/dashboard/goals`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_goals, set_goals))
}

/// The user's goals, how far they are, their streaks, and their best weekday.
#[utoipa::path(get, path = "/api/dashboard/goals", tag = "Dashboard",
    responses((status = 200, body = GoalProgress), ErrorResponses))]
async fn read_goals(State(app): State<AppState>, CanRead(user): CanRead, _: NoQuery) -> Result<Json<GoalProgress>> {
    app.statistics.goals(&user).await.map(Json)
}

/// Replaces the user's goals: an absent field means no goal, or no day off.
#[utoipa::path(put, path = "/api/dashboard/goals", tag = "Dashboard", request_body = Goals,
    responses((status = 200, body = GoalProgress), ErrorResponses))]
async fn set_goals(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    _: NoQuery,
    JsonBody(goals): JsonBody<Goals>,
) -> Result<Json<GoalProgress>> {
    let calendar = Calendar::at(now(), user.time_zone());
    let scopes = app.db.scope(&user);
    let change = scopes.write(|scope| {
        let goals = goals.clone();
        Box::pin(async move {
            service::set(scope, goals).await?;
            service::progress(scope, calendar).await
        })
    });
    change.await.map(Json)
}
