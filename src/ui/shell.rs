//! Renders a page: the document around its content, and the headers that belong to it.

use std::{sync::Arc, time::Instant};

use axum::{extract::Request, http::header, response::Response};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;

use super::{assets::Assets, layout::Layout, policy};
use crate::{language, request_log};

pub use super::layout::Page;

/// Renders a page completely before it is sent, so that it is readable without any script.
pub async fn render<V: IntoView + 'static>(
    assets: &Assets,
    request: Request,
    page: Page,
    body: impl Fn() -> V + Send + Sync + 'static,
) -> Response {
    // The type of a page is erased here: otherwise it would be part of every type around it.
    render_any(assets.clone(), request, page, Arc::new(move || body().into_any())).await
}

async fn render_any(
    assets: Assets,
    request: Request,
    page: Page,
    body: Arc<dyn Fn() -> AnyView + Send + Sync>,
) -> Response {
    let shell = move || {
        send_policy();
        let (assets, page, body) = (assets.clone(), page.clone(), body.clone());
        view! { <Layout assets page>{body()}</Layout> }.into_any()
    };
    let started = Instant::now();
    // leptos renders in a task of its own.
    let language = language::current();
    let context = move || provide_context(language);
    let response = leptos_axum::render_app_async_with_context(context, shell)(request).await;
    request_log::add_rendering_time(started.elapsed());
    response
}

fn send_policy() {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    if let (Some(response), Some(policy)) = (use_context::<ResponseOptions>(), policy::with_nonce(&nonce)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
