//! One task of a list. Each control is a form or a link that works without script, too.

use leptos::prelude::*;

use super::{TaskRows, form::edit_form};
use crate::{
    language::{t, t_with, text},
    paths,
    permissions::Access,
    tasks::listed::{ListedDue, ListedTask, TODAY},
};

/// The check, the title, a line of notes, and what the user may do.
pub fn task_row(task: &ListedTask, list: &TaskRows) -> impl IntoView + use<> {
    let id = task.id.to_string();
    let element = format!("task-{id}");
    let may_change = task.access.may_change();
    let about = |words: &'static str| t_with(words, &[("title", &task.title)]);
    let select = may_change.then(|| {
        view! { <input class="select" type="checkbox" form="selection" name="ids[]" value=id.clone() aria-label=about(text("Select {title}")) /> }
    });
    let move_to = list.move_to.filter(|_| may_change).map(|day| {
        let label = if day == TODAY { t("today") } else { t("tomorrow") };
        view! {
            <form method="post" action="/api/ui/change_task">
                <input type="hidden" name="id" value=id.clone() />
                <input type="hidden" name="due_on" value=day />
                <button class="quiet move" aria-label=about(text("Move to another day: {title}"))>{label}</button>
            </form>
        }
    });
    let form = (list.editing == Some(task.id) && may_change).then(|| edit_form(&id, Some(task), &list.teams));
    let actions = actions(task, list, &id, form.is_some());
    view! {
        <li class="task" class:done=task.done id=element tabindex="-1">
            {select}
            <form method="post" action="/api/ui/change_task">
                <input type="hidden" name="id" value=id.clone() />
                <input type="hidden" name="status" value=if task.done { "pending" } else { "completed" } />
                <button
                    class="check"
                    role="checkbox"
                    aria-checked=if task.done { "true" } else { "false" }
                    aria-label=about(text("Completed: {title}"))
                    disabled=!may_change
                ></button>
            </form>
            <div class="task-words">
                <p class="task-title">{task.title.clone()}</p>
                {notes(task)}
            </div>
            {actions}
            {move_to}
            {form}
        </li>
    }
}

/// When it is due, whose it is, and what else there is to say.
fn notes(task: &ListedTask) -> impl IntoView + use<> {
    let due = task.due.clone().map(|ListedDue { on, words, late }| {
        view! { <time datetime=on.clone() title=on class:late=late>{words}</time> }
    });
    let team = task.team.clone();
    let team = team.map(|team| view! { <a class="badge" href=paths::team_tasks(team.id)>{team.name}</a> });
    let shared = task.shared_by.as_ref();
    let shared = shared.map(|name| view! { <span>{t_with("Shared by {name}", &[("name", name)])}</span> });
    let may = match task.access {
        Access::SharedView | Access::TeamViewer | Access::TeamMember => Some(t("View only")),
        Access::SharedEdit => Some(t("Can edit")),
        Access::TeamOwner | Access::TeamAdmin => Some(t("Can manage")),
        Access::Owner => None,
    };
    let may = may.map(|may| view! { <span class="badge">{may}</span> });
    let description = task.description.clone();
    let description = description.map(|text| view! { <span class="task-description">{text}</span> });
    view! { <p class="task-notes">{due} {team} {shared} {may} {description}</p> }
}

/// Where the actions lie beside the row, their button is hidden; elsewhere it opens them as a menu.
fn actions(task: &ListedTask, list: &TaskRows, id: &str, is_editing: bool) -> Option<impl IntoView + use<>> {
    let ListedTask { access, .. } = *task;
    let about = |words: &'static str| t_with(words, &[("title", &task.title)]);
    let edit = access.may_change().then(|| {
        // The form that the island makes needs to know them.
        let team = task.team.as_ref().map(|team| team.id.to_string());
        let is_owner = (access == Access::Owner).then_some("");
        view! {
            <a
                class="quiet edit"
                href=paths::edit_task(&list.query, task.id)
                aria-label=about(text("Edit {title}"))
                aria-expanded=if is_editing { "true" } else { "false" }
                data-team=team
                data-owner=is_owner
            >
                {t("Edit")}
            </a>
        }
    });
    let manage = access.may_manage().then(|| {
        view! {
            <a class="quiet share" href=paths::task_shares(task.id) aria-label=about(text("Share {title}"))>{t("Share")}</a>
            <form method="post" action="/api/ui/delete_task">
                <input type="hidden" name="id" value=id.to_owned() />
                <button class="quiet" aria-label=about(text("Delete {title}"))>{t("Delete")}</button>
            </form>
        }
    });
    let give_up = (task.shared_by.is_some() && !access.may_manage()).then(|| {
        view! {
            <form method="post" action="/api/ui/give_up_share">
                <input type="hidden" name="task_id" value=id.to_owned() />
                <button class="quiet" aria-label=about(text("Give up {title}"))>{t("Give up")}</button>
            </form>
        }
    });
    (edit.is_some() || manage.is_some() || give_up.is_some()).then(|| {
        let menu = format!("actions-{id}");
        view! {
            <button type="button" class="more" popovertarget=menu.clone() aria-label=about(text("Actions for {title}"))>"⋯"</button>
            <div class="task-actions" id=menu popover>{edit} {manage} {give_up}</div>
        }
    })
}
