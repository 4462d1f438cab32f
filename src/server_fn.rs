//! The layer around all server functions: it checks the origin, gives errors their HTTP status, and leads
//! browsers without script back to the form.

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::provide_context;

use crate::ui::{
    error_page::PageError,
    forms::{FormErrors, accepted_form, rejected_form},
};
use tallyboard_base::{
    http::{header_text, read_body},
    request_log,
};
use tallyboard_core::{app::AppState, auth::check_same_origin};
use tallyboard_model::error::{Code, Error, Result, json_response};

/// The header with which leptos marks a failed server function's answer.
const ERROR_HEADER: &str = "serverfnerror";

/// Calls the server function of the path.
pub async fn handle(State(app): State<AppState>, request: Request) -> Response {
    let context = move || provide_context(app.clone());
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

/// The middleware.
pub async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    call(app, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn call(app: AppState, request: Request, next: Next) -> Result<Response> {
    // leptos has no protection against forms of other sites.
    if !request.method().is_safe() {
        check_same_origin(&app, request.headers())?;
    }
    let (mut parts, body) = request.into_parts();
    let body = read_body(body).await?;
    let form_page = page_of_plain_form(&parts);
    // leptos then answers like a call from a script: its own redirect would put the unsigned error into the
    // address of the page.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let is_read = parts.method.is_safe();
    let work = next.run(Request::from_parts(parts, Body::from(body.clone())));
    let response = if is_read {
        work.await
    } else {
        // In its own task: the work of somebody who leaves the page would end with the connection.
        request_log::spawn(work).await.map_err(Error::internal)?
    };

    if response.status() == StatusCode::BAD_REQUEST {
        return Err(Error::not_found("Server function"));
    }
    let failed = response.headers().contains_key(ERROR_HEADER);
    let redirect = header_text(response.headers(), header::LOCATION).map(str::to_owned);
    match (form_page, redirect) {
        (Some(page), _) if failed => {
            let headers = response.headers().clone();
            let error = read_error(response).await?;
            // A form that led back would only be sent again.
            if error.code == Code::RateLimited {
                return Ok(PageError(error).into_response());
            }
            let input = serde_urlencoded::from_bytes(&body).unwrap_or_default();
            Ok(see_other(&rejected_form(&*app.auth, &page, &error, input), &headers))
        }
        (None, _) if failed => with_status(response).await,
        (_, Some(location)) => Ok(see_other(&location, response.headers())),
        (Some(page), None) => Ok(see_other(&accepted_form(&page), response.headers())),
        (None, None) => Ok(response),
    }
}

/// The referer of a form that a browser sends without script; empty when the browser sends none.
fn page_of_plain_form(parts: &Parts) -> Option<String> {
    let text = |name| header_text(&parts.headers, name).unwrap_or_default();
    let is_form = !parts.method.is_safe() && text(header::ACCEPT).contains("text/html");
    is_form.then(|| text(header::REFERER).to_owned())
}

/// 303: the browser sends a GET, whatever it sent before. Cookies that were set are kept, and what the browser has to forget.
fn see_other(location: &str, from: &HeaderMap) -> Response {
    let mut response = Redirect::to(location).into_response();
    for name in [header::SET_COOKIE, HeaderName::from_static("clear-site-data")] {
        for value in from.get_all(&name) {
            response.headers_mut().append(&name, value.clone());
        }
    }
    response
}

async fn read_error(response: Response) -> Result<Error> {
    let bytes = read_body(response.into_body()).await?;
    serde_json::from_slice(&bytes).map(Error::translated).map_err(Error::internal)
}

/// leptos answers every error with status 500; the code of the error has the right one.
async fn with_status(response: Response) -> Result<Response> {
    let name = response.headers().get(ERROR_HEADER).cloned();
    let mut answer = json_response(&read_error(response).await?);
    // The browser recognizes an error by this header.
    if let Some(name) = name {
        answer.headers_mut().insert(ERROR_HEADER, name);
    }
    Ok(answer)
}

impl FromRequestParts<AppState> for FormErrors {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self::read(&*app.auth, parts.uri.path(), parts.uri.query()))
    }
}
