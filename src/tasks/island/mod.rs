//! The island of the task list. Each control is a form or a link that works without script, too.

#![allow(missing_docs)] // of what the macro generates

mod form;
mod item;
mod state;

use leptos::{ev::SubmitEvent, prelude::*};

use super::{ListedTask, TaskForm};
use crate::{
    id::{TaskId, TeamId},
    language::{t, t_with},
    membership::ListedTeam,
    shares::island::recipients_in_dialog,
    ui::{browser, keyboard, rows::not_empty},
};
use item::TaskItem;
use state::{SharedTask, TaskListState};

/// The list and the form for a new task.
#[island(lazy)]
pub fn TaskList(
    /// The rows that the server found.
    initial: Vec<ListedTask>,
    /// The input of a rejected form.
    typed: String,
    /// Whether there is a form for a new task.
    may_add: bool,
    /// The team whose tasks are listed.
    team: Option<TeamId>,
    /// The teams of the user, into which a task can be moved.
    teams: Vec<ListedTeam>,
    /// The query of the page, to fetch the same tasks again.
    query: String,
    /// The task whose form is open.
    editing: Option<TaskId>,
    /// How long today lasts.
    seconds_left_today: u32,
    /// The text for an empty list.
    empty: String,
    /// On the page of a day: `today` or `tomorrow`, to which a button moves a task. What is added is due today.
    move_to: Option<String>,
) -> impl IntoView {
    let list = TaskListState::new(initial, teams, query, move_to);
    let rows = list.rows;
    list.follow_changes(seconds_left_today);
    keyboard::listen();
    browser::on_leave(move || list.delete_on_leave());

    view! {
        {may_add.then(|| view! { <AddForm list typed team /> })}
        {rows.message()}
        <ul class="tasks">
            <For each=move || rows.get() key=|row| row.key() let:row>
                <TaskItem list row editing />
            </For>
        </ul>
        <p class="empty" hidden=move || !rows.is_empty()>{empty}</p>
        <div role="status">
            {move || {
                list
                    .deleted
                    .get()
                    .map(|(_, row)| {
                        let title = row.value.with_untracked(|listed| listed.title.clone());
                        view! {
                            <div class="toast">
                                <span>{t_with("Deleted “{title}”", &[("title", &title)])}</span>
                                <button class="button" on:click=move |_| list.undo()>{t("Undo")}</button>
                            </div>
                        }
                    })
            }}
        </div>
        <ShareDialog list />
    }
}

#[component]
fn AddForm(list: TaskListState, typed: String, team: Option<TeamId>) -> impl IntoView {
    let title = RwSignal::new(typed.clone());
    let is_day = list.move_to.with_value(Option::is_some);
    let first_due = if is_day { "today" } else { "" };
    let due_on = RwSignal::new(first_due.to_owned());
    let team_id = team.map(|team| team.to_string());
    let hidden = team_id.clone().map(|team| view! { <input type="hidden" name="team_id" value=team /> });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(wanted) = not_empty(title.get_untracked()) {
            title.set(String::new());
            let form = TaskForm {
                title: wanted.clone(),
                due_on: not_empty(due_on.get_untracked()),
                team_id: team_id.clone(),
                ..TaskForm::default()
            };
            list.add(form, move || {
                // The input comes back, unless the user has typed something new.
                if title.with_untracked(String::is_empty) {
                    title.set(wanted);
                }
            });
        }
    };
    view! {
        <form class="add" method="post" action="/api/ui/create_task" on:submit=submit>
            {hidden}
            <label class="visually-hidden" for="new-title">{t("New task")}</label>
            <input
                id="new-title"
                name="title"
                placeholder=t("What is to be done?")
                maxlength="200"
                required
                autocomplete="off"
                value=typed
                bind:value=title
            />
            <label class="visually-hidden" for="new-due">{t("Due on")}</label>
            <input id="new-due" name="due_on" type=if is_day { "hidden" } else { "date" } value=first_due bind:value=due_on />
            <button class="button">{t("Add")}</button>
        </form>
    }
}

/// The dialog with the people with whom a task is shared.
#[component]
fn ShareDialog(list: TaskListState) -> impl IntoView {
    let shown = list.shared;
    let title = move || shown.with(|shown| shown.as_ref().map(|shown| shown.title.clone()));
    let people = move || match shown.get() {
        Some(SharedTask { id, people: Some(Ok(Some(found))), .. }) => {
            Suspend::new(recipients_in_dialog(id, found)).into_any()
        }
        Some(SharedTask { people: Some(Ok(None)), .. }) => {
            view! { <p class="alert" role="alert">{t("You may not share this task any more.")}</p> }.into_any()
        }
        Some(SharedTask { people: Some(Err(error)), .. }) => {
            view! { <p class="alert" role="alert">{error.to_string()}</p> }.into_any()
        }
        Some(_) => view! { <p class="hint">{t("Loading…")}</p> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <dialog class="card" node_ref=list.dialog aria-label=t("Share") on:close=move |_| shown.set(None)>
            <div class="dialog-head">
                <h2>{move || title().map(|title| t_with("Share “{title}”", &[("title", &title)]))}</h2>
                <form method="dialog">
                    <button class="quiet">{t("Close")}</button>
                </form>
            </div>
            {people}
        </dialog>
    }
}
