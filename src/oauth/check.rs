//! Checks what an app asks for before a person sees it, and decides where an error may lead.

use std::borrow::Cow;

use axum::http::HeaderMap;
use oauth_as::{
    authorization::{
        AuthorizationError, AuthorizationErrorRedirect, AuthorizationRequest, ValidatedAuthorizationRequest,
    },
    error::ErrorResponse,
};

use tallyboard_assistants::oauth::{clients::KnownClient, requests, resource, server};
use tallyboard_core::{
    app::AppState,
    apps,
    auth::{AuthenticatedUser, public_url},
};
use tallyboard_model::error::{Code, Error, Result};

/// The scopes a person gives an app that doesn't request any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// To read.
    Read,
    /// To read and to change.
    Write,
}

/// The parameters of a query.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The first parameter of this name.
pub fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// A request for a code that can be answered.
pub struct Checked {
    /// The request.
    pub request: ValidatedAuthorizationRequest,
    /// It names no scope of ours: the person chooses.
    pub is_open: bool,
}

/// Checks a request for a code: what is asked, or where its error leads. Without a scope it asks for what the person chose.
pub async fn check(
    app: &AppState,
    headers: &HeaderMap,
    query: &str,
    client: &KnownClient,
    choice: Choice,
) -> Result<Result<Checked, AuthorizationErrorRedirect>> {
    let pairs = pairs(query);
    let mut request = AuthorizationRequest::from_pairs(pairs.clone());
    let asked = requests::narrow(request.scope.as_deref(), client.may_write);
    let is_open = asked.is_none();
    let scope = asked.unwrap_or_else(|| requests::scopes(choice == Choice::Write && client.may_write));
    request.scope = Some(scope.to_string().into());
    let issuer = public_url(app, headers);
    let resources = requests::resources(request.resource.iter().map(AsRef::as_ref), &issuer);
    // There is one audience.
    let resources = if resources.is_empty() { vec![resource(&issuer)] } else { resources };
    request.resource = resources.into_iter().map(Into::into).collect();
    match Box::pin(server(app, headers, value(&pairs, "redirect_uri")).validate_authorization_request(&request)).await {
        Ok(request) => Ok(Ok(Checked { request, is_open })),
        Err(AuthorizationError::Redirect(redirect)) => Ok(Err(redirect)),
        // Never redirects to an address the app hasn't registered.
        Err(AuthorizationError::Direct(error)) => Err(unanswerable(error)),
    }
}

/// An error that only this server's own page shows.
pub fn unanswerable(error: ErrorResponse) -> Error {
    let why = error.error_description.map_or_else(|| error.error.to_string(), Cow::into_owned);
    Error::new(Code::BadRequest, "This app sent an invalid request").detail(why)
}

/// Whether an error may lead to the app before the person was asked: to a program on this computer, or to an app that they have
/// connected. Everybody can register an address, so that any other error would make this server an open redirector; it is
/// shown here (RFC 9700, section 4.11.2).
pub async fn may_lead_unasked(
    app: &AppState,
    user: &AuthenticatedUser,
    client: &KnownClient,
    redirect_uri: &str,
) -> Result<bool> {
    if requests::is_same_loopback(redirect_uri, redirect_uri) {
        return Ok(true);
    }
    let connected = app.db.scope(user).read(|scope| Box::pin(apps::service::list(scope))).await?;
    Ok(connected.iter().any(|connected| connected.client_id == client.id))
}
