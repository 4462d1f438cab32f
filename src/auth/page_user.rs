//! The signed-in user of a page.

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};

use super::AuthenticatedUser;
use crate::{
    app::AppState,
    error::Code,
    paths,
    ui::{error_page::PageError, shell::Page},
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
                Err(Redirect::to(&sign_in_then(next)).into_response())
            }
            Err(error) => Err(PageError(error).into_response()),
        }
    }
}

impl AuthenticatedUser {
    /// A page of this user.
    pub fn page(&self, title: &'static str) -> Page {
        Page {
            title,
            user: Some((self.id(), self.name().to_owned())),
            has_bell: self.is_told_on_page(),
            islands: false,
        }
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
