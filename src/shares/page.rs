//! The page of a task's shares: the content of the dialog on /tasks, for browsers without script.

use axum::{extract::State, response::Response};
use leptos::prelude::*;

use super::views::recipients;
use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        forms::FormErrors,
        list_island::ListForms,
        shell::{Page, render},
    },
};
use tallyboard_base::http::Id;
use tallyboard_core::{app::AppState, shares::service};
use tallyboard_model::{
    id::TaskId,
    language::{t, t_with},
    paths,
    permissions::Permission,
};

/// `/tasks/{id}/shares`
pub async fn task_shares(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    Id(id): Id<TaskId>,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let (task, initial) = app.db.scope(&user).read(|scope| Box::pin(service::people(scope, id))).await?;
    let page = Page::of(&app, &user, "Share a task").under("Tasks").with_islands();
    let body = move || {
        let message = errors.message();
        view! {
            <p class="back"><a href=paths::TASKS>{t("Tasks")}</a></p>
            <h1>{t_with("Share “{title}”", &[("title", &task.title)])}</h1>
            {message}
            <section class="card">
                <h2>{t("Shared with")}</h2>
                {recipients(id, initial).view(&Permission::ALL.map(Permission::as_str), errors.of("share_task").input("email").unwrap_or_default())}
                <ListForms />
                <p class="hint">{t("Viewers can read. Editors can also change and complete. Only you and the managers of its team can delete or share.")}</p>
            </section>
        }
    };
    Ok(render(&app.assets, page, body))
}
