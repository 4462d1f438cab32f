//! One task: the page `/tasks/{id}`, and what the panel beside a list shows of it.

use axum::{extract::State, response::Response};
use chrono_tz::Tz;
use leptos::prelude::*;

use super::{
    listed,
    views::{DELETE, OpenedTask, open_task, toast},
};
use crate::{
    auth::PageUser,
    scripts::{self, inline_script},
    ui::{
        error_page::PageError,
        forms::{Answer, Form, FormErrors, see_other},
        shell::{Page, render},
    },
};
use tallyboard_assistants::assistant::markdown::written_to_html;
use tallyboard_base::http::Id;
use tallyboard_core::{app::AppState, membership::service::my_teams, tasks::service};
use tallyboard_db::Scope;
use tallyboard_model::{
    error::Result,
    id::TaskId,
    language::{t, t_with, to_the_minute},
    membership::ListedTeam,
    paths,
    tasks::Task,
};

/// The task, and the teams of the user.
///
/// # Errors
/// The user may not see it, or there is none.
pub async fn read(scope: &mut Scope, zone: Tz, id: TaskId) -> Result<(OpenedTask, Vec<ListedTeam>)> {
    let teams = my_teams(scope).await?;
    let task = service::get(scope, id).await?;
    let history = history(&task, zone);
    let description = task.description.as_deref().map(written_to_html).unwrap_or_default();
    let task = listed::one(scope, zone, &teams, task).await?;
    Ok((OpenedTask { task, description, history }, teams))
}

fn history(task: &Task, zone: Tz) -> String {
    let at = |time| to_the_minute(time, zone);
    match task.completed_at {
        Some(completed) => {
            t_with("Created {at} · done {done}", &[("at", &at(task.created_at)), ("done", &at(completed))])
        }
        None if task.updated_at == task.created_at => t_with("Created {at}", &[("at", &at(task.created_at))]),
        None => t_with(
            "Created {at} · changed {changed}",
            &[("at", &at(task.created_at)), ("changed", &at(task.updated_at))],
        ),
    }
}

/// `GET /tasks/{id}`
pub async fn page(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    Id(id): Id<TaskId>,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let zone = user.time_zone();
    let (opened, teams) = app.db.scope(&user).read(|scope| Box::pin(read(scope, zone, id))).await?;
    let body = move || {
        view! {
            <p class="back"><a href=paths::TASKS>{t("Tasks")}</a></p>
            // The title's field isn't a heading.
            {opened.task.may_change.then(|| view! { <h1 class="visually-hidden">{opened.task.title.clone()}</h1> })}
            {errors.message()}
            <section class="card">{open_task(&opened, &teams, &errors.of("update_task"))}</section>
            {toast()}
            {inline_script(&scripts::UNDO)}
            {inline_script(&scripts::OPEN_TASK)}
        }
    };
    Ok(render(&app.assets, Page::of(&app, &user, "Task").under("Tasks"), body))
}

/// `POST /tasks/{id}`: deletes it. Its other forms are those of lists.
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, Id(id): Id<TaskId>, form: Form) -> Answer {
    if form.name() != DELETE {
        return Err(form.unknown());
    }
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, id, None))).await?;
    Ok(see_other(paths::TASKS))
}
