//! /settings/activity: the audit log in plain words.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::listed::{self, ListedAction};
use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        forms::list_query,
        pager::{older_page, with_cursor},
        shell::{Page, render},
    },
};
use tallyboard_core::app::AppState;
use tallyboard_model::{language::t, list::List, paths};

/// `/settings/activity`
pub async fn activity(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    request: Request,
) -> Result<Response, PageError> {
    let query = list_query(request.uri().query())?;
    let reader = user.clone();
    let List { items, next_cursor } = app
        .db
        .scope(&user)
        .read(|scope| {
            let (reader, query) = (reader.clone(), query.clone());
            Box::pin(async move { listed::page(scope, &reader, query).await })
        })
        .await?;
    let page = Page::of(&app, &user, "Activity").under("Settings");
    let body = move || {
        view! {
            <h1>{t("Activity")}</h1>
            <p class="hint lead">{t("What you and your assistants did, and what others did in teams you manage. ")}
                <a href=paths::SETTINGS>{t("Back to Settings")}</a></p>
            <section class="card activity">
                <ul class="sessions">{items.iter().map(row).collect_view()}</ul>
            </section>
            {older_page(with_cursor(paths::ACTIVITY, next_cursor), t("Older"))}
        }
    };
    Ok(render(&app.assets, page, body))
}

fn row(action: &ListedAction) -> impl IntoView + use<> {
    let ListedAction { words, note } = action.clone();
    view! {
        <li>
            <div>
                <p class="token-name">{words}</p>
                <p class="hint">{note}</p>
            </div>
        </li>
    }
}
