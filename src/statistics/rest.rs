//! The dashboard's numbers over REST.

use axum::{Json, Router, extract::State, routing::get};
use serde::Deserialize;

use super::{Activity, Breakdown, SharedBreakdown, Statistics, Teams, Trend, service::TREND_DAYS};
use crate::{
    app::App,
    auth::AuthenticatedUser,
    error::Result,
    http::{NoQuery, Query},
};

/// `/api/dashboard/…`
pub fn routes() -> Router<App> {
    Router::new()
        .route("/statistics", get(statistics))
        .route("/activity", get(activity))
        .route("/breakdown", get(breakdown))
        .route("/shared", get(shared))
        .route("/trend", get(trend))
        .route("/teams", get(teams))
}

async fn statistics(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<Statistics>> {
    app.counts.statistics(&user).await.map(Json)
}

async fn activity(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<Activity>> {
    app.counts.activity(&user).await.map(Json)
}

async fn breakdown(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<Breakdown>> {
    app.counts.breakdown(&user).await.map(Json)
}

async fn shared(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<SharedBreakdown>> {
    app.counts.shared(&user).await.map(Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrendQuery {
    days: Option<u32>,
}

async fn trend(
    State(app): State<App>,
    user: AuthenticatedUser,
    Query(query): Query<TrendQuery>,
) -> Result<Json<Trend>> {
    app.counts.trend(&user, query.days.unwrap_or(TREND_DAYS)).await.map(Json)
}

async fn teams(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<Teams>> {
    app.counts.teams(&user).await.map(Json)
}
