//! The dashboard: rendered with its numbers in it, then alive.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::cards::DashboardCards;
use crate::app::{App, Page, PageUser, render};

/// Longer than this the page does not wait: it comes with skeletons and asks for itself.
const PATIENCE: Duration = Duration::from_millis(400);

/// `/dashboard`
pub async fn dashboard(State(app): State<App>, PageUser(user): PageUser, request: Request) -> Response {
    let counting = tokio::time::timeout(PATIENCE, app.counts.dashboard(&user));
    let initial = counting.await.ok().and_then(Result::ok);
    let poll_seconds = app.config.dashboard.poll_seconds;
    let page = Page { title: "Dashboard", user: Some(user), islands: true };
    render(&app, request, page, move || {
        let initial = initial.clone();
        view! { <DashboardCards initial poll_seconds /> }
    })
    .await
}

/// `/`: the dashboard itself.
pub async fn home(state: State<App>, user: PageUser, request: Request) -> Response {
    dashboard(state, user, request).await
}
