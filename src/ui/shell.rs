//! Renders a page: the document around its content, and the headers that belong to it.

use std::time::Instant;

use axum::{
    http::header,
    response::{Html, IntoResponse, Response},
};
use leptos::{
    nonce::{provide_nonce, use_nonce},
    prelude::*,
};

use super::{layout::Layout, policy};
use tallyboard_base::request_log;
use tallyboard_core::assets::Assets;

pub use super::{
    header::{Account, chat_label},
    layout::Page,
};

/// Renders a page completely before it is sent, so that it is readable without any script. leptos' own renderer would copy
/// it several times, for parts that arrive later; no page has any.
pub fn render<V: IntoView + 'static>(
    assets: &Assets,
    page: Page,
    body: impl FnOnce() -> V + Send + 'static,
) -> Response {
    // The type of a page is erased here: otherwise it would be part of every type around it.
    render_any(assets.clone(), page, Box::new(move || body().into_any()))
}

fn render_any(assets: Assets, page: Page, body: Box<dyn FnOnce() -> AnyView + Send>) -> Response {
    let started = Instant::now();
    let (html, policy) = Owner::new_root(None).with(|| {
        provide_nonce();
        let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
        let html = view! { <Layout assets page>{body()}</Layout> }.to_html();
        (html, policy::with_nonce(&nonce))
    });
    request_log::add_rendering_time(started.elapsed());
    let mut response = Html(html).into_response();
    if let Some(policy) = policy {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
