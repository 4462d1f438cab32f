//! Finds the user behind a request: from its `Authorization` header or from the session cookie.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use futures::future::BoxFuture;

use super::{AuthenticatedUser, Needs, cookie, passkeys::RelyingParty};
use crate::app::AppState;
use tallyboard_base::{http::header_text, request_log};
use tallyboard_model::{
    error::{Code, Error, Result},
    language,
};

/// Extracts the user of a session. A personal token is refused with 403: a handler that tokens may call says so by
/// [`CanRead`] or [`CanWrite`].
impl FromRequestParts<AppState> for AuthenticatedUser {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self> {
        current_user(app, &parts.method, &parts.headers, Needs::SignIn).await
    }
}

/// Extracts the user of a session or of any personal token.
pub struct CanRead(pub AuthenticatedUser);

impl FromRequestParts<AppState> for CanRead {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self> {
        current_user(app, &parts.method, &parts.headers, Needs::Read).await.map(Self)
    }
}

/// Extracts the user of a session, or of a personal token with the scope `write`.
pub struct CanWrite(pub AuthenticatedUser);

impl FromRequestParts<AppState> for CanWrite {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self> {
        current_user(app, &parts.method, &parts.headers, Needs::Write).await.map(Self)
    }
}

/// The user of a request's token or cookie, if the credential is enough for `needs`. Browsers send the cookie with
/// requests of other sites' pages too, so a request with a cookie that is not a GET must also come from our own origin.
pub async fn current_user(
    app: &AppState,
    method: &Method,
    headers: &HeaderMap,
    needs: Needs,
) -> Result<AuthenticatedUser> {
    let token = match bearer_token(headers)? {
        Some(token) => token,
        None => {
            let token = cookie::token(&app.config.server, headers)
                .ok_or_else(|| Error::unauthorized("You're not signed in"))?;
            if !method.is_safe() {
                check_same_origin(app, headers)?;
            }
            token
        }
    };
    authenticated(app, token, headers, needs).await
}

/// The user of a request to the MCP server: of its `Authorization` header; a cookie does not count, an app's token does.
pub async fn bearer_user(app: &AppState, headers: &HeaderMap, needs: Needs) -> Result<AuthenticatedUser> {
    let token = bearer_token(headers)?.ok_or_else(|| {
        Error::new(Code::Unauthorized, "This requires a token")
            .detail("Send Authorization: Bearer with a personal token")
    })?;
    verified(app, token, headers, needs).await
}

/// The user of a token, who may not have made too many requests. An app's token is for the MCP server alone: that is the
/// audience that its person has said yes to.
pub async fn authenticated(
    app: &AppState,
    token: &str,
    headers: &HeaderMap,
    needs: Needs,
) -> Result<AuthenticatedUser> {
    let user = verified(app, token, headers, needs).await?;
    if user.is_app() {
        return Err(Error::forbidden("This token only works for /mcp").detail("Use a personal token for the API"));
    }
    Ok(user)
}

async fn verified(app: &AppState, token: &str, headers: &HeaderMap, needs: Needs) -> Result<AuthenticatedUser> {
    // Boxed: every handler contains this future (see Scopes::run).
    let authenticated: BoxFuture<'_, Result<AuthenticatedUser>> = Box::pin(app.auth.authenticate(token));
    let user = match authenticated.await {
        Err(error) if error.code == Code::Unauthorized => {
            app.limits.count_anonymous_request()?;
            return Err(error);
        }
        done => done?,
    };
    app.limits.count_request_of(user.id())?;
    // Every log line of this request then names the user.
    request_log::set_user(user.id(), user.token_name());
    if let Some(language) = user.language() {
        language::choose(language);
    }
    user.check(needs)?;
    // Only events of tokens carry the client's name.
    Ok(if user.token_name().is_some() { user.with_client(user_agent(headers).as_deref()) } else { user })
}

fn bearer_token(headers: &HeaderMap) -> Result<Option<&str>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let parts = value.to_str().ok().and_then(|value| value.split_once(' '));
    let token = parts.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    token.map(Some).ok_or_else(|| Error::unauthorized("The Authorization header has to be 'Bearer <token>'"))
}

/// Whether a request has a token or our cookie, valid or not.
pub fn has_credentials(app: &AppState, headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || cookie::token(&app.config.server, headers).is_some()
}

/// Whether the token or the cookie of a request is valid, for whatever.
pub async fn has_valid_credentials(app: &AppState, headers: &HeaderMap) -> bool {
    let token = bearer_token(headers).ok().flatten().or_else(|| cookie::token(&app.config.server, headers));
    match token {
        Some(token) => app.auth.authenticate(token).await.is_ok(),
        None => false,
    }
}

/// Rejects a request that another site's page sent.
pub fn check_same_origin(app: &AppState, headers: &HeaderMap) -> Result<()> {
    let header = |name: &str| header_text(headers, name);
    let same = match header("origin") {
        Some(origin) if !app.config.server.public_url.is_empty() => origin == app.config.server.public_url,
        Some(origin) => origin.split_once("://").is_some_and(|(_, host)| Some(host) == header("host")),
        // Old browsers omit Origin in same-origin requests, but every browser sends one of the two headers.
        None => matches!(header("sec-fetch-site"), Some("same-origin" | "none")),
    };
    if same {
        return Ok(());
    }
    let public_url = app.config.server.public_url.as_str();
    tracing::warn!(
        origin = header("origin"),
        host = header("host"),
        server.public_url = public_url,
        "rejected a request from a foreign origin"
    );
    Err(Error::forbidden("This request doesn't come from this site's own pages"))
}

/// The address of this server from outside: as configured, else as the request names it.
pub fn public_url(app: &AppState, headers: &HeaderMap) -> String {
    let configured = &app.config.server.public_url;
    if !configured.is_empty() {
        return configured.clone();
    }
    let host = header_text(headers, header::HOST);
    format!("http://{}", host.map_or_else(|| app.config.server.address.to_string(), str::to_owned))
}

/// The relying party at the address that a request came to.
///
/// # Errors
/// 409 at an IP address.
pub fn relying_party(app: &AppState, headers: &HeaderMap) -> Result<RelyingParty> {
    RelyingParty::at(&public_url(app, headers))
}

/// The `User-Agent` header.
pub fn user_agent(headers: &HeaderMap) -> Option<String> {
    header_text(headers, header::USER_AGENT).map(str::to_owned)
}
