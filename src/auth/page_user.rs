//! The signed-in user of a page.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};

use leptos::prelude::use_context;

use crate::ui::{
    error_page::PageError,
    shell::{Account, Page},
};
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, Needs, cookie, current_user},
};
use tallyboard_model::{
    error::{Code, Error, Result},
    paths,
};

/// The user of a page. Without a session the browser is sent to the sign-in form, which leads back.
pub struct PageUser(pub AuthenticatedUser);

impl FromRequestParts<AppState> for PageUser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        match AuthenticatedUser::from_request_parts(parts, app).await {
            Ok(user) => Ok(Self(user)),
            Err(error) if error.code == Code::Unauthorized => {
                let next = parts.uri.path_and_query().map_or(paths::DASHBOARD, |path| path.as_str());
                Err(with_forgetting(app, &parts.headers, Redirect::to(&sign_in_then(next)).into_response()))
            }
            Err(error) => Err(PageError(error).into_response()),
        }
    }
}

/// The answer to a request without a valid session. Where the session was ended elsewhere, or with its account, the browser
/// forgets what it has kept; one that has only expired leaves it for the next sign-in.
pub fn with_forgetting(app: &AppState, headers: &HeaderMap, response: Response) -> Response {
    let server = &app.config.server;
    if cookie::token(server, headers).is_some_and(|token| app.auth.was_ended(token)) {
        (AppendHeaders(cookie::forget_everything(server)), response).into_response()
    } else {
        response
    }
}

impl Page {
    /// A page of this user.
    pub fn of(app: &AppState, user: &AuthenticatedUser, title: &'static str) -> Self {
        let account = Account {
            id: user.id(),
            name: user.name().to_owned(),
            email: user.email().to_owned(),
            needs_confirmation: !user.has_verified_email(),
            is_offered_notifications: user.is_offered_notifications(),
            has_model: app.model.is_some(),
        };
        Self { title, place: title, account: Some(account), islands: false }
    }
}

/// The address of the sign-in form that leads to this page of ours.
pub fn sign_in_then(next: &str) -> String {
    with_query(paths::SIGN_IN, &[("next", next)])
}

/// The address that leads to the provider of sign-ins, and then to this page of ours.
pub fn sign_in_with_identity_then(next: &str) -> String {
    with_query(paths::IDENTITY, &[("next", next)])
}

/// The address of the page that asks for the code of this challenge and leads to a page of ours.
pub fn sign_in_code_then(challenge: &str, next: &str) -> String {
    with_query(paths::SIGN_IN_CODE, &[("challenge", challenge), ("next", next)])
}

fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    format!("{path}?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
}

/// The state and the signed-in user of the server function that is running.
pub async fn server_fn_user() -> Result<(AppState, AuthenticatedUser)> {
    let (app, parts) = server_fn_context()?;
    let user = current_user(&app, &parts.method, &parts.headers, Needs::SignIn).await?;
    Ok((app, user))
}

/// The state and the request of the server function that is running, for those that need no user.
pub fn server_fn_context() -> Result<(AppState, Parts)> {
    use_context::<AppState>()
        .zip(use_context::<Parts>())
        .ok_or_else(|| Error::internal("a server function was called outside a request"))
}
