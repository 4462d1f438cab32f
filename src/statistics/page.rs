//! The dashboard: rendered with its numbers, then kept up to date by an island.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::island::DashboardCards;
use crate::{
    app::AppState,
    auth::PageUser,
    ui::shell::{Page, render},
};

/// After this the page is sent without numbers: the island shows skeletons and fetches them.
const COUNT_TIMEOUT: Duration = Duration::from_millis(400);

/// `/dashboard`
pub async fn dashboard(State(app): State<AppState>, PageUser(user): PageUser, request: Request) -> Response {
    let counting = tokio::time::timeout(COUNT_TIMEOUT, app.statistics.dashboard(&user));
    let initial = counting.await.ok().and_then(Result::ok);
    let poll_seconds = app.config.dashboard.poll_seconds;
    let page = Page { title: "Dashboard", user_name: Some(user.name().to_owned()), islands: true };
    render(&app.assets, request, page, move || {
        let initial = initial.clone();
        view! { <DashboardCards initial poll_seconds /> }
    })
    .await
}

/// `/`: the dashboard itself.
pub async fn home(state: State<AppState>, user: PageUser, request: Request) -> Response {
    dashboard(state, user, request).await
}
