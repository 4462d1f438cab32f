//! The page of a task's shares: what the dialog shows, with an address of its own and without script.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{board::ShareBoard, service};
use crate::{
    app::{App, Page, PageError, PageUser, render},
    http::Id,
    id::TaskId,
    paths,
    ui::forms::Refused,
};

/// `/tasks/{id}/shares`
pub async fn task_shares(
    State(app): State<App>,
    PageUser(user): PageUser,
    Id(id): Id<TaskId>,
    request: Request,
) -> Result<Response, PageError> {
    let (task, initial) = app.db.scope(&user).read(|scope| Box::pin(service::board(scope, id))).await?;
    let query = request.uri().query().map(str::to_owned);
    let page = Page { title: "Share a task", user: Some(user), islands: true };
    let body = move || {
        let refused = Refused::from_query(query.as_deref());
        let message = refused.message();
        view! {
            <p class="back"><a href=paths::TASKS>"Tasks"</a></p>
            <h1>"Share “"{task.title.clone()}"”"</h1>
            {message}
            <section class="card">
                <h2>"Shared with"</h2>
                <ShareBoard task=id initial=initial.clone() typed=refused.typed("email").unwrap_or_default() />
                <p class="hint">"Who can view reads it; who can edit also changes, completes and reopens it. Only you, and who
                    manages its team, may delete it or share it on."</p>
            </section>
        }
    };
    Ok(render(&app, request, page, body).await)
}
