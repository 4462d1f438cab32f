//! REST handlers of the dashboard.

pub mod goals;

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Json, NoQuery, Query};
use tallyboard_core::{app::AppState, auth::CanRead};
use tallyboard_model::{
    error::{ErrorResponses, Result},
    statistics::{Activity, Breakdown, DEFAULT_RANGE, SharedBreakdown, Statistics, Teams, Trend},
};

/// `/api/dashboard/…`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(statistics))
        .routes(routes!(activity))
        .routes(routes!(breakdown))
        .routes(routes!(shared))
        .routes(routes!(trend))
        .routes(routes!(teams))
        .merge(goals::routes())
}

/// The four statistics.
#[utoipa::path(get, path = "/api/dashboard/statistics", tag = "Dashboard",
    responses((status = 200, body = Statistics), ErrorResponses))]
async fn statistics(State(app): State<AppState>, CanRead(user): CanRead, _: NoQuery) -> Result<Json<Statistics>> {
    app.statistics.statistics(&user).await.map(Json)
}

/// The tasks created and completed today and this week, in the user's time zone.
#[utoipa::path(get, path = "/api/dashboard/activity", tag = "Dashboard",
    responses((status = 200, body = Activity), ErrorResponses))]
async fn activity(State(app): State<AppState>, CanRead(user): CanRead, _: NoQuery) -> Result<Json<Activity>> {
    app.statistics.activity(&user).await.map(Json)
}

/// The user's tasks by status.
#[utoipa::path(get, path = "/api/dashboard/breakdown", tag = "Dashboard",
    responses((status = 200, body = Breakdown), ErrorResponses))]
async fn breakdown(State(app): State<AppState>, CanRead(user): CanRead, _: NoQuery) -> Result<Json<Breakdown>> {
    app.statistics.breakdown(&user).await.map(Json)
}

/// Tasks shared with the user, by permission.
#[utoipa::path(get, path = "/api/dashboard/shared", tag = "Dashboard",
    responses((status = 200, body = SharedBreakdown), ErrorResponses))]
async fn shared(State(app): State<AppState>, CanRead(user): CanRead, _: NoQuery) -> Result<Json<SharedBreakdown>> {
    app.statistics.shared(&user).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TrendQuery {
    /// The number of days, 1 to 365; 30 when absent.
    #[param(minimum = 1, maximum = 365)]
    days: Option<u32>,
}

/// Tasks created and completed on each day, oldest first, without gaps.
#[utoipa::path(get, path = "/api/dashboard/trend", tag = "Dashboard", params(TrendQuery),
    responses((status = 200, body = Trend), ErrorResponses))]
async fn trend(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Query(query): Query<TrendQuery>,
) -> Result<Json<Trend>> {
    app.statistics.trend(&user, query.days.unwrap_or(DEFAULT_RANGE)).await.map(Json)
}

/// The numbers of each team of the user.
#[utoipa::path(get, path = "/api/dashboard/teams", tag = "Dashboard",
    responses((status = 200, body = Teams), ErrorResponses))]
async fn teams(State(app): State<AppState>, CanRead(user): CanRead, _: NoQuery) -> Result<Json<Teams>> {
    app.statistics.teams(&user).await.map(Json)
}
