//! From a request to the user behind it: the only maker of an [`AuthenticatedUser`].

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use chrono_tz::Tz;

use super::{cookie, service::Known};
use crate::{
    app::App,
    error::{Error, Result},
    id::{SessionId, UserId},
};

/// Somebody whose token was checked and whose session is good. Its fields are private, so that
/// nothing else can make one, and what opens a user's `Scope` is proof of a check.
#[derive(Clone, Debug)]
pub struct AuthenticatedUser {
    known: Arc<Known>,
    session: SessionId,
}

impl AuthenticatedUser {
    pub(super) fn new(known: Arc<Known>, session: SessionId) -> Self {
        Self { known, session }
    }

    /// Who.
    pub fn id(&self) -> UserId {
        self.known.user_id
    }

    /// By which sign-in.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// What they are called.
    pub fn name(&self) -> &str {
        &self.known.name
    }

    /// Where their days begin.
    pub fn time_zone(&self) -> Tz {
        self.known.time_zone
    }
}

impl FromRequestParts<App> for AuthenticatedUser {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        current_user(app, &parts.method, &parts.headers).await
    }
}

/// The user whom a request's token or cookie names. A cookie comes along whether the person meant
/// it or not, so what changes something also has to come from our own pages.
pub async fn current_user(app: &App, method: &Method, headers: &HeaderMap) -> Result<AuthenticatedUser> {
    let token = match headers.get(header::AUTHORIZATION) {
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| Error::unauthorized("The Authorization header has to be 'Bearer <token>'"))?,
        None => {
            let token = cookie::token(&app.config.server, headers)
                .ok_or_else(|| Error::unauthorized("This needs a signed-in user"))?;
            if !method.is_safe() {
                check_same_origin(app, headers)?;
            }
            token
        }
    };
    let user = app.auth.authenticate(token).await?;
    // The request's span says who asks in every line of the log.
    tracing::Span::current().record("user", tracing::field::display(user.id()));
    Ok(user)
}

/// Whether a request brings a token or our cookie at all, good or not.
pub fn has_credentials(app: &App, headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || cookie::token(&app.config.server, headers).is_some()
}

/// Refuses what another site's page sends.
pub fn check_same_origin(app: &App, headers: &HeaderMap) -> Result<()> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let same = match text("origin") {
        Some(origin) if !app.config.server.public_url.is_empty() => origin == app.config.server.public_url,
        Some(origin) => origin.split_once("://").is_some_and(|(_, host)| Some(host) == text("host")),
        // Old browsers leave Origin out of same-origin requests; none sends neither.
        None => matches!(text("sec-fetch-site"), Some("same-origin" | "none")),
    };
    if same {
        return Ok(());
    }
    tracing::warn!(origin = text("origin"), host = text("host"), "refused a request from a foreign origin");
    Err(Error::forbidden("This request does not come from this site's own pages"))
}

/// What a server function needs: the app, and the user who called it.
pub async fn caller() -> Result<(App, AuthenticatedUser)> {
    let (app, parts) = anybody()?;
    let user = current_user(&app, &parts.method, &parts.headers).await?;
    Ok((app, user))
}

/// The same for server functions that need no user.
pub fn anybody() -> Result<(App, Parts)> {
    use leptos::prelude::use_context;
    use_context::<App>()
        .zip(use_context::<Parts>())
        .ok_or_else(|| Error::internal("a server function was called outside a request"))
}
