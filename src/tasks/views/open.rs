//! A task, opened: the content of the panel beside a list, and of the task's page.

use leptos::prelude::*;

use super::form::team_choice;
use crate::{
    tasks::{island::part, listed::ListedTask},
    ui::{forms::FormErrors, typed::inside_textarea},
};
use tallyboard_model::{
    language::{t, t_with, text},
    membership::ListedTeam,
    paths,
    permissions::Access,
};

/// The form that deletes the task of the page.
pub const DELETE: &str = "delete_opened_task";

/// A task with what only its own page shows.
#[derive(Clone)]
pub struct OpenedTask {
    /// As a list shows it.
    pub task: ListedTask,
    /// Its description as HTML.
    pub description: String,
    /// When it was created and last changed.
    pub history: String,
}

/// The task with all it has. Its fields are saved when they're left; without script, by a button.
pub fn open_task(opened: &OpenedTask, teams: &[ListedTeam], errors: &FormErrors) -> impl IntoView + use<> {
    let OpenedTask { task, description, history } = opened;
    let id = task.id.to_string();
    let about = |words: &'static str| t_with(words, &[("title", &task.title)]);
    let (is_done, other_status) = if task.done { ("true", "pending") } else { ("false", "completed") };
    let is_shared = task.shared_by.as_ref().map(|(_, name)| t_with("Shared by {name}", &[("name", name)]));
    let words = if task.may_change {
        fields(opened, teams, errors).into_any()
    } else {
        let day = task.due.as_ref().map(|(due, _)| view! { <p class="hint">{due.words.clone()}</p> });
        view! {
            <div class="open-fields">
                <h1 class="open-title">{task.title.clone()}</h1>
                {day}
                <div class="formatted" inner_html=description.clone()></div>
            </div>
        }
        .into_any()
    };
    view! {
        <article class="open-task" class:done=task.done id=part::OPEN_TASK data-task=id.clone()>
            <form method="post" class="open-check">
                <input type="hidden" name="id" value=id.clone() />
                <input type="hidden" name="status" value=other_status />
                <button
                    class="check"
                    name="form"
                    value="change_task"
                    role="checkbox"
                    aria-checked=is_done
                    aria-label=about(text("Completed: {title}"))
                    disabled=!task.may_change
                ></button>
            </form>
            {words}
            <p class="open-facts">
                {task.team.as_ref().map(|team| view! { <a class="badge" href=paths::team_tasks(team.id)>{team.name.clone()}</a> })}
                {is_shared.map(|words| view! { <span>{words}</span> })}
                <span>{history.clone()}</span>
            </p>
            {task.access.may_manage().then(|| view! {
                <div class="open-actions">
                    <a class="quiet" href=paths::task_shares(task.id)>{t("Share")}</a>
                    <form method="post">
                        <input type="hidden" name="form" value=DELETE />
                        <button class="quiet delete">{t("Delete")}</button>
                    </form>
                </div>
            })}
        </article>
    }
}

fn fields(opened: &OpenedTask, teams: &[ListedTeam], errors: &FormErrors) -> impl IntoView + use<> {
    let OpenedTask { task, description, .. } = opened;
    let id = task.id.to_string();
    let title = errors.input("title").unwrap_or_else(|| task.title.clone());
    let plain = errors.input("description").or_else(|| task.description.clone());
    let plain = plain.as_deref().map(inside_textarea).unwrap_or_default();
    let due = errors.input("due_on").or_else(|| Some(task.due.as_ref()?.0.on.clone()));
    let may_move = task.access == Access::Owner && !teams.is_empty();
    let team = may_move.then(|| team_choice("open", Some(task), teams, errors));
    let is_empty = description.is_empty();
    view! {
        <form class="open-fields" method="post">
            <input type="hidden" name="form" value="update_task" />
            <input type="hidden" name="id" value=id />
            <p class="alert" role="alert" hidden></p>
            <label class="visually-hidden" for="open-title">{t("Title")}</label>
            <textarea id="open-title" class="open-title" name="title" rows="1" maxlength="200" required inner_html=inside_textarea(&title)></textarea>
            <div class="open-row">
                <label for="open-due">{t("Due on")}</label>
                <input id="open-due" name="due_on" type="date" value=due />
            </div>
            {team}
            <label class="visually-hidden" for="open-description">{t("Description")}</label>
            <div class="formatted" hidden=is_empty inner_html=description.clone()></div>
            <textarea
                id="open-description"
                name="description"
                rows="4"
                maxlength="1000"
                placeholder=t("Add a description…")
                inner_html=plain
            ></textarea>
            <button class="button">{t("Save")}</button>
        </form>
    }
}
