//! The dashboard's numbers over REST.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Activity, Breakdown, SharedBreakdown, Statistics, Teams, Trend, service::TREND_DAYS};
use crate::{
    app::App,
    auth::AuthenticatedUser,
    error::Result,
    http::{NoQuery, Query},
    openapi::Refused,
};

/// `/api/dashboard/…`
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(statistics))
        .routes(routes!(activity))
        .routes(routes!(breakdown))
        .routes(routes!(shared))
        .routes(routes!(trend))
        .routes(routes!(teams))
}

/// The four numbers.
#[utoipa::path(get, path = "/api/dashboard/statistics", tag = "Dashboard",
    responses((status = 200, body = Statistics), Refused))]
async fn statistics(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<Statistics>> {
    app.counts.statistics(&user).await.map(Json)
}

/// What was created and completed today and this week, in one's time zone.
#[utoipa::path(get, path = "/api/dashboard/activity", tag = "Dashboard",
    responses((status = 200, body = Activity), Refused))]
async fn activity(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<Activity>> {
    app.counts.activity(&user).await.map(Json)
}

/// One's tasks by status.
#[utoipa::path(get, path = "/api/dashboard/breakdown", tag = "Dashboard",
    responses((status = 200, body = Breakdown), Refused))]
async fn breakdown(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<Breakdown>> {
    app.counts.breakdown(&user).await.map(Json)
}

/// Tasks shared with one, by what one may do.
#[utoipa::path(get, path = "/api/dashboard/shared", tag = "Dashboard",
    responses((status = 200, body = SharedBreakdown), Refused))]
async fn shared(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<SharedBreakdown>> {
    app.counts.shared(&user).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TrendQuery {
    /// How many, 1 to 365; 30 when absent.
    #[param(minimum = 1, maximum = 365)]
    days: Option<u32>,
}

/// Tasks created and completed a day, oldest first, without gaps.
#[utoipa::path(get, path = "/api/dashboard/trend", tag = "Dashboard", params(TrendQuery),
    responses((status = 200, body = Trend), Refused))]
async fn trend(
    State(app): State<App>,
    user: AuthenticatedUser,
    Query(query): Query<TrendQuery>,
) -> Result<Json<Trend>> {
    app.counts.trend(&user, query.days.unwrap_or(TREND_DAYS)).await.map(Json)
}

/// The numbers of each of one's teams.
#[utoipa::path(get, path = "/api/dashboard/teams", tag = "Dashboard",
    responses((status = 200, body = Teams), Refused))]
async fn teams(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<Teams>> {
    app.counts.teams(&user).await.map(Json)
}
