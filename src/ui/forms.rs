//! Forms without script: a server function that refuses one sends the browser back to the page,
//! with the error and what was typed in the address, so that nothing has to be typed twice.
//! Also the server functions' own guard and their errors' statuses.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE};
use leptos::prelude::{ClassAttribute, ElementChild, GlobalAttributes, IntoView, view};
use std::collections::BTreeMap;
use tracing::Instrument;

use crate::{
    app::App,
    auth::check_same_origin,
    error::{Error, json_response},
    http::{parse_query, read_body},
    list::ListQuery,
};

/// The query parameters in which server functions report an error to a page.
const ERROR_PARAMETERS: [&str; 2] = ["__path", "__err"];
/// Longer input is not carried in an address.
const CARRIED_AT_MOST: usize = 1200;

/// The layer around all server functions.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    guarded(app, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn guarded(app: App, request: Request, next: Next) -> Result<Response, Error> {
    // They have no protection of their own against other sites' forms.
    if !request.method().is_safe() {
        check_same_origin(&app, request.headers())?;
    }
    let (parts, body) = request.into_parts();
    let body = read_body(body).await?;
    let typed: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    // What somebody pressed before they left the page is done: without a task of its own the work
    // would end with the connection.
    let work = next.run(Request::from_parts(parts, Body::from(body)));
    let response = tokio::spawn(work.in_current_span()).await.map_err(Error::internal)?;

    if let Some(location) = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()) {
        let location = back_to_form(location, typed);
        let mut response = response;
        // 303: the browser is to GET it, whatever it sent.
        *response.status_mut() = StatusCode::SEE_OTHER;
        *response.body_mut() = Body::empty();
        if let Ok(location) = HeaderValue::from_str(&location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        return Ok(response);
    }
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR && response.headers().contains_key("serverfnerror") {
        return with_status(response).await;
    }
    if response.status() == StatusCode::BAD_REQUEST {
        return Err(Error::not_found("Server function"));
    }
    Ok(response)
}

/// Server functions answer every error with 500; ours know better.
async fn with_status(response: Response) -> Result<Response, Error> {
    let (parts, body) = response.into_parts();
    let bytes = read_body(body).await?;
    let error: Error = serde_json::from_slice(&bytes).map_err(Error::internal)?;
    let mut answer = json_response(&error);
    // The browser's side tells an error by this header.
    if let Some(name) = parts.headers.get("serverfnerror") {
        answer.headers_mut().insert("serverfnerror", name.clone());
    }
    Ok(answer)
}

/// The address of the page that sent the form, with this error (and no earlier one) and the input.
fn back_to_form(location: &str, typed: Vec<(String, String)>) -> String {
    // The referrer is a whole address; only its path and query matter, and only this host's.
    let path =
        location.split_once("://").map_or(location, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let mut pairs: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap_or_default();
    let refused = pairs.contains_key("__err");
    for (name, value) in typed {
        pairs.remove(&name);
        if refused && !name.contains("password") && value.len() <= CARRIED_AT_MOST {
            pairs.insert(name, value);
        }
    }
    let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The part of a list in a page's address; what a refused form left there is not part of it.
pub fn list_query(query: Option<&str>) -> Result<ListQuery, Error> {
    parse_query(&only(query.unwrap_or_default(), &["limit", "cursor"]))
}

/// A query's parameters of these names, but for those that a form left empty.
pub fn only(query: &str, names: &[&str]) -> String {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let pairs: Vec<_> =
        pairs.into_iter().filter(|(name, value)| names.contains(&name.as_str()) && !value.is_empty()).collect();
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// What a refused form left in the address.
pub struct Refused {
    /// Why.
    pub error: Option<Error>,
    typed: BTreeMap<String, String>,
}

impl Refused {
    /// Reads it from the query of the page's address.
    pub fn from_query(query: Option<&str>) -> Self {
        let mut typed: BTreeMap<String, String> =
            serde_urlencoded::from_str(query.unwrap_or_default()).unwrap_or_default();
        let error = typed
            .get("__err")
            .and_then(|text| BASE64_URL_SAFE.decode(text).ok())
            .and_then(|json| serde_json::from_slice(&json).ok());
        for name in ERROR_PARAMETERS {
            typed.remove(name);
        }
        Self { error, typed }
    }

    /// The error above the forms of a page, with what is wrong with each field.
    pub fn message(&self) -> impl IntoView + use<> {
        alert(self.error.as_ref().map(ToString::to_string))
    }

    /// The error alone, where each field has its complaint beside it.
    pub fn headline(&self) -> impl IntoView + use<> {
        alert(self.error.as_ref().map(|error| error.message.clone()))
    }

    /// What was typed into a field.
    pub fn typed(&self, name: &str) -> Option<String> {
        self.typed.get(name).cloned()
    }

    /// What is wrong with a field.
    pub fn complaint(&self, name: &str) -> Option<String> {
        self.error.as_ref()?.fields.get(name).cloned()
    }
}

fn alert(message: Option<String>) -> impl IntoView + use<> {
    message.map(|message| view! { <p class="alert" role="alert">{message}</p> })
}
