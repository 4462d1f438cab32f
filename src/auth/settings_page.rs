//! The settings: profile, password, sessions, deleting the account.

use axum::{extract::State, response::Response};
use chrono_tz::Tz;
use leptos::prelude::*;

use super::{
    PageUser,
    app_views::app_section,
    calendar_page,
    token_views::token_section,
    views::{AGAIN, password_again},
};
use crate::{
    scripts::{self, inline_script},
    ui::{
        error_page::PageError,
        field::Field,
        forms::FormErrors,
        shell::{Page, render},
        upload::upload_progress,
    },
};
use tallyboard_core::{app::AppState, chat::answers};
use tallyboard_model::{
    auth::Session,
    language::{Language, LanguageChoice, t, t_with, to_the_minute},
    paths,
};

/// `/settings`
pub async fn settings(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let me = app.auth.me(&user).await?;
    let sessions = app.auth.all_sessions(&user).await?;
    let tokens = app.auth.all_tokens(&user).await?;
    let used = app.db.scope(&user).read(|scope| Box::pin(answers::tokens_of_last_day(scope))).await?;
    let used = used.into_iter().map(|(_, tokens)| tokens).sum();
    let usage = app.model.is_some().then(|| usage_note(used, app.config.assistant.daily_tokens_per_user));
    let apps = app.auth.apps(&user).await?;
    let provider = match &app.identity_provider {
        Some(provider) if app.auth.has_identity(&user).await? => Some(provider.name().to_owned()),
        _ => None,
    };
    let page = Page::of(&app, &user, "Settings");
    let needs_password = user.needs_password_again();
    let zone = user.time_zone();
    let body = move || {
        let saved = errors.input("saved").map(|what| match what.as_str() {
            "profile" => t("Your profile is saved."),
            "password" => t("Your password is changed, and you're signed out everywhere else."),
            "everything" => t("Your password is changed. All other sessions, personal tokens, connected apps, passkeys, linked sign-ins and the calendar link have ended."),
            "confirmation" => t("The email is on its way. Check your spam folder too."),
            "token" => t("Token revoked. Anything that used it has lost access."),
            "app" => t("The app is no longer connected."),
            "identity" => t("Your password is now enough to sign in."),
            _ => t("This session has ended."),
        });
        let typed_language =
            LanguageChoice::ALL.into_iter().find(|choice| errors.is_chosen("language", choice.as_str()));
        let typed = |name: &str, stored: &str| Some(errors.input(name).unwrap_or_else(|| stored.to_owned()));
        view! {
            <h1>{t("Settings")}</h1>
            {saved.map(|text| view! { <p class="success" role="status">{text}</p> })}
            {errors.headline()}
            <div class="settings">
                <section class="card">
                    <h2>{t("Profile")}</h2>
                    <form method="post">
                        <input type="hidden" name="form" value="update_me" />
                        <Field
                            name="name"
                            label=t("Name")
                            autocomplete="name"
                            value=typed("name", &me.name)
                            error=errors.field("name")
                        />
                        <Field
                            name="email"
                            label=t("Email")
                            kind="email"
                            autocomplete="username"
                            value=typed("email", &me.email)
                            error=errors.field("email")
                        />
                        <Field
                            name="time_zone"
                            label=t("Time zone")
                            value=typed("time_zone", &me.time_zone)
                            error=errors.field("time_zone")
                            hint=t("Your days start at midnight here. Type to search, for example Berlin")
                            choices="time-zones"
                        />
                        <datalist id="time-zones" inner_html=time_zones()></datalist>
                        <div class="field">
                            <label for="language">{t("Language")}</label>
                            <select id="language" name="language">{language_options(typed_language.unwrap_or(me.language))}</select>
                        </div>
                        {needs_password.then(|| email_password(&errors))}
                        <button class="button">{t("Save")}</button>
                    </form>
                    <p><a href=paths::NOTIFICATION_SETTINGS>{t("Notifications")}</a></p>
                </section>
                <section class="card">
                    <h2>{t("Password")}</h2>
                    <form method="post">
                        <input type="hidden" name="form" value="change_password" />
                        <Field
                            name="current_password"
                            label=t("Current password")
                            kind="password"
                            autocomplete="current-password"
                            error=errors.field("current_password")
                        />
                        <Field
                            name="new_password"
                            label=t("New password")
                            kind="password"
                            autocomplete="new-password"
                            error=errors.field("new_password")
                            hint=t("You'll be signed out everywhere else")
                        />
                        {end_all_box(&errors)}
                        <button class="button">{t("Change the password")}</button>
                    </form>
                    <p><a href=paths::TWO_STEP>{t("Two-step sign-in")}</a></p>
                    <p><a href=paths::PASSKEYS>{t("Passkeys")}</a></p>
                    {provider.map(|name| identity_form(&name, needs_password, &errors))}
                </section>
                <section class="card">
                    <h2>{t("Sessions")}</h2>
                    <ul class="sessions">{sessions.iter().map(|session| session_row(session, zone)).collect_view()}</ul>
                    <p><a href=paths::ACTIVITY>{t("Account activity")}</a></p>
                    <p><a href=paths::BLOCKS>{t("Blocked people")}</a></p>
                </section>
                <section class="card" id="keyboard" hidden>
                    <h2>{t("Keyboard")}</h2>
                    <div class="choices">
                        <label><input type="checkbox" aria-describedby="keyboard-note" /> {t("Keyboard shortcuts")}</label>
                    </div>
                    <p class="hint" id="keyboard-note">{t("For this browser: n adds a task, j and k move between tasks, ? lists them all. Turn off if you use voice control or trigger shortcuts by accident.")}</p>
                    {inline_script(&scripts::SINGLE_KEYS)}
                </section>
                {app_section(&apps)}
                {token_section(needs_password, &tokens, &errors)}
                {usage.map(|usage| view! {
                    <section class="card">
                        <h2>{t("The assistant in Chat")}</h2>
                        <p>{usage}</p>
                    </section>
                })}
                <section class="card">
                    <h2>{t("Export")}</h2>
                    <p>{t("Download all your data at any time: ")}<a href="/api/export?format=json" download>{t("everything as JSON")}</a>", "
                        <a href="/api/export?format=csv" download>{t("tasks as CSV")}</a>{t(" for a spreadsheet, ")}
                        <a href="/api/export?format=ics" download>{t("due days as iCalendar")}</a>"."</p>
                    <h3>{t("In your calendar")}</h3>
                    <form method="post">
                        <input type="hidden" name="form" value="renew_calendar" />
                        <p>{t("A secret link that shows your due tasks in a calendar app.")}</p>
                        {needs_password.then(|| password_again(calendar_page::PASSWORD, &errors))}
                        <button class="quiet">{t("Create calendar link")}</button>
                    </form>
                    <h3>{t("Import")}</h3>
                    <form method="post" action=paths::IMPORT enctype="multipart/form-data">
                        <div class="field">
                            <label for="file">{t("A file")}</label>
                            <input id="file" name="file" type="file" accept=".json,.csv,.zip" required aria-describedby="file-note" />
                            <p class="hint" id="file-note">{t("A JSON export from Tallyboard, Trello, Google Tasks or Asana, a zip file from Todoist or Vikunja, or a CSV table whose columns you map. Tasks you already have are skipped.")}</p>
                        </div>
                        <button class="quiet" name="dry_run" value="true">{t("Preview")}</button>
                        " "
                        <button class="button">{t("Import")}</button>
                    </form>
                    {upload_progress()}
                </section>
                <section class="card danger">
                    <h2>{t("Delete the account")}</h2>
                    <p>{t("Deleting your account permanently deletes all your tasks, shares and conversations. Teams you own pass to their longest-standing admin or member.")}</p>
                    <form method="post">
                        <input type="hidden" name="form" value="delete_me" />
                        <Field
                            name="password"
                            label=t("Password, to confirm")
                            kind="password"
                            autocomplete="current-password"
                            error=errors.field("password")
                        />
                        <button class="button destructive">{t("Delete everything")}</button>
                    </form>
                </section>
            </div>
        }
    };
    Ok(render(&app.assets, page, body))
}

