//! The settings: profile, password, sessions, deleting the account.

use std::sync::LazyLock;

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{
    PageUser, Session,
    app_views::app_section,
    calendar_page,
    token_views::token_section,
    views::{AGAIN, password_again},
};
use crate::{
    app::AppState,
    calendar::Calendar,
    chat::answers,
    db::now,
    paths,
    ui::{
        error_page::PageError,
        field::Field,
        forms::FormErrors,
        script::{compact, inline_script},
        shell::render,
        upload::upload_progress,
    },
};

/// `/settings`
pub async fn settings(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let me = app.auth.me(&user).await?;
    let sessions = app.auth.all_sessions(&user).await?;
    let tokens = app.auth.all_tokens(&user).await?;
    let today = Calendar::at(now(), user.time_zone()).today().start;
    let tokens_today = app.db.scope(&user).read(|scope| Box::pin(answers::tokens_since(scope, today))).await?;
    let usage = app.model.is_some().then(|| usage_note(tokens_today, app.config.assistant.daily_tokens_per_user));
    let apps = app.auth.apps(&user).await?;
    let provider = match &app.identity_provider {
        Some(provider) if app.auth.has_identity(&user).await? => Some(provider.name().to_owned()),
        _ => None,
    };
    let page = user.page("Settings");
    let needs_password = user.needs_password_again();
    let body = move || {
        let saved = errors.input("saved").map(|what| match what.as_str() {
            "profile" => "Your profile is saved.",
            "password" => "Your password is changed; every other session is over.",
            "token" => "The token is revoked: what used it is out.",
            "app" => "The app is no longer connected.",
            "identity" => "Your password alone signs you in now.",
            _ => "The session is over.",
        });
        let typed = |name: &str, stored: &str| Some(errors.input(name).unwrap_or_else(|| stored.to_owned()));
        view! {
            <h1>"Settings"</h1>
            {saved.map(|text| view! { <p class="success" role="status">{text}</p> })}
            {errors.headline()}
            <div class="settings">
                <section class="card">
                    <h2>"Profile"</h2>
                    <form method="post" action="/api/ui/update_me">
                        <Field
                            name="name"
                            label="Name"
                            autocomplete="name"
                            value=typed("name", &me.name)
                            error=errors.field("name")
                        />
                        <Field
                            name="email"
                            label="Email"
                            kind="email"
                            autocomplete="username"
                            value=typed("email", &me.email)
                            error=errors.field("email")
                        />
                        <Field
                            name="time_zone"
                            label="Time zone"
                            value=typed("time_zone", &me.time_zone)
                            error=errors.field("time_zone")
                            hint="Where your days begin; type to search, for example Berlin"
                            choices="time-zones"
                        />
                        <datalist id="time-zones" inner_html=time_zones()></datalist>
                        {needs_password.then(|| email_password(&errors))}
                        <button class="button">"Save"</button>
                    </form>
                    <p><a href=paths::NOTIFICATION_SETTINGS>"What you are told"</a></p>
                </section>
                <section class="card">
                    <h2>"Password"</h2>
                    <form method="post" action="/api/ui/change_password">
                        <Field
                            name="current_password"
                            label="Current password"
                            kind="password"
                            autocomplete="current-password"
                            error=errors.field("current_password")
                        />
                        <Field
                            name="new_password"
                            label="New password"
                            kind="password"
                            autocomplete="new-password"
                            error=errors.field("new_password")
                            hint="Every other session ends"
                        />
                        <button class="button">"Change the password"</button>
                    </form>
                    <p><a href=paths::TWO_STEP>"Two-step sign-in"</a></p>
                    {provider.clone().map(|name| identity_form(&name, needs_password, &errors))}
                </section>
                <section class="card">
                    <h2>"Sessions"</h2>
                    <ul class="sessions">{sessions.iter().map(session_row).collect_view()}</ul>
                    <p><a href=paths::ACTIVITY>"What happened in this account"</a></p>
                </section>
                <section class="card" id="keyboard" hidden>
                    <h2>"Keyboard"</h2>
                    <div class="choices">
                        <label><input type="checkbox" aria-describedby="keyboard-note" /> "Single keys act"</label>
                    </div>
                    <p class="hint" id="keyboard-note">"In this browser: n for a new task, j and k to move, and the others that ? lists.
                        Turn it off when you speak to your computer, or when keys act that you did not mean."</p>
                    {inline_script(&KEYBOARD)}
                </section>
                {app_section(&apps)}
                {token_section(needs_password, &tokens, &errors)}
                {usage.clone().map(|usage| view! {
                    <section class="card">
                        <h2>"The assistant in Chat"</h2>
                        <p>{usage}</p>
                    </section>
                })}
                <section class="card">
                    <h2>"Take your data along"</h2>
                    <p>"All that is yours, at any time: "<a href="/api/export?format=json" download>"everything as JSON"</a>", "
                        <a href="/api/export?format=csv" download>"tasks as CSV"</a>" for a spreadsheet, "
                        <a href="/api/export?format=ics" download>"due days as iCalendar"</a>"."</p>
                    <h3>"In your calendar"</h3>
                    <form method="post" action=paths::CALENDAR_ADDRESS>
                        <p>"A secret address at which calendar programs find the days on which your tasks are due."</p>
                        {needs_password.then(|| password_again(calendar_page::PASSWORD, &errors))}
                        <button class="quiet">"Make a new address"</button>
                    </form>
                    <h3>"Bring tasks here"</h3>
                    <form method="post" action=paths::IMPORT enctype="multipart/form-data">
                        <div class="field">
                            <label for="file">"A file"</label>
                            <input id="file" name="file" type="file" accept=".json,.csv,.zip" required aria-describedby="file-note" />
                            <p class="hint" id="file-note">"The JSON of an export, Todoist's backup, the zip file of Vikunja's
                                export, or a table (CSV): you say what its columns mean. What is here already is not added again."</p>
                        </div>
                        <button class="quiet" name="dry_run" value="true">"Show what would come"</button>
                        " "
                        <button class="button">"Import"</button>
                    </form>
                    {upload_progress()}
                </section>
                <section class="card danger">
                    <h2>"Delete the account"</h2>
                    <p>"All your tasks, shares and conversations go with it, at once and for good. Teams that you own pass to
                        their longest-standing admin or member."</p>
                    <form method="post" action="/api/ui/delete_me">
                        <Field
                            name="password"
                            label="Password, to confirm"
                            kind="password"
                            autocomplete="current-password"
                            error=errors.field("password")
                        />
                        <button class="button destructive">"Delete everything"</button>
                    </form>
                </section>
            </div>
        }
    };
    Ok(render(&app.assets, request, page, body).await)
}

