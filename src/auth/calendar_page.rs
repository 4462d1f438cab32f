//! `/settings/calendar`: the secret link at which calendar apps find due dates.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

use super::PageUser;
use crate::ui::{
    copy::copy_script,
    error_page::PageError,
    forms::rejected_form,
    shell::{Page, render},
};
use tallyboard_base::http::read_body;
use tallyboard_core::{
    app::AppState,
    auth::{attempts, extract::public_url},
};
use tallyboard_model::{language::t, paths};

/// The name of the field with the password, in the form on the page of settings.
pub const PASSWORD: &str = "calendar_password";

#[derive(Default, Deserialize)]
struct CalendarForm {
    calendar_password: Option<String>,
}

/// `POST /settings/calendar`: creates a new link and ends the previous one. Only this answer has the secret, so the
/// browser is not sent on to another page.
pub async fn renew(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    request: Request,
) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    let text = read_body(body).await?;
    let CalendarForm { calendar_password } = serde_urlencoded::from_bytes(&text).unwrap_or_default();
    if let Err(error) = attempts::check_recent_password(&app, &user, calendar_password, PASSWORD).await {
        return Ok(Redirect::to(&rejected_form(&*app.auth, paths::SETTINGS, &error, Vec::new())).into_response());
    }
    let created = app.auth.renew_calendar_token(&user).await?;
    let address = format!("{}{}", public_url(&app, &parts.headers), paths::calendar(&created.token));
    let page = Page::of(&app, &user, "Calendar").under("Settings");
    let body = move || {
        view! {
            <p class="back"><a href=paths::SETTINGS>{t("Settings")}</a></p>
            <h1>{t("Your tasks in a calendar")}</h1>
            <div class="settings">
                <section class="card">
                    <h2>{t("The address")}</h2>
                    <p role="status">{t("Copy it now: it won't be shown again. Your previous link no longer works.")}</p>
                    <pre class="code token" data-copy=t("the address") tabindex="0" aria-label=t("The address")>{address}</pre>
                    <p>{t("In your calendar program, subscribe to it: ")}<em>{t("From URL")}</em>{t(" in Google Calendar, ")}
                        <em>{t("New Calendar Subscription")}</em>{t(" on a Mac or an iPhone, ")}<em>{t("On the Network")}</em>{t(" in Thunderbird. Each pending task appears on its due date.")}</p>
                    <p class="hint">{t("Anyone with the link can see your due tasks and nothing else. To stop that, revoke ")}
                        <em>{t("Calendar")}</em>{t(" in ")}<a href=format!("{}#tokens", paths::SETTINGS)>{t("Settings")}</a>"."</p>
                </section>
            </div>
            {copy_script()}
        }
    };
    Ok(render(&app.assets, page, body))
}
