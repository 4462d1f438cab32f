//! Errors as pages. Plain HTML without leptos, because rendering may be what failed.

use std::sync::OnceLock;

use axum::{
    http::header,
    response::{Html, IntoResponse, Response},
};

use super::{icons::Icon, policy};
use tallyboard_model::{
    error::{Error, add_headers},
    html::escape,
    language::{self, t},
    paths,
};

/// The address of the stylesheet, for error pages that are made without the server's state.
pub static STYLESHEET: OnceLock<String> = OnceLock::new();

/// An error that is answered with a page.
pub struct PageError(pub Error);

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let status = self.0.code.status();
        let error = self.0.translated();
        let language = language::current();
        let stylesheet = STYLESHEET.get().map_or("", String::as_str);
        let detail = error.detail.as_deref().unwrap_or(t("Go back and try again."));
        let html = format!(
            "<!DOCTYPE html><html lang=\"{tag}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title} · Tallyboard</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
             <link rel=\"stylesheet\" href=\"{stylesheet}\"></head>\
             <body><header class=\"site-header\"><div class=\"site-bar\"><a class=\"brand\" href=\"{home}\">{logo}\
             <span translate=\"no\">Tallyboard</span></a></div></header><main class=\"notice\"><h1>{title}</h1><p>{detail}</p>\
             <p><a class=\"button\" href=\"{home}\">{to_dashboard}</a></p></main></body></html>",
            tag = language.tag(),
            direction = language.direction(),
            to_dashboard = t("Go to dashboard"),
            title = escape(&error.message),
            detail = escape(detail),
            home = paths::HOME,
            logo = Icon::Logo.html(),
        );
        let mut response =
            (status, [(header::CONTENT_SECURITY_POLICY, policy::WITHOUT_SCRIPTS)], Html(html)).into_response();
        add_headers(error.code, response.headers_mut());
        response
    }
}

/// The page for an unknown address.
pub fn page_not_found() -> Response {
    PageError(Error::not_found("Page").detail("There is nothing at this address.")).into_response()
}
