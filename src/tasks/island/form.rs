//! The form to edit a task.

use leptos::{ev::SubmitEvent, html, prelude::*};

use super::state::TaskListState;
use crate::{
    language::{t, t_with},
    permissions::{Access, Role},
    tasks::{ListedTask, NO_TEAM, TaskForm},
    ui::rows::{Row, inside_textarea, not_empty},
};

/// What the form shows of a task; a difference to what it was opened with is somebody else's change.
type Shown = (String, String, String);

fn shown(task: &ListedTask) -> Shown {
    let due = task.due.as_ref().map(|due| due.on.clone());
    (task.title.clone(), task.description.clone().unwrap_or_default(), due.unwrap_or_default())
}

/// Stands below the task. Enter saves, Escape closes it.
#[component]
pub fn EditForm(
    /// The list.
    list: TaskListState,
    /// The row of the task.
    row: Row<ListedTask>,
    /// Whether the form is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let before = row.value.get_untracked();
    let (id, access) = (before.id, before.access);
    let (first_title, first_description, first_due) = shown(&before);
    let opened_with = RwSignal::new(shown(&before));
    let new_title = RwSignal::new(first_title.clone());
    let new_description = RwSignal::new(first_description.clone());
    let new_due = RwSignal::new(first_due.clone());
    let team = before.team.map_or_else(|| NO_TEAM.to_owned(), |team| team.id.to_string());
    let new_team = RwSignal::new(team);
    let theirs = move || {
        let now = row.value.with(shown);
        (now != opened_with.get()).then_some(now)
    };
    let take = move || {
        let (title, description, due) = row.value.with_untracked(shown);
        new_title.set(title.clone());
        new_description.set(description.clone());
        new_due.set(due.clone());
        opened_with.set((title, description, due));
    };
    // Only the owner may move a task, and only somebody in a team has a place to move it to.
    let may_move = access == Access::Owner && list.teams.with_value(|teams| !teams.is_empty());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(title) = not_empty(new_title.get_untracked()) {
            let form = TaskForm {
                title,
                description: not_empty(new_description.get_untracked()),
                due_on: not_empty(new_due.get_untracked()),
                team_id: may_move.then(|| new_team.get_untracked()),
            };
            open.set(false);
            list.change(row, form);
        }
    };
    let close_on_escape = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            open.set(false);
        }
    };
    let title = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(title) = title.get() {
            let _ = title.focus();
        }
    });
    view! {
        <form class="task-form" method="post" action="/api/ui/update_task" on:submit=submit on:keydown=close_on_escape>
            <input type="hidden" name="id" value=id.to_string() />
            <div role="status">{move || theirs().map(|theirs| view! { <Theirs theirs take /> })}</div>
            <label for=format!("title-{id}")>{t("Title")}</label>
            <input id=format!("title-{id}") name="title" maxlength="200" required node_ref=title value=first_title bind:value=new_title />
            <label for=format!("description-{id}")>{t("Description")}</label>
            <textarea
                id=format!("description-{id}")
                name="description"
                maxlength="1000"
                rows="3"
                inner_html=inside_textarea(&first_description)
                bind:value=new_description
            ></textarea>
            <label for=format!("due-{id}")>{t("Due on")}</label>
            <input id=format!("due-{id}") name="due_on" type="date" value=first_due bind:value=new_due />
            {may_move.then(|| view! { <TeamChoice list id=id.to_string() team=new_team /> })}
            <button class="button">{t("Save")}</button>
        </form>
    }
}

/// Somebody else's change while the form was open; the input in the form stays.
#[component]
fn Theirs(theirs: Shown, take: impl Fn() + 'static) -> impl IntoView {
    let (title, description, due) = theirs;
    let due = if due.is_empty() { due } else { t_with(", due {due}", &[("due", &due)]) };
    let changed =
        t_with("Somebody changed this task meanwhile. It is now “{title}”{due}.", &[("title", &title), ("due", &due)]);
    view! {
        <div class="conflict">
            <p>{changed}</p>
            <p class="hint" hidden=description.is_empty()>{description.clone()}</p>
            <p>{t("Saving replaces that with what stands below.")}</p>
            <button type="button" class="quiet" on:click=move |_| take()>{t("Take theirs")}</button>
        </div>
    }
}

/// The choice of the task's team, or none.
#[component]
fn TeamChoice(list: TaskListState, id: String, team: RwSignal<String>) -> impl IntoView {
    let chosen = team.get_untracked();
    let teams = list.teams.get_value().into_iter();
    let options = teams
        .map(|team| (team.id.to_string(), team.name, team.role))
        .filter(|(id, _, role)| *role >= Role::Member || *id == chosen)
        .map(|(id, name, _)| {
            let here = id == chosen;
            view! { <option value=id selected=here>{name}</option> }
        })
        .collect_view();
    view! {
        <label for=format!("team-{id}")>{t("Team")}</label>
        <select
            id=format!("team-{id}")
            name="team_id"
            prop:value=move || team.get()
            on:change=move |event| team.set(event_target_value(&event))
        >
            <option value=NO_TEAM>{t("None: it is mine alone")}</option>
            {options}
        </select>
    }
}
