//! `/invitations`: the teams and tasks that people with nothing in common with the user offer.

use axum::{extract::State, response::Response};
use chrono_tz::Tz;
use leptos::prelude::*;

use crate::{
    auth::PageUser,
    blocks::page::block,
    ui::{
        error_page::PageError,
        forms::{Answer, Form, FormErrors, see_other},
        pager::{older_page, with_cursor},
        shell::{Page, render},
    },
};
use tallyboard_core::{
    app::AppState,
    received_invitations::{ReceivedInvitation, service},
};
use tallyboard_model::{
    language::{t, t_with, to_the_minute},
    list::{List, ListQuery},
    paths,
};

/// `GET /invitations`
pub async fn received_invitations(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let query = ListQuery { limit: None, cursor: errors.input("cursor") };
    let scopes = app.db.scope(&user);
    let List { items, next_cursor } = scopes.read(|scope| Box::pin(service::list(scope, query.clone()))).await?;
    let zone = user.time_zone();
    let body = move || {
        view! {
            <p class="back"><a href=paths::NOTIFICATIONS>{t("Notifications")}</a></p>
            <h1>{t("Invitations")}</h1>
            <p class="hint lead">{t("From people you share no team or task with. They won't know if you decline.")}</p>
            {errors.message()}
            {if items.is_empty() {
                view! { <p class="card empty">{t("No invitation is waiting for you.")}</p> }.into_any()
            } else {
                let rows = items.iter().map(|item| row(item, zone)).collect_view();
                view! { <section class="card"><ul class="sessions">{rows}</ul></section> }.into_any()
            }}
            {older_page(with_cursor(paths::RECEIVED_INVITATIONS, next_cursor), t("Older"))}
        }
    };
    Ok(render(&app.assets, Page::of(&app, &user, "Invitations"), body))
}

/// `POST /invitations`
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, form: Form) -> Answer {
    match form.name() {
        "accept_received_invitation" => {
            let accepted = service::accept(&app.db, &user, form.parse("id")?).await?;
            Ok(see_other(&accepted.team_id.map_or_else(|| paths::SHARED_TASKS.to_owned(), paths::team)))
        }
        "decline_received_invitation" => {
            let id = form.parse("id")?;
            app.db.scope(&user).write(|scope| Box::pin(service::decline(scope, id))).await?;
            Ok(see_other(paths::RECEIVED_INVITATIONS))
        }
        "block_person" => Ok(block(&app, &user, &form).await?),
        _ => Err(form.unknown()),
    }
}

fn row(invitation: &ReceivedInvitation, zone: Tz) -> impl IntoView + use<> {
    let ReceivedInvitation { id, from_user_id, from_name, subject, access, created_at, .. } = invitation;
    let values: [(&str, &dyn std::fmt::Display); 2] = [("name", from_name), ("subject", subject)];
    let words = match access.as_str() {
        "edit" => t_with("{name} wants to share “{subject}” with you, to edit", &values),
        "view" => t_with("{name} wants to share “{subject}” with you, to view", &values),
        "admin" => t_with("{name} invited you to the team “{subject}” as an admin", &values),
        "viewer" => t_with("{name} invited you to the team “{subject}” as a viewer", &values),
        _ => t_with("{name} invited you to the team “{subject}”", &values),
    };
    let (id, from) = (id.to_string(), from_user_id.to_string());
    view! {
        <li>
            <div>
                <p class="token-name">{words}</p>
                <p class="hint">{to_the_minute(*created_at, zone)}</p>
            </div>
            <div class="answers">
                <form method="post">
                    <input type="hidden" name="form" value="accept_received_invitation" />
                    <input type="hidden" name="id" value=id.clone() />
                    <button class="button">{t("Accept")}</button>
                </form>
                <form method="post">
                    <input type="hidden" name="form" value="decline_received_invitation" />
                    <input type="hidden" name="id" value=id />
                    <button class="button quiet">{t("Decline")}</button>
                </form>
                <form method="post">
                    <input type="hidden" name="form" value="block_person" />
                    <input type="hidden" name="person" value=from />
                    <button class="button quiet">{t("Block")}</button>
                </form>
            </div>
        </li>
    }
}
