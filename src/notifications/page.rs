//! `/notifications`: the user's notifications.

use axum::{
    extract::{Request, State},
    response::Response,
};
use chrono_tz::Tz;
use leptos::prelude::*;

use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        forms::{Answer, Form, FormErrors, list_query, see_other},
        invitation_note::invitation_note,
        pager::{older_page, with_cursor},
        shell::{Page, render},
    },
};
use tallyboard_core::{app::AppState, notifications::service, received_invitations};
use tallyboard_model::{
    id::NotificationId,
    language::{t, to_the_minute},
    list::List,
    notifications::{Notification, ReadUpTo},
    paths,
};

/// `GET /notifications`
pub async fn notifications(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let query = list_query(request.uri().query())?;
    let scopes = app.db.scope(&user);
    let read = scopes.read(|scope| {
        let query = query.clone();
        Box::pin(async move {
            let waiting = received_invitations::service::count(scope).await?;
            Ok((service::list(scope, query).await?, waiting))
        })
    });
    let (List { items, next_cursor }, waiting) = read.await?;
    let zone = user.time_zone();
    let body = move || {
        let newest_unread = items.iter().find(|item| item.read_at.is_none()).map(|item| item.id);
        view! {
            <div class="page-head">
                <h1>{t("Notifications")}</h1>
                {newest_unread.map(mark_read_form)}
            </div>
            <p class="hint lead"><a href=paths::NOTIFICATION_SETTINGS>{t("Notification settings")}</a></p>
            {errors.message()}
            {invitation_note(waiting)}
            {if items.is_empty() {
                view! { <p class="card empty">{t("No notifications yet. You'll see it here when someone shares or changes a task.")}</p> }
                    .into_any()
            } else {
                let rows = items.iter().map(|item| row(item, zone)).collect_view();
                view! { <section class="card activity"><ul class="sessions notifications">{rows}</ul></section> }.into_any()
            }}
            {older_page(with_cursor(paths::NOTIFICATIONS, next_cursor), t("Older"))}
        }
    };
    Ok(render(&app.assets, Page::of(&app, &user, "Notifications"), body))
}

/// `POST /notifications`: marks what the page shows as read.
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, form: Form) -> Answer {
    let up_to = ReadUpTo { up_to: Some(form.parse("up_to")?) };
    app.db.scope(&user).write(|scope| Box::pin(service::mark_read(scope, up_to))).await?;
    Ok(see_other(paths::NOTIFICATIONS))
}

fn mark_read_form(up_to: NotificationId) -> impl IntoView {
    view! {
        <form method="post">
            <input type="hidden" name="form" value="mark_notifications_read" />
            <input type="hidden" name="up_to" value=up_to.to_string() />
            <button class="button">{t("Mark all as read")}</button>
        </form>
    }
}

fn row(notification: &Notification, zone: Tz) -> impl IntoView + use<> {
    let Notification { text, path, created_at, read_at, .. } = notification.clone();
    let words = match path {
        Some(path) => view! { <a href=path>{text}</a> }.into_any(),
        None => text.into_any(),
    };
    let is_new = read_at.is_none();
    view! {
        <li class:unread=is_new>
            <div>
                <p class="token-name">{words} {is_new.then(|| view! { <span class="badge">{t("New")}</span> })}</p>
                <p class="hint">{to_the_minute(created_at, zone)}</p>
            </div>
        </li>
    }
}
