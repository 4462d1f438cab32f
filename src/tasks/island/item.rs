//! One task of the list. Its form is made when it is opened.

use leptos::{ev::SubmitEvent, prelude::*};

use super::{form::EditForm, state::TaskListState};
use crate::{
    id::TaskId,
    language::{t, t_with, text},
    paths,
    permissions::Access,
    tasks::ListedTask,
    ui::{browser, rows::Row},
};

/// A row: the check, the title, a line of notes, and what the user may do.
#[component]
pub fn TaskItem(
    /// The list.
    list: TaskListState,
    /// The row.
    row: Row<ListedTask>,
    /// The task whose form is open at first.
    editing: Option<TaskId>,
) -> impl IntoView {
    let listed = row.value;
    let ListedTask { id, access, shared_by, .. } = listed.get_untracked();
    let title = move || listed.with(|task| task.title.clone());
    let about = move |words: &'static str| move || listed.with(|task| t_with(words, &[("title", &task.title)]));
    let done = move || listed.with(|task| task.done);
    let open = RwSignal::new(editing == Some(id) && access.may_change());
    let submit = move |act: fn(TaskListState, Row<ListedTask>)| {
        move |event: SubmitEvent| {
            event.prevent_default();
            act(list, row);
        }
    };
    let may = match access {
        Access::SharedView | Access::TeamViewer | Access::TeamMember => Some(t("View only")),
        Access::SharedEdit => Some(t("Can edit")),
        Access::TeamOwner | Access::TeamAdmin => Some(t("Can manage")),
        Access::Owner => None,
    };
    let is_received = shared_by.is_some() && !access.may_manage();
    let shared = shared_by.map(|name| view! { <span>{t_with("Shared by {name}", &[("name", &name)])}</span> });
    let due = move || {
        listed
            .with(|task| task.due.clone())
            .map(|due| view! { <time datetime=due.on.clone() title=due.on class:late=due.late>{due.words}</time> })
    };
    let team = move || {
        let team = listed.with(|task| task.team.clone());
        team.map(|team| view! { <a class="badge" href=paths::team_tasks(team.id)>{team.name}</a> })
    };
    let description = move || {
        let text = listed.with(|task| task.description.clone());
        text.map(|text| view! { <span class="task-description">{text}</span> })
    };
    let move_to = list.move_to.get_value().filter(|_| access.may_change()).map(|day| {
        let label = if day == "today" { t("today") } else { t("tomorrow") };
        view! {
            <form method="post" action="/api/ui/change_task" on:submit=submit(TaskListState::move_to_day)>
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="due_on" value=day />
                <button class="quiet move" aria-label=about(text("Move to another day: {title}"))>{label}</button>
            </form>
        }
    });
    // Where the actions lie beside the row, the menu is hidden; elsewhere the button opens them.
    let menu = format!("actions-{id}");
    let edit = access.may_change().then(|| {
        let href = list.query.with_value(|query| paths::edit_task(query, id));
        let toggle = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            open.update(|open| *open = !*open);
        };
        view! { <a class="quiet edit" href=href aria-label=about(text("Edit {title}")) aria-expanded=move || open.get().to_string() on:click=toggle>{t("Edit")}</a> }
    });
    let hide_menu = {
        let menu = menu.clone();
        move |_| browser::hide_popover(&menu)
    };
    let manage = access.may_manage().then(|| {
        let share = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            list.show_shares(row);
        };
        view! {
            <a class="quiet" href=paths::task_shares(id) aria-label=about(text("Share {title}")) on:click=share>{t("Share")}</a>
            <form method="post" action="/api/ui/delete_task" on:submit=submit(TaskListState::delete)>
                <input type="hidden" name="id" value=id.to_string() />
                <button class="quiet" aria-label=about(text("Delete {title}"))>{t("Delete")}</button>
            </form>
        }
    });
    let give_up = is_received.then(|| {
        view! {
            <form method="post" action="/api/ui/give_up_share" on:submit=submit(TaskListState::give_up)>
                <input type="hidden" name="task_id" value=id.to_string() />
                <button class="quiet" aria-label=about(text("Give up {title}"))>{t("Give up")}</button>
            </form>
        }
    });
    let select = access.may_change().then(|| {
        view! { <input class="select" type="checkbox" form="selection" name="ids[]" value=id.to_string() aria-label=about(text("Select {title}")) /> }
    });
    let has_actions = edit.is_some() || manage.is_some() || give_up.is_some();
    view! {
        <li class="task" id=format!("task-{id}") tabindex="-1" class:done=done>
            {select}
            <form
                method="post"
                action="/api/ui/change_task"
                on:submit=submit(TaskListState::toggle)
            >
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="status" value=move || if done() { "pending" } else { "completed" } />
                <button
                    class="check"
                    role="checkbox"
                    aria-checked=move || if done() { "true" } else { "false" }
                    aria-label=about(text("Completed: {title}"))
                    disabled=!access.may_change()
                ></button>
            </form>
            <div class="task-words">
                <p class="task-title">{title}</p>
                <p class="task-notes">{due} {team} {shared} {may.map(|may| view! { <span class="badge">{may}</span> })} {description}</p>
            </div>
            {has_actions
                .then(|| {
                    view! {
                        <button type="button" class="more" popovertarget=menu.clone() aria-label=about(text("Actions for {title}"))>"⋯"</button>
                        <div class="task-actions" id=menu popover on:click=hide_menu>{edit} {manage} {give_up}</div>
                    }
                })}
            {move_to}
            {move || open.get().then(|| view! { <EditForm list row open /> })}
        </li>
    }
}
