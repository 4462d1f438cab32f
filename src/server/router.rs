//! The router: every route in one list, and the layer around them.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::Method,
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, predicate::SizeAbove},
};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{cors, layer, site};
use crate::{
    assistant, audit, auth, blocks, chat, invitations, notifications, oauth,
    openapi::{self, Description},
    received_invitations, server_fn, shares, statistics, tasks, teams, transfer,
    ui::error_page::page_not_found,
};
use tallyboard_api as api;
use tallyboard_assistants::{self as assistants, mcp};
use tallyboard_core::{app::AppState, transfer::MAX_UPLOAD_BYTES};
use tallyboard_model::{
    error::{Code, Error},
    paths,
};
use tallyboard_ops as ops;

/// Smaller answers of server functions are sent as they are, in bytes.
const MIN_COMPRESSED_ANSWER: u16 = 16 * 1024;

/// Every route, in one list.
pub fn router(app: AppState) -> Router {
    let mcp = mcp::rest::routes(&app);
    router_with_mcp(app, mcp)
}

/// The same with other routes for `/mcp`: the conformance suite needs its own tools.
pub fn router_with_mcp(app: AppState, mcp: Router<AppState>) -> Router {
    let (rest, document) = OpenApiRouter::with_openapi(Description::openapi())
        .merge(api::auth::routes())
        .merge(api::auth::two_step::routes())
        .merge(api::auth::passkeys::routes())
        .merge(api::blocks::routes())
        .merge(api::statistics::routes())
        .merge(api::tasks::routes())
        .merge(api::shares::routes())
        .merge(api::teams::routes())
        .merge(api::invitations::routes())
        .merge(api::received_invitations::routes())
        .merge(api::chat::routes())
        .merge(assistants::assistant::rest::routes())
        .merge(ops::health::routes())
        .merge(ops::performance::routes())
        .merge(api::audit::routes())
        .merge(api::transfer::routes())
        .merge(api::notifications::routes())
        .split_for_parts();
    let api = Router::new().merge(rest).merge(openapi::routes(document)).merge(oauth::page::routes());
    // Before the layer, which answers for methods that a route does not have.
    let api = api.method_not_allowed_fallback(method_not_allowed);
    let api = match cors::layer(&app.config.server) {
        Some(cors) => api.layer(cors),
        None => api,
    };
    let mcp = Router::new()
        .merge(mcp)
        .merge(assistants::oauth::rest::routes())
        .method_not_allowed_fallback(method_not_allowed)
        .layer(cors::mcp_layer(&app.config.server));
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest);
    let pages = Router::new()
        .route(paths::HOME, get(statistics::page::home))
        .route(paths::DASHBOARD, get(statistics::page::dashboard))
        .route(paths::REVIEW, get(statistics::review_page::review))
        .route(paths::TODAY, get(tasks::today::today))
        .route(paths::TASKS, get(tasks::page::tasks))
        .route("/tasks/{id}/shares", get(shares::page::task_shares))
        .route(paths::TEAMS, get(teams::page::teams))
        .route("/teams/{id}", get(teams::page::team).post(teams::page::create_invitation))
        .route(paths::CHAT, get(chat::page::conversations))
        .route("/chat/{id}", get(assistant::page::conversation))
        .route(paths::SETTINGS, get(auth::settings_page::settings))
        .route(paths::IMPORT, post(transfer::page::import_file).layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES)))
        .route(paths::CALENDAR_ADDRESS, post(auth::calendar_page::renew))
        .route(paths::ASSISTANTS, get(auth::assistants_page::assistants).post(auth::assistants_page::create))
        .route(paths::NOTIFICATIONS, get(notifications::page::notifications))
        .route(paths::NOTIFICATION_SETTINGS, get(notifications::settings_page::notification_settings))
        .route(paths::ACTIVITY, get(audit::page::activity))
        .route(paths::SIGN_IN, get(auth::page::sign_in))
        .route(paths::IDENTITY, get(auth::oidc::redirects::begin))
        .route(paths::IDENTITY_CALLBACK, get(auth::oidc::redirects::callback))
        .route(paths::CONNECT_IDENTITY, get(auth::oidc::page::connect))
        .route(paths::SIGN_IN_CODE, get(auth::two_step::code_page::code))
        .route(paths::TWO_STEP, get(auth::two_step::page::two_step).post(auth::two_step::page::confirm))
        .route(paths::BLOCKS, get(blocks::page::blocked))
        .route(paths::PASSKEYS, get(auth::passkeys::page::passkeys))
        .route(paths::FORGOT_PASSWORD, get(auth::forgot_page::forgot_password))
        .route(paths::RESET_PASSWORD, get(auth::reset_page::reset_password))
        .route(paths::CONFIRM_EMAIL, get(auth::confirm_page::confirm_email))
        .route(paths::TRASH, get(tasks::trash_page::trash))
        .route(paths::RECEIVED_INVITATIONS, get(received_invitations::page::received_invitations))
        .route(paths::INVITE, get(invitations::page::invite))
        .route(paths::SIGN_UP, get(auth::page::sign_up))
        .layer(compression.clone());
    let server_functions = Router::new()
        .route("/api/ui/{*name}", any(server_fn::handle))
        .layer(middleware::from_fn_with_state(app.clone(), server_fn::layer))
        // Rows of a list are HTML like a page; the numbers that dashboards poll aren't worth compressing.
        .layer(compression.compress_when(SizeAbove::new(MIN_COMPRESSED_ANSWER)));
    Router::new()
        .merge(api)
        .merge(mcp)
        .merge(api::live::routes())
        .merge(ops::metrics::protected_route())
        .merge(pages)
        .merge(server_functions)
        .merge(site::routes(&app, not_found))
        .method_not_allowed_fallback(method_not_allowed)
        // One layer: each costs every request a boxed future.
        .layer(middleware::from_fn_with_state(app.clone(), layer::around))
        .with_state(app)
}

async fn not_found(request: Request) -> Response {
    if paths::is_api(request.uri().path()) { Error::not_found("Route").into_response() } else { page_not_found() }
}

async fn method_not_allowed(method: Method) -> Response {
    Error::new(Code::MethodNotAllowed, format!("{method} is not allowed here")).into_response()
}
