//! The REST handler of the audit log.

use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Json, List, Query};
use tallyboard_core::{
    app::AppState,
    audit::{AuditRecord, service},
    auth::AuthenticatedUser,
};
use tallyboard_model::{
    error::{ErrorResponses, Result},
    list::ListQuery,
};

/// `/api/audit`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

/// What the user did, and what others did in the teams that they own or administer; newest first.
#[utoipa::path(get, path = "/api/audit", tag = "Accounts", params(ListQuery),
    responses((status = 200, body = List<AuditRecord>), ErrorResponses))]
async fn list_audit(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<AuditRecord>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, query.clone()))).await?))
}
