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
    let consent = with_forms(&app, oauth::page::routes());
    let api = Router::new().merge(rest).merge(openapi::routes(document)).merge(consent);
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
        .route(paths::REVIEW, get(statistics::review_page::review).post(statistics::review_page::submit))
        .route(paths::TODAY, get(tasks::today::today))
        .route(paths::TASKS, get(tasks::page::tasks).post(tasks::page::submit))
        .route("/tasks/{id}", get(tasks::open::page).post(tasks::open::submit))
        .route("/tasks/{id}/shares", get(shares::page::task_shares))
        .route(paths::TEAMS, get(teams::page::teams).post(teams::page::create))
        .route("/teams/{id}", get(teams::page::team).post(teams::page::submit))
        .route(paths::CHAT, get(chat::page::conversations).post(chat::page::create))
        .route("/chat/{id}", get(assistant::page::conversation))
        .route(paths::SETTINGS, get(auth::settings_page::settings).post(auth::settings_forms::submit))
        .route(paths::IMPORT, post(transfer::page::import_file).layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES)))
        .route(paths::ASSISTANTS, get(auth::assistants_page::assistants).post(auth::assistants_page::create))
        .route(paths::NOTIFICATIONS, get(notifications::page::notifications).post(notifications::page::submit))
        .route(
            paths::NOTIFICATION_SETTINGS,
            get(notifications::settings_page::notification_settings).post(notifications::settings_page::submit),
        )
        .route(paths::ACTIVITY, get(audit::page::activity))
        .route(paths::SIGN_IN, get(auth::page::sign_in).post(auth::page::submit_sign_in))
        .route(paths::SIGN_OUT, post(auth::page::sign_out))
        .route(paths::IDENTITY, get(auth::oidc::redirects::begin))
        .route(paths::IDENTITY_CALLBACK, get(auth::oidc::redirects::callback))
        .route(paths::CONNECT_IDENTITY, get(auth::oidc::page::connect).post(auth::oidc::page::submit))
        .route(paths::SIGN_IN_CODE, get(auth::two_step::code_page::code).post(auth::two_step::code_page::submit))
        .route(paths::TWO_STEP, get(auth::two_step::page::two_step).post(auth::two_step::page::submit))
        .route(paths::BLOCKS, get(blocks::page::blocked).post(blocks::page::submit))
        .route(paths::PASSKEYS, get(auth::passkeys::page::passkeys).post(auth::passkeys::page::submit))
        .route(paths::FORGOT_PASSWORD, get(auth::forgot_page::forgot_password).post(auth::forgot_page::submit))
        .route(paths::RESET_PASSWORD, get(auth::reset_page::reset_password).post(auth::reset_page::submit))
        .route(paths::CONFIRM_EMAIL, get(auth::confirm_page::confirm_email).post(auth::confirm_page::submit))
        .route(paths::TRASH, get(tasks::trash_page::trash).post(tasks::trash_page::submit))
        .route(
            paths::RECEIVED_INVITATIONS,
            get(received_invitations::page::received_invitations).post(received_invitations::page::submit),
        )
        .route(paths::INVITE, get(invitations::page::invite).post(invitations::page::submit))
        .route(paths::SIGN_UP, get(auth::page::sign_up).post(auth::page::submit_sign_up));
    let pages = with_forms(&app, pages).layer(compression.clone());
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

/// Pages with the layer that reads their forms.
fn with_forms(app: &AppState, pages: Router<AppState>) -> Router<AppState> {
    // Before the layer, which also takes forms that belong to no page.
    let pages = pages.method_not_allowed_fallback(method_not_allowed);
    let forms = server_fn::Forms { app: app.clone(), pages: pages.clone().with_state(app.clone()) };
    pages.layer(middleware::from_fn_with_state(forms, server_fn::form_layer))
}

async fn not_found(request: Request) -> Response {
    if paths::is_api(request.uri().path()) { Error::not_found("Route").into_response() } else { page_not_found() }
}

async fn method_not_allowed(method: Method) -> Response {
    Error::new(Code::MethodNotAllowed, format!("{method} is not allowed here")).into_response()
}
