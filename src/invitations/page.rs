//! The page that a link leads to: it names the team, and nothing else of it.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method},
    response::Response,
};
use leptos::prelude::*;

use crate::{
    auth::{page::sign_up_form, sign_in_then, sign_up_with_form},
    ui::{
        error_page::PageError,
        forms::{Answer, Form, FormErrors, see_other},
        shell::{Page, render},
    },
};
use tallyboard_core::{
    app::AppState,
    auth::{Needs, current_user},
    invitations::service,
};
use tallyboard_model::{
    language::{t, t_with, text},
    paths,
};

/// `/invite?token=…`
pub async fn invite(State(app): State<AppState>, errors: FormErrors, request: Request) -> Result<Response, PageError> {
    let secret = errors.input("token").unwrap_or_default();
    let team = service::team_name(&app.db, &secret).await?;
    let user = current_user(&app, request.method(), request.headers(), Needs::SignIn).await.ok();
    let title = text("Invitation");
    let page = user.as_ref().map_or_else(|| Page { title, ..Page::default() }, |user| Page::of(&app, user, title));
    let body = move || {
        view! {
            <section class="card form-card">
                <h1>{t_with("Join “{team}”", &[("team", &team)])}</h1>
                {match &user {
                    Some(user) => view! {
                        <p class="hint">{t("You are signed in as ")}{user.name().to_owned()}"."</p>
                        {errors.message()}
                        <form method="post">
                            <input type="hidden" name="form" value="accept_invitation" />
                            <input type="hidden" name="invitation" value=secret />
                            <button class="button">{t("Join the team")}</button>
                        </form>
                    }.into_any(),
                    None => view! {
                        <p class="hint">{t("You were invited to this team. Create an account to join it.")}</p>
                        {errors.headline()}
                        {sign_up_form(&errors, Some(secret.clone()))}
                        <p>{t("Have an account? ")} <a href=sign_in_then(&paths::invite(&secret))>{t("Sign in")}</a></p>
                    }.into_any(),
                }}
            </section>
        }
    };
    Ok(render(&app.assets, page, body))
}

/// `POST /invite`: joins the team, with the account of the session or a new one.
pub async fn submit(State(app): State<AppState>, headers: HeaderMap, form: Form) -> Answer {
    match form.name() {
        "accept_invitation" => {
            let user = current_user(&app, &Method::POST, &headers, Needs::SignIn).await?;
            let team = service::accept(&app.db, &user, &form.text("invitation")).await?;
            Ok(see_other(&paths::team(team)))
        }
        "sign_up" => Ok(sign_up_with_form(&app, &headers, &form).await?),
        _ => Err(form.unknown()),
    }
}