/// Without script no key acts, and there is nothing to choose.
static KEYBOARD: LazyLock<String> = LazyLock::new(|| compact(include_str!("keyboard.js")));

/// Ends that the provider signs the user in.
fn identity_form(provider: &str, needs_password: bool, errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <h3>{format!("Sign-in with {provider}")}</h3>
        <form method="post" action="/api/ui/disconnect_identity">
            <p>{provider.to_owned()}" signs you in."</p>
            {needs_password.then(|| password_again("identity_password", errors))}
            <button class="quiet">"Disconnect"</button>
        </form>
    }
}

/// The password that another email address needs; a new name needs none.
fn email_password(errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <Field
            name="profile_password"
            label="Your password, for another email"
            kind="password"
            autocomplete="current-password"
            error=errors.field("profile_password")
            hint=AGAIN
            optional=true
        />
    }
}

/// How much of the model the user has used today.
fn usage_note(used: i64, limit: i64) -> String {
    match limit {
        0 => format!("{used} tokens used today."),
        limit => format!("{used} of {limit} tokens used today. Your day ends at midnight in your time zone."),
    }
}

fn session_row(session: &Session) -> impl IntoView + use<> {
    let agent = session.user_agent.clone().unwrap_or_else(|| "Unknown client".to_owned());
    let seen = session.last_seen_at.format("%Y-%m-%d %H:%M UTC").to_string();
    let id = session.id.to_string();
    view! {
        <li>
            <div>
                <p class="session-agent">{agent}</p>
                <p class="hint">"Last seen "{seen}</p>
            </div>
            {if session.current {
                view! { <span class="badge">"This one"</span> }.into_any()
            } else {
                view! {
                    <form method="post" action="/api/ui/revoke_session">
                        <input type="hidden" name="id" value=id />
                        <button class="quiet">"End"</button>
                    </form>
                }
                .into_any()
            }}
        </li>
    }
}

/// Every time zone as an `<option>`. Names of zones have nothing to escape.
fn time_zones() -> String {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| format!("<option value=\"{}\">", zone.name())).collect()
}
