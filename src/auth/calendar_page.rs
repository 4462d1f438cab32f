//! The secret link at which calendar apps find due dates.

use axum::{http::HeaderMap, response::Response};
use leptos::prelude::*;

use crate::ui::{
    copy::copy_script,
    forms::Form,
    shell::{Page, render},
};
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, attempts, extract::public_url},
};
use tallyboard_model::{error::Result, language::t, paths};

/// The name of the field with the password, in the form on the page of settings.
pub const PASSWORD: &str = "calendar_password";

/// Creates a new link and ends the previous one. Only this answer has the secret, so the browser is not sent on to
/// another page.
pub async fn renew(app: &AppState, user: &AuthenticatedUser, headers: &HeaderMap, form: &Form) -> Result<Response> {
    attempts::check_recent_password(app, user, form.option(PASSWORD), PASSWORD).await?;
    let created = app.auth.renew_calendar_token(user).await?;
    let address = format!("{}{}", public_url(app, headers), paths::calendar(&created.token));
    let page = Page::of(app, user, "Calendar").under("Settings");
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
