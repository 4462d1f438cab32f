//! `/trash`: deleted tasks, which can be restored or deleted for good.

use axum::{extract::State, response::Response};
use chrono_tz::Tz;
use leptos::prelude::*;

use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        forms::{Answer, Form, FormErrors, see_other},
        pager::{older_page, with_cursor},
        shell::{Page, render},
    },
};
use tallyboard_core::{app::AppState, tasks::trash::service};
use tallyboard_model::{
    id::UserId,
    language::{t, t_with, to_the_minute},
    list::List,
    paths,
    tasks::{Task, TaskFilter},
};

/// `GET /trash`
pub async fn trash(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let filter = TaskFilter { trash: Some(true), cursor: errors.input("cursor"), ..TaskFilter::default() };
    let scopes = app.db.scope(&user);
    let List { items, next_cursor } = scopes.read(|scope| Box::pin(service::list(scope, filter.clone()))).await?;
    let (me, zone, days) = (user.id(), user.time_zone(), app.config.trash.keep_days);
    let body = move || {
        view! {
            <p class="back"><a href=paths::TASKS>{t("Tasks")}</a></p>
            <div class="page-head">
                <h1>{t("Trash")}</h1>
                {(!items.is_empty()).then(empty_form)}
            </div>
            <p class="hint lead">{t_with("Deleted tasks stay here for {days} days. Then they are deleted for good.", &[("days", &days)])}</p>
            {errors.message()}
            {if items.is_empty() {
                view! { <p class="card empty">{t("The trash is empty.")}</p> }.into_any()
            } else {
                let rows = items.iter().map(|task| row(task, me, zone)).collect_view();
                view! { <section class="card"><ul class="sessions">{rows}</ul></section> }.into_any()
            }}
            {older_page(with_cursor(paths::TRASH, next_cursor), t("Older"))}
        }
    };
    Ok(render(&app.assets, Page::of(&app, &user, "Trash").under("Tasks"), body))
}

/// `POST /trash`: what deletes for good. Undo calls the server function that restores.
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, form: Form) -> Answer {
    let scopes = app.db.scope(&user);
    match form.name() {
        "erase_task" => {
            let id = form.parse("id")?;
            scopes.write(|scope| Box::pin(service::erase(scope, id))).await?;
        }
        "empty_trash" => scopes.write(|scope| Box::pin(service::empty(scope))).await?,
        _ => return Err(form.unknown()),
    }
    Ok(see_other(paths::TRASH))
}

fn row(task: &Task, me: UserId, zone: Tz) -> impl IntoView + use<> {
    let id = task.id.to_string();
    let restore = t_with("Restore {title}", &[("title", &task.title)]);
    let erase = t_with("Delete {title} for good", &[("title", &task.title)]);
    view! {
        <li>
            <div>
                <p class="token-name">{task.title.clone()}</p>
                <p class="hint">{deletion(task, me, zone)}</p>
            </div>
            <div class="answers">
                <form method="post">
                    <input type="hidden" name="form" value="restore_tasks" />
                    <input type="hidden" name="ids[]" value=id.clone() />
                    <button class="button" aria-label=restore>{t("Restore")}</button>
                </form>
                <form method="post">
                    <input type="hidden" name="form" value="erase_task" />
                    <input type="hidden" name="id" value=id />
                    <button class="button quiet" aria-label=erase>{t("Delete for good")}</button>
                </form>
            </div>
        </li>
    }
}

/// When it was deleted, by whom and through what.
fn deletion(task: &Task, me: UserId, zone: Tz) -> String {
    let at = task.deleted_at.map(|at| to_the_minute(at, zone)).unwrap_or_default();
    let Some(by) = &task.deleted_by else { return at };
    let name = match &by.name {
        _ if by.user_id == Some(me) => t("you"),
        Some(name) => name,
        None => t("someone who has left"),
    };
    let values: [(&str, &dyn std::fmt::Display); 2] = [("at", &at), ("name", &name)];
    match &by.via {
        Some(via) => t_with("Deleted {at} by {name} through {via}", &[values[0], values[1], ("via", via)]),
        None => t_with("Deleted {at} by {name}", &values),
    }
}

/// It takes two steps, also without script.
fn empty_form() -> impl IntoView {
    view! {
        <details class="confirm head-action">
            <summary class="quiet">{t("Empty trash…")}</summary>
            <form method="post">
                <input type="hidden" name="form" value="empty_trash" />
                <button class="button destructive">{t("Delete everything for good")}</button>
            </form>
        </details>
    }
}
