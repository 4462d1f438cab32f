//! One task of the list, and the form to edit it.

use leptos::{ev::SubmitEvent, prelude::*};

use super::state::TaskListState;
use crate::{
    paths,
    permissions::{Access, Role},
    tasks::{ListedTask, NO_TEAM, TaskForm},
    ui::rows::{Row, inside_textarea, not_empty},
};

/// A row. It offers only what the user may do.
#[component]
pub fn TaskItem(
    /// The list.
    list: TaskListState,
    /// The row.
    row: Row<ListedTask>,
) -> impl IntoView {
    let listed = row.value;
    let ListedTask { id, access, shared_by, .. } = listed.get_untracked();
    let text = move |pick: fn(&ListedTask) -> String| Memo::new(move |_| listed.with(pick));
    let title = text(|task| task.title.clone());
    let description = text(|task| task.description.clone().unwrap_or_default());
    let done = Memo::new(move |_| listed.with(|listed| listed.done));
    let due = Memo::new(move |_| listed.with(|listed| listed.due_on.clone()));
    let team = Memo::new(move |_| listed.with(|listed| listed.team.clone()));
    let on_submit = move |act: fn(TaskListState, Row<ListedTask>)| {
        move |event: SubmitEvent| {
            event.prevent_default();
            act(list, row);
        }
    };
    let id_field = move || view! { <input type="hidden" name="id" value=id.to_string() /> };
    let may = match access {
        Access::SharedView | Access::TeamViewer | Access::TeamMember => Some("View only"),
        Access::SharedEdit => Some("Can edit"),
        Access::TeamOwner | Access::TeamAdmin => Some("Can manage"),
        Access::Owner => None,
    };
    let shared = shared_by.clone().map(|name| view! { <span class="hint">"Shared by "{name}</span> });
    view! {
        <li class="task" id=format!("task-{id}") class:done=move || done.get()>
            <form
                method="post"
                action=move || if done.get() { "/api/ui/reopen_task" } else { "/api/ui/complete_task" }
                on:submit=on_submit(TaskListState::toggle)
            >
                {id_field()}
                <button
                    class="check"
                    role="checkbox"
                    aria-checked=move || if done.get() { "true" } else { "false" }
                    aria-label=move || format!("Completed: {}", title.get())
                    disabled=!access.may_change()
                ></button>
            </form>
            <div class="task-words">
                <p class="task-title">{move || title.get()}</p>
                <p class="hint" hidden=move || description.with(String::is_empty)>{move || description.get()}</p>
                <p class="task-notes">
                    <span class="hint" hidden=move || due.with(Option::is_none)>"Due "{move || due.get()}</span>
                    {move || {
                        team.get().map(|team| view! { <a class="badge" href=paths::team_tasks(team.id)>{team.name}</a> })
                    }}
                    {shared}
                    {may.map(|may| view! { <span class="badge">{may}</span> })}
                </p>
            </div>
            {access.may_change().then(|| view! { <EditForm list row title description due /> })}
            {access
                .may_manage()
                .then(|| {
                    view! {
                        <a
                            class="quiet share"
                            href=paths::task_shares(id)
                            aria-label=move || format!("Share {}", title.get())
                            on:click=move |event| {
                                event.prevent_default();
                                list.show_shares(row);
                            }
                        >
                            "Share"
                        </a>
                        <form class="delete" method="post" action="/api/ui/delete_task" on:submit=on_submit(TaskListState::delete)>
                            {id_field()}
                            <button class="quiet" aria-label=move || format!("Delete {}", title.get())>"Delete"</button>
                        </form>
                    }
                })}
            {(shared_by.is_some() && !access.may_manage())
                .then(|| {
                    view! {
                        <form class="delete" method="post" action="/api/ui/give_up_share" on:submit=on_submit(TaskListState::give_up)>
                            <input type="hidden" name="task_id" value=id.to_string() />
                            <button class="quiet" aria-label=move || format!("Give up {}", title.get())>"Give up"</button>
                        </form>
                    }
                })}
        </li>
    }
}

