//! The layers around the server functions, which islands call, and around the pages, to which forms post without script.

use std::future::Future;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use leptos::{prelude::provide_context, server_fn::axum::server_fn_paths};
use tower::ServiceExt;

use crate::ui::{
    error_page::PageError,
    forms::{Form, Refused, accepted_form, refused_page, see_other},
};
use tallyboard_base::{
    http::{media_type, read_body},
    request_log,
};
use tallyboard_core::{app::AppState, auth::check_same_origin};
use tallyboard_model::{
    error::{Error, Result, json_response},
    paths,
};

/// The header with which leptos marks a failed server function's answer.
const ERROR_HEADER: &str = "serverfnerror";
/// How browsers send a form without files.
const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Calls the server function of the path.
pub async fn handle(State(app): State<AppState>, mut request: Request) -> Response {
    // leptos would send a browser back to the page that it came from.
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let context = move || provide_context(app.clone());
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

/// The layer around the server functions: it checks the origin, and gives errors their HTTP status.
pub async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    call(app, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn call(app: AppState, request: Request, next: Next) -> Result<Response> {
    let is_read = request.method().is_safe();
    // leptos has no protection against forms of other sites.
    if !is_read {
        check_same_origin(&app, request.headers())?;
    }
    let (parts, body) = request.into_parts();
    let body = read_body(body).await?;
    let work = next.run(Request::from_parts(parts, Body::from(body)));
    let response = if is_read { work.await } else { to_the_end(work).await? };
    let Some(mark) = response.headers().get(ERROR_HEADER).cloned() else { return known(response) };
    // leptos answers every error with status 500; the code of the error has the right one.
    let mut answer = json_response(&read_error(response).await?);
    // The browser recognizes an error by this header.
    answer.headers_mut().insert(ERROR_HEADER, mark);
    Ok(answer)
}

/// In its own task: the work of somebody who leaves the page would end with the connection.
async fn to_the_end(work: impl Future<Output = Response> + Send + 'static) -> Result<Response> {
    request_log::spawn(work).await.map_err(Error::internal)
}

/// leptos answers 400 where there is no such function.
fn known(response: Response) -> Result<Response> {
    if response.status() == StatusCode::BAD_REQUEST { Err(Error::not_found("Server function")) } else { Ok(response) }
}

async fn read_error(response: Response) -> Result<Error> {
    let bytes = read_body(response.into_body()).await?;
    serde_json::from_slice(&bytes).map(Error::translated).map_err(Error::internal)
}

/// What the layer around the pages needs.
#[derive(Clone)]
pub struct Forms {
    /// The server's state.
    pub app: AppState,
    /// The pages, to show one after its form was refused.
    pub pages: Router,
}

/// The layer around the pages: it gives the form that was posted to the page's handler, or to the server function that islands
/// call for the same. A refused form is answered with its page, the errors and what was typed.
pub async fn form_layer(State(forms): State<Forms>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || media_type(request.headers()) != FORM_TYPE {
        return next.run(request).await;
    }
    submit(forms, request, next).await.unwrap_or_else(|error| PageError(error).into_response())
}

async fn submit(Forms { app, pages }: Forms, request: Request, next: Next) -> Result<Response> {
    check_same_origin(&app, request.headers())?;
    let (mut parts, body) = request.into_parts();
    let body = read_body(body).await?;
    let form = Form::read(&body);
    let page = page_request(&parts);
    parts.extensions.insert(form.clone());
    let request = Request::from_parts(parts, Body::from(body));
    let work = match server_function(form.name()) {
        Some(path) => call_for_form(app, path, request).boxed(),
        None => next.run(request).boxed(),
    };
    let mut response = to_the_end(work).await?;
    match Refused::take(&mut response) {
        Some(error) => {
            let page = pages.oneshot(page).map(|shown| shown.unwrap_or_else(|never| match never {}));
            Ok(refused_page(form, error.translated(), page).await)
        }
        None => Ok(response),
    }
}

/// The request that shows the page, to be routed once more.
fn page_request(posted: &Parts) -> Request {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = posted.uri.clone();
    *request.headers_mut() = posted.headers.clone();
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        request.headers_mut().remove(name);
    }
    request
}

/// The path of the server function that a form names, if there is one.
fn server_function(name: &str) -> Option<&'static str> {
    let mut posted = server_fn_paths().filter(|(_, method)| method == Method::POST);
    posted.find(|(path, _)| path.strip_prefix(paths::SERVER_FUNCTIONS) == Some(name)).map(|(path, _)| path)
}

async fn call_for_form(app: AppState, path: &'static str, mut request: Request) -> Response {
    let page = std::mem::replace(request.uri_mut(), Uri::from_static(path));
    let response = handle(State(app), request).await;
    if !response.headers().contains_key(ERROR_HEADER) {
        return see_other(&accepted_form(&page));
    }
    let error = read_error(response).await.unwrap_or_else(|error| error);
    Refused::from(error).into_response()
}
