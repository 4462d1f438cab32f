//! The dashboard: rendered with its numbers, then kept up to date by an island.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;

use super::{
    island::{DashboardUpdates, PageState, part},
    views::dashboard_view,
};
use crate::{
    auth::PageUser,
    scripts::{self, inline_script},
    ui::{
        error_page::PageError,
        forms::only,
        shell::{Page, render},
    },
};
use tallyboard_base::http::parse_query;
use tallyboard_core::{app::AppState, live::Listening};
use tallyboard_model::{
    error::{Code, Error},
    html::json_in_script,
    language::t,
    paths,
    statistics::DEFAULT_RANGE,
};

/// After this the page is sent without numbers: the island shows skeletons and fetches them.
const COUNT_TIMEOUT: Duration = Duration::from_millis(400);

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
    let state = PageState { shown: initial, poll_seconds: app.config.dashboard.poll_seconds.into(), days: days.into() };
    let json = json_in_script(&state).map_err(Error::internal)?;
    let is_pooled = app.hub.listening() == Listening::NotPossible;
    let hint = is_pooled.then(|| {
        t("Changes made on other servers show within seconds. To see them at once, an administrator sets database.direct_url")
    });
    let page = Page::of(&app, &user, "Dashboard").with_islands();
    let body = move || {
        view! {
            <div class="dashboard" data-kiosk=is_kiosk.then_some("")>
                <script type="application/json" id=part::PAGE_STATE>{json}</script>
                {dashboard_view(state.shown.as_ref(), days, hint)}
                <p class="dashboard-links">
                    <a href=paths::REVIEW>{t("Weekly review")}</a>
                    <a href=paths::GOALS>{t("Goals")}</a>
                    <button id="kiosk" class="quiet" type="button" title=t("Full screen (f)") hidden>
                        {if is_kiosk { t("Leave full screen") } else { t("Full screen") }}
                    </button>
                </p>
                {inline_script(&scripts::KIOSK_BUTTON)}
                <DashboardUpdates />
            </div>
        }
    };
    Ok(render(&app.assets, page, body))
}

/// `/`: the dashboard itself.
pub async fn home(state: State<AppState>, user: PageUser, request: Request) -> Result<Response, PageError> {
    dashboard(state, user, request).await
}
