//! The dashboard: rendered with its numbers, then kept up to date by an island.

use std::{sync::LazyLock, time::Duration};

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;

use super::{DEFAULT_RANGE, RANGES, island::DashboardCards};
use crate::{
    app::AppState,
    auth::PageUser,
    error::Code,
    http::parse_query,
    language::{t, t_with},
    paths,
    ui::{
        error_page::PageError,
        forms::only,
        script::{compact, inline_script},
        shell::render,
    },
};

/// After this the page is sent without numbers: the island shows skeletons and fetches them.
const COUNT_TIMEOUT: Duration = Duration::from_millis(400);

/// The key `f` loads what shows the numbers alone, on the whole screen, which stays awake and is dimmed at night.
static KIOSK_SCRIPT: LazyLock<String> = LazyLock::new(|| compact(include_str!("kiosk.js")));

#[derive(Deserialize)]
struct DashboardQuery {
    /// The range of the trend.
    days: Option<u32>,
}

/// `/dashboard`, with `?days=` another range, with `?kiosk` the numbers alone.
pub async fn dashboard(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    request: Request,
) -> Result<Response, PageError> {
    let query = request.uri().query().unwrap_or_default();
    let days = parse_query::<DashboardQuery>(&only(query, &["days"]))?.days.unwrap_or(DEFAULT_RANGE);
    let is_kiosk = query.split('&').any(|part| part.split('=').next() == Some("kiosk"));
    let counting = tokio::time::timeout(COUNT_TIMEOUT, app.statistics.dashboard(&user, Some(days)));
    let initial = match counting.await {
        // No such range: asking again would not help.
        Ok(Err(error)) if error.code == Code::ValidationError => return Err(error.into()),
        counted => counted.ok().and_then(Result::ok),
    };
    let poll_seconds = app.config.dashboard.poll_seconds;
    let page = user.page("Dashboard").with_islands();
    let body = move || {
        let initial = initial.clone();
        view! {
            <div class="dashboard" data-kiosk=is_kiosk.then_some("")>
                <DashboardCards initial poll_seconds days trend_head=trend_head(days) />
                <p class="dashboard-links">
                    <a href=paths::REVIEW>{t("Weekly review")}</a>
                    <a href=paths::GOALS>{t("Goals")}</a>
                    <button id="kiosk" class="quiet" type="button" title=t("Full screen (f)") hidden>
                        {if is_kiosk { t("Leave full screen") } else { t("Full screen") }}
                    </button>
                </p>
                {inline_script(&KIOSK_SCRIPT)}
            </div>
        }
    };
    Ok(render(&app.assets, request, page, body).await)
}

/// The heading of the trend, with links to the other ranges.
fn trend_head(shown: u32) -> String {
    let link = |days: u32| {
        let label = t_with("{n} days", &[("n", &days)]);
        let current = if days == shown { " aria-current=true" } else { "" };
        format!("<a href=\"{}?days={days}\" aria-label=\"{label}\"{current}>{days}</a>", paths::DASHBOARD)
    };
    let links = RANGES.map(link).join("");
    let heading = t_with("The last {days} days", &[("days", &shown)]);
    format!("<h2>{heading}</h2><nav class=ranges aria-label=\"{}\">{links}</nav>", t("Days to show"))
}

/// `/`: the dashboard itself.
pub async fn home(state: State<AppState>, user: PageUser, request: Request) -> Result<Response, PageError> {
    dashboard(state, user, request).await
}
