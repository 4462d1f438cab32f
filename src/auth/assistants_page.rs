//! /settings/assistants: how to connect an assistant, and the one page that shows a new token's secret.

use axum::{extract::State, http::HeaderMap, response::Response};
use leptos::prelude::*;
use serde::Deserialize;

use super::{
    PageUser,
    assistant_setup::{AssistantSetup, assistant_setups},
    token_views::token_form,
};
use crate::ui::{
    copy::copy_script,
    forms::{Answer, Form, FormErrors},
    shell::{Page, render},
};
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, attempts, extract::public_url},
};
use tallyboard_model::{
    auth::{CreatedPersonalToken, NewPersonalToken, TokenScope},
    error::{Error, Result},
    language::{t, t_with},
    paths,
};

/// The placeholder in the lines until there's a token.
const PLACEHOLDER: &str = "YOUR_TOKEN";

#[derive(Deserialize)]
struct TokenForm {
    token_name: String,
    access: String,
    expires: String,
    token_password: Option<String>,
}

impl TokenForm {
    fn into_request(self) -> Result<NewPersonalToken> {
        let scope = if self.access == "read" { TokenScope::Read } else { TokenScope::Write };
        let never_expires = self.expires == "never";
        let days = || self.expires.parse().map_err(|_| Error::invalid("expires", "has to be a number of days"));
        let expires_in_days = if never_expires { None } else { Some(days()?) };
        Ok(NewPersonalToken {
            name: self.token_name,
            scopes: scope.included(),
            expires_in_days,
            never_expires,
            password: self.token_password,
        })
    }
}

/// `GET /settings/assistants`
pub async fn assistants(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    headers: HeaderMap,
) -> Response {
    page(&app, &user, &headers, errors, None)
}

/// `POST /settings/assistants`: creates a token. Its secret is in this answer alone, so the browser is not sent on to
/// another page.
pub async fn create(State(app): State<AppState>, PageUser(user): PageUser, headers: HeaderMap, form: Form) -> Answer {
    let created = create_token(&app, &user, form.parse_all::<TokenForm>()?.into_request()?).await?;
    Ok(page(&app, &user, &headers, FormErrors::default(), Some(created)))
}

async fn create_token(app: &AppState, user: &AuthenticatedUser, new: NewPersonalToken) -> Result<CreatedPersonalToken> {
    let created = attempts::create_token(app, user, new, "token_password").await;
    // The form's field is `token_name`: /settings has another `name`.
    created.map_err(|mut error| {
        if let Some(why) = error.fields.remove("name") {
            error.fields.insert("token_name".to_owned(), why);
        }
        error
    })
}

fn page(
    app: &AppState,
    user: &AuthenticatedUser,
    headers: &HeaderMap,
    errors: FormErrors,
    created: Option<CreatedPersonalToken>,
) -> Response {
    let url = public_url(app, headers);
    let page = Page::of(app, user, "Assistants").under("Settings");
    let needs_password = user.needs_password_again();
    let body = move || {
        let token = created.as_ref().map_or(PLACEHOLDER, |created| created.token.as_str());
        let setups = assistant_setups(&url, token);
        view! {
            <h1>{t("Connect an assistant")}</h1>
            <p class="hint lead">{t("An assistant works on your tasks with your permissions, and you see every change right away. ")}
                <a href=paths::SETTINGS>{t("Back to Settings")}</a></p>
            {errors.headline()}
            <div class="settings assistants">
                <section class="card">
                    <h2>{t("Connect")}</h2>
                    <p>{t("Most assistants only need the address of an MCP server. Enter this one: a page opens here, and you press ")}<em>{t("Connect")}</em>"."</p>
                    <pre class="code" data-copy=t("the address") tabindex="0" aria-label=t("The address")>{format!("{url}{}", paths::MCP)}</pre>
                    <p class="hint">{t("Connected apps are listed in ")}<a href=format!("{}#apps", paths::SETTINGS)>{t("Settings")}</a>{t(", where you can revoke them. If your assistant can't open a page, or you're writing your own program, use a token instead:")}</p>
                </section>
                <section class="card">
                    {match &created {
                        Some(created) => secret(created).into_any(),
                        None => view! {
                            <h2>{t("1. Create a token")}</h2>
                            {token_form(needs_password, &errors)}
                        }.into_any(),
                    }}
                </section>
                <section class="card">
                    <h2>{t("2. Tell the assistant")}</h2>
                    {setups.into_iter().map(setup).collect_view()}
                </section>
                <section class="card">
                    <h2>{t("What it can do")}</h2>
                    <p>{t("List, find, create, change, complete, reopen and delete tasks; share them; read your teams, their members and the dashboard's numbers; keep a conversation under Chat. It can do nothing that you could not do yourself, and a token that reads only changes nothing.")}</p>
                    <p>{t("It can't access your password, account or sessions. Revoke its token in ")}
                        <a href=format!("{}#tokens", paths::SETTINGS)>{t("Settings")}</a>
                        {t(" and it loses access within seconds.")}</p>
                </section>
            </div>
            {copy_script()}
        }
    };
    render(&app.assets, page, body)
}

fn secret(created: &CreatedPersonalToken) -> impl IntoView + use<> {
    let name = created.details.name.clone();
    let token = created.token.clone();
    view! {
        <h2>{t("1. Your token for ")}{name}</h2>
        <p role="status">{t("Copy it now: it won't be shown again. The lines on this page already contain it.")}</p>
        <pre class="code token" data-copy=t("the token") id="new-token" tabindex="0" aria-label=t("Your token")>{token}</pre>
    }
}

fn setup(setup: AssistantSetup) -> impl IntoView {
    let AssistantSetup { name, place, text } = setup;
    view! {
        <details class="setup" open=name == "Claude Code">
            <summary>{t(name)}</summary>
            <p class="hint">{t(place)}</p>
            <pre class="code" data-copy=t(name) tabindex="0" aria-label=t_with("Lines for {name}", &[("name", &t(name))])>{text}</pre>
        </details>
    }
}
