//! The page of somebody who has forgotten the password: plain HTML.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use crate::{
    app::AppState,
    paths,
    ui::{
        field::Field,
        forms::FormErrors,
        shell::{Page, render},
    },
};

/// `/forgot-password`
pub async fn forgot_password(State(app): State<AppState>, errors: FormErrors, request: Request) -> Response {
    let page = Page { title: "Forgot your password?", ..Page::default() };
    let sends_mail = app.mail.is_some();
    render(&app.assets, request, page, move || {
        view! {
            <section class="card form-card">
                <h1>"Forgot your password?"</h1>
                {if !sends_mail {
                    view! { <p>"This server sends no mail. Ask whoever runs it for a link to choose a new password."</p> }.into_any()
                } else if errors.input("sent").is_some() {
                    view! {
                        <p class="success" role="status">"If there is an account with this address, a mail with a link is on its way."</p>
                        <p class="hint">"The link is valid for an hour. Look among unwanted mails, too."</p>
                    }
                    .into_any()
                } else {
                    view! {
                        <p class="hint">"You get a mail with a link to choose a new one."</p>
                        {errors.headline()}
                        <form method="post" action="/api/ui/forgot_password">
                            <Field
                                name="email"
                                label="Email"
                                kind="email"
                                autocomplete="username"
                                value=errors.input("email")
                                error=errors.field("email")
                            />
                            <button class="button">"Send the mail"</button>
                        </form>
                    }
                    .into_any()
                }}
                <p><a href=paths::SIGN_IN>"Sign in"</a></p>
            </section>
        }
    })
    .await
}
