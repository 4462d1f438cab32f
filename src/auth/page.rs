//! The pages to sign in and to sign up: plain HTML, no script but one line for the time zone.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::{nonce::use_nonce, prelude::*};

use super::current_user;
pub use super::settings_page::settings;
use crate::{
    app::{App, Page, render},
    paths,
    ui::forms::Refused,
};

/// The browser knows where it is; without script it is UTC until the settings say otherwise.
const FILL_IN_TIME_ZONE: &str =
    "document.querySelector('[name=time_zone]').value = Intl.DateTimeFormat().resolvedOptions().timeZone || ''";

/// One labelled input, with what was typed and what was wrong with it.
#[component]
pub fn Field(
    /// Its name in the form.
    name: &'static str,
    /// What it asks for.
    label: &'static str,
    /// HTML's kind of input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What stands in it.
    #[prop(optional_no_strip)]
    value: Option<String>,
    /// Why it was refused.
    #[prop(optional_no_strip)]
    complaint: Option<String>,
    /// What helps to fill it in.
    #[prop(optional)]
    hint: &'static str,
) -> impl IntoView {
    let note = format!("{name}-note");
    let wrong = complaint.is_some();
    let text = complaint.unwrap_or_else(|| hint.to_owned());
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                autocomplete=autocomplete
                value=value
                required
                aria-invalid=wrong.then_some("true")
                aria-describedby=note.clone()
            />
            <p id=note class=if wrong { "complaint" } else { "hint" }>{text}</p>
        </div>
    }
}

/// `/signin`
pub async fn sign_in(State(app): State<App>, request: Request) -> Response {
    if current_user(&app, request.method(), request.headers()).await.is_ok() {
        return Redirect::to(paths::DASHBOARD).into_response();
    }
    let query = request.uri().query().map(str::to_owned);
    let allow_signup = app.config.auth.allow_signup;
    let page = Page { title: "Sign in", ..Page::default() };
    render(&app, request, page, move || {
        let refused = Refused::from_query(query.as_deref());
        view! {
            <section class="card form-card">
                <h1>"Sign in"</h1>
                <p class="hint">"One board for your tasks, your team and your assistants."</p>
                {refused.message()}
                <form method="post" action="/api/ui/sign_in">
                    <input type="hidden" name="next" value=refused.typed("next").unwrap_or_default() />
                    <Field name="email" label="Email" kind="email" autocomplete="username" value=refused.typed("email") />
                    <Field name="password" label="Password" kind="password" autocomplete="current-password" />
                    <button class="button">"Sign in"</button>
                </form>
                {allow_signup.then(|| view! { <p>"New here? " <a href=paths::SIGN_UP>"Make an account"</a></p> })}
            </section>
        }
    })
    .await
}

/// `/signup`
pub async fn sign_up(State(app): State<App>, request: Request) -> Response {
    if current_user(&app, request.method(), request.headers()).await.is_ok() {
        return Redirect::to(paths::DASHBOARD).into_response();
    }
    let query = request.uri().query().map(str::to_owned);
    let page = Page { title: "Make an account", ..Page::default() };
    render(&app, request, page, move || {
        let refused = Refused::from_query(query.as_deref());
        view! {
            <section class="card form-card">
                <h1>"Make an account"</h1>
                {refused.headline()}
                <form method="post" action="/api/ui/sign_up">
                    <Field
                        name="name"
                        label="Name"
                        autocomplete="name"
                        value=refused.typed("name")
                        complaint=refused.complaint("name")
                    />
                    <Field
                        name="email"
                        label="Email"
                        kind="email"
                        autocomplete="username"
                        value=refused.typed("email")
                        complaint=refused.complaint("email")
                    />
                    <Field
                        name="password"
                        label="Password"
                        kind="password"
                        autocomplete="new-password"
                        complaint=refused.complaint("password")
                        hint="8 to 128 characters; a few uncommon words are best"
                    />
                    <input type="hidden" name="time_zone" value="" />
                    <button class="button">"Make the account"</button>
                </form>
                <script nonce=use_nonce()>{FILL_IN_TIME_ZONE}</script>
                <p>"Have an account? " <a href=paths::SIGN_IN>"Sign in"</a></p>
            </section>
        }
    })
    .await
}
