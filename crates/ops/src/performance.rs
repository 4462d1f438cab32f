//! `GET /api/performance`: what this instance did in the last hour.

use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::{
    figures::{self, Performance},
    http::{Json, NoQuery},
};
use tallyboard_core::{app::AppState, auth::CanRead};
use tallyboard_model::error::ErrorResponses;

/// `/api/performance`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(performance))
}

/// Requests, cache and slow queries of this instance in the last hour. No figure of a single user is in it.
#[utoipa::path(get, path = "/api/performance", tag = "Operations",
    responses((status = 200, body = Performance), ErrorResponses))]
async fn performance(_: CanRead, _: NoQuery) -> Json<Performance> {
    Json(figures::performance())
}