/// Whether a new password ends everything else, too: ticked, until somebody has unticked it.
fn end_all_box(errors: &FormErrors) -> impl IntoView + use<> {
    let errors = errors.of("change_password");
    let is_ticked = !errors.is_refused() || errors.is_chosen("end_all", "true");
    view! {
        <div class="choices">
            <label>
                <input type="checkbox" name="end_all" value="true" checked=is_ticked aria-describedby="end-all-note" />
                " "{t("Sign out everything else")}
            </label>
        </div>
        <p class="hint" id="end-all-note">{t("Personal tokens, connected apps, passkeys, linked sign-ins and the calendar link. Two-step sign-in stays on.")}</p>
    }
}

/// Ends that the provider signs the user in.
fn identity_form(provider: &str, needs_password: bool, errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <h3>{t_with("Sign-in with {provider}", &[("provider", &provider)])}</h3>
        <form method="post">
            <input type="hidden" name="form" value="disconnect_identity" />
            <p>{provider.to_owned()}{t(" signs you in.")}</p>
            {needs_password.then(|| password_again("identity_password", errors))}
            <button class="quiet">{t("Disconnect")}</button>
        </form>
    }
}

/// The password that another email address needs; a new name needs none.
fn email_password(errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <Field
            name="profile_password"
            label=t("Your password, to change your email")
            kind="password"
            autocomplete="current-password"
            error=errors.field("profile_password")
            hint=t(AGAIN)
            optional=true
        />
    }
}

/// The user's token usage today.
fn usage_note(used: i64, limit: i64) -> String {
    match limit {
        0 => t_with("{used} tokens used in the last 24 hours.", &[("used", &used)]),
        limit => t_with("{used} of {limit} tokens used in the last 24 hours.", &[("used", &used), ("limit", &limit)]),
    }
}

fn session_row(session: &Session, zone: Tz) -> impl IntoView + use<> {
    let agent = session.user_agent.clone().unwrap_or_else(|| t("Unknown client").to_owned());
    let seen = t_with("Last seen {at}", &[("at", &to_the_minute(session.last_seen_at, zone))]);
    let id = session.id.to_string();
    view! {
        <li>
            <div>
                <p class="session-agent" translate="no">{agent}</p>
                <p class="hint">{seen}</p>
            </div>
            {if session.current {
                view! { <span class="badge">{t("This one")}</span> }.into_any()
            } else {
                view! {
                    <form method="post">
                        <input type="hidden" name="form" value="revoke_session" />
                        <input type="hidden" name="id" value=id />
                        <button class="quiet">{t("End")}</button>
                    </form>
                }
                .into_any()
            }}
        </li>
    }
}

/// The languages to choose from, each named by itself.
fn language_options(chosen: LanguageChoice) -> impl IntoView {
    let option = |choice: LanguageChoice| {
        let label = match choice {
            LanguageChoice::Browser => t("Automatic (browser)"),
            LanguageChoice::English => "English",
            LanguageChoice::German => "Deutsch",
        };
        view! { <option value=choice.as_str() selected=choice == chosen lang=choice.language().map(Language::tag)>{label}</option> }
    };
    LanguageChoice::ALL.map(option).into_iter().collect_view()
}

/// Every time zone as an `<option>`. Names of zones have nothing to escape.
fn time_zones() -> String {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| format!("<option value=\"{}\">", zone.name())).collect()
}