/// Opens below the task. Enter saves, Escape closes it.
#[component]
fn EditForm(
    list: TaskListState,
    row: Row<ListedTask>,
    title: Memo<String>,
    description: Memo<String>,
    due: Memo<Option<String>>,
) -> impl IntoView {
    let before = row.value.get_untracked();
    let (id, access) = (before.id, before.access);
    let team_of = move || {
        let id = row.value.with_untracked(|task| task.team.as_ref().map(|team| team.id.to_string()));
        id.unwrap_or_else(|| NO_TEAM.to_owned())
    };
    let open = RwSignal::new(false);
    let new_title = RwSignal::new(title.get_untracked());
    let new_description = RwSignal::new(description.get_untracked());
    let new_due = RwSignal::new(due.get_untracked().unwrap_or_default());
    let new_team = RwSignal::new(team_of());
    // The task when the form was opened: a difference is somebody else's change.
    let opened_with = RwSignal::new((title.get_untracked(), description.get_untracked(), due.get_untracked()));
    let theirs = Memo::new(move |_| {
        let now = (title.get(), description.get(), due.get());
        (open.get() && now != opened_with.get()).then_some(now)
    });
    let begin = move || {
        opened_with.set((title.get_untracked(), description.get_untracked(), due.get_untracked()));
        new_title.set(title.get_untracked());
        new_description.set(description.get_untracked());
        new_due.set(due.get_untracked().unwrap_or_default());
        new_team.set(team_of());
    };
    // Only the owner may move a task, and only somebody in a team has a place to move it to.
    let may_move = access == Access::Owner && list.teams.with_value(|teams| !teams.is_empty());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(title) = not_empty(new_title.get_untracked()) {
            open.set(false);
            let form = TaskForm {
                title,
                description: not_empty(new_description.get_untracked()),
                due_on: not_empty(new_due.get_untracked()),
                team_id: may_move.then(|| new_team.get_untracked()),
            };
            list.change(row, form);
        }
    };
    view! {
        <details
            class="edit"
            prop:open=move || open.get()
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    open.set(false);
                }
            }
        >
            <summary
                class="quiet"
                aria-label=move || format!("Edit {}", title.get())
                on:click=move |event| {
                    event.prevent_default();
                    if !open.get_untracked() {
                        begin();
                    }
                    open.update(|open| *open = !*open);
                }
            >
                "Edit"
            </summary>
            <form method="post" action="/api/ui/update_task" on:submit=submit>
                <input type="hidden" name="id" value=id.to_string() />
                <div role="status">{move || theirs.get().map(|theirs| view! { <Theirs theirs take=begin /> })}</div>
                <label for=format!("title-{id}")>"Title"</label>
                <input id=format!("title-{id}") name="title" maxlength="200" required value=before.title bind:value=new_title />
                <label for=format!("description-{id}")>"Description"</label>
                <textarea
                    id=format!("description-{id}")
                    name="description"
                    maxlength="1000"
                    rows="3"
                    inner_html=inside_textarea(&before.description.unwrap_or_default())
                    bind:value=new_description
                ></textarea>
                <label for=format!("due-{id}")>"Due on"</label>
                <input id=format!("due-{id}") name="due_on" type="date" value=before.due_on bind:value=new_due />
                {may_move.then(|| view! { <TeamChoice list id=id.to_string() team=new_team /> })}
                <button class="button">"Save"</button>
            </form>
        </details>
    }
}

/// Somebody else's change while the form was open; the input in the form stays.
#[component]
fn Theirs(theirs: (String, String, Option<String>), take: impl Fn() + 'static) -> impl IntoView {
    let (title, description, due) = theirs;
    let due = due.map(|due| format!(", due {due}")).unwrap_or_default();
    view! {
        <div class="conflict">
            <p>"Somebody changed this task meanwhile. It is now “"{title}"”"{due}"."</p>
            <p class="hint" hidden=description.is_empty()>{description.clone()}</p>
            <p>"Saving replaces that with what stands below."</p>
            <button type="button" class="quiet" on:click=move |_| take()>"Take theirs"</button>
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
        <label for=format!("team-{id}")>"Team"</label>
        <select
            id=format!("team-{id}")
            name="team_id"
            prop:value=move || team.get()
            on:change=move |event| team.set(event_target_value(&event))
        >
            <option value=NO_TEAM>"None: it is mine alone"</option>
            {options}
        </select>
    }
}
