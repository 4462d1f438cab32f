//! What every door gets ([`App`]), and what every page is wrapped in: the HTML shell, the content
//! security policy, errors as pages.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderValue, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;

use crate::{
    auth::{Auth, AuthenticatedUser},
    config::Config,
    db::Database,
    error::{Code, Error},
    live::Hub,
    paths,
    statistics::service::Counts,
    ui::layout::Layout,
};

/// What a door needs to call a service. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Every setting.
    pub config: Arc<Config>,
    /// Where scopes are opened.
    pub db: Database,
    /// Accounts and sessions.
    pub auth: Arc<Auth>,
    /// The dashboard's numbers.
    pub counts: Counts,
    /// Who listens, and the pushing to them.
    pub hub: Hub,
    /// Where the built scripts and styles are.
    pub leptos: LeptosOptions,
}

/// The stylesheet's address, with the hash that the build gave it.
pub static STYLESHEET: OnceLock<String> = OnceLock::new();

/// A page's head, and whether it is alive.
#[derive(Clone, Default)]
pub struct Page {
    /// What the tab says before the product's name.
    pub title: &'static str,
    /// Who is signed in.
    pub user: Option<AuthenticatedUser>,
    /// Whether it has islands; without them no script is sent at all.
    pub islands: bool,
}

/// Renders a page to the end before it is sent: readable without any script.
pub async fn render<V: IntoView + 'static>(
    app: &App,
    request: Request,
    page: Page,
    body: impl Fn() -> V + Send + Sync + 'static,
) -> Response {
    // Types erased early: a page's own is a kilobyte of text, and would be in every type around it.
    render_any(app, request, page, Arc::new(move || body().into_any())).await
}

async fn render_any(app: &App, request: Request, page: Page, body: Arc<dyn Fn() -> AnyView + Send + Sync>) -> Response {
    let options = app.leptos.clone();
    let shell = move || {
        send_content_security_policy();
        let (options, page, body) = (options.clone(), page.clone(), body.clone());
        view! { <Layout options page>{body()}</Layout> }.into_any()
    };
    leptos_axum::render_app_async_with_context(|| {}, shell)(request).await
}

/// Scripts only of ours: from this host, or inline with this answer's nonce.
fn send_content_security_policy() {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    if let (Some(response), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The user of a page; who is not signed in is sent to do so, and comes back afterwards.
pub struct PageUser(pub AuthenticatedUser);

impl FromRequestParts<App> for PageUser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match AuthenticatedUser::from_request_parts(parts, app).await {
            Ok(user) => Ok(Self(user)),
            Err(error) if error.code == Code::Unauthorized => {
                let next = parts.uri.path_and_query().map_or(paths::DASHBOARD, |path| path.as_str());
                let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
                Err(Redirect::to(&format!("{}?{query}", paths::SIGN_IN)).into_response())
            }
            Err(error) => Err(PageError(error).into_response()),
        }
    }
}

/// An error as a page: plain, because what makes pages may be what failed.
pub struct PageError(pub Error);

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let status = self.0.code.status();
        let stylesheet = STYLESHEET.get().map_or("", String::as_str);
        let detail = self.0.detail.as_deref().unwrap_or("Go back and try again.");
        let html = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title} · Tallyboard</title><link rel=\"stylesheet\" href=\"{stylesheet}\"></head>\
             <body><main class=\"notice\"><h1>{title}</h1><p>{detail}</p>\
             <p><a class=\"button\" href=\"{home}\">To the dashboard</a></p></main></body></html>",
            title = escape(&self.0.message),
            detail = escape(detail),
            home = paths::HOME,
        );
        (status, Html(html)).into_response()
    }
}

/// The page for an address that there is not.
pub fn page_not_found() -> Response {
    PageError(Error::not_found("Page").detail("There is nothing at this address.")).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
