//! The OpenAPI document and the page to read it on.
//!
//! The paths come from the handlers' `#[utoipa::path]` attributes; `routes!` registers a route only with
//! its documentation, so the document is always complete. This file has the parts that aren't about one route.

use std::sync::Arc;

use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::Config;

use tallyboard_base::http::{Json, NoQuery};
use tallyboard_core::app::AppState;
use tallyboard_model::{
    error::Error,
    tasks::{AccessFilter, Due, Shared, Sort, TaskStatus},
};

/// The document without its paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tallyboard",
        description = "Tasks that people and their assistants share. What this document can't say (signing in, \
                       cursors, errors, idempotency, examples) is in docs/API.md.",
        license(name = "MIT")
    ),
    servers((url = "/")),
    components(schemas(AccessFilter, Due, Error, Shared, Sort, TaskStatus)),
    security(("bearer" = []), ("cookie" = [])),
    modifiers(&SecuritySchemes),
    tags(
        (name = "Accounts", description = "Sign up, sign in, the user's own account and sessions"),
        (name = "Dashboard", description = "Statistics"),
        (name = "Tasks"),
        (name = "Shares", description = "One task, one other person, to view or to edit"),
        (name = "Teams", description = "Teams and their members"),
        (name = "Conversations", description = "Conversations with an assistant, and their messages"),
        (name = "Notifications", description = "Notifications and their settings"),
        (name = "Operations"),
    )
)]
pub struct Description;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_with(Default::default);
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The access_token of POST /api/auth/signin"))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description(
            "session",
            "A browser's (`__Host-session` over https); a request that is not a GET must then come from this site's own pages",
        );
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// `/api/openapi.json` and `/api/docs…`; both open.
pub fn routes(document: Document) -> Router<AppState> {
    let document = Arc::new(document);
    let viewer = Arc::new(Config::from("/api/openapi.json"));
    let index = viewer.clone();
    Router::new()
        .route("/api/openapi.json", get(async move |_: NoQuery| Json(&*document).into_response()))
        .route("/api/docs", get(async || Redirect::permanent("/api/docs/")))
        .route("/api/docs/", get(async move || file_of("index.html", index)))
        .route("/api/docs/{*file}", get(async move |Path(file): Path<String>| file_of(&file, viewer)))
}

/// A file of Swagger UI, which is compiled into the binary.
fn file_of(file: &str, viewer: Arc<Config<'static>>) -> Response {
    let found = match utoipa_swagger_ui::serve(file, viewer) {
        Ok(Some(found)) => found,
        Ok(None) => return Error::not_found("Page").into_response(),
        Err(error) => return Error::internal(error).into_response(),
    };
    let mut response = found.bytes.into_owned().into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&found.content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    // Swagger UI uses inline styles and data: images; it loads nothing from other hosts.
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                  connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
