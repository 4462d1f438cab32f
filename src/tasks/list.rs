//! The list of tasks, an island: every change shows at once and is taken back, with a message,
//! when the server refuses it. Each control is a form that works without script, too.

#![allow(missing_docs)] // of what the macro makes around each function

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

use super::{
    ListedTask,
    actions::{complete_task, create_task, delete_task, reopen_task, update_task},
};
use crate::{error::Error, id::TaskId, ui::browser};

/// How long a deletion can be undone.
const UNDO_FOR: Duration = Duration::from_secs(6);

/// What the island keeps. Each row has its own signal, so that a change redraws one row.
#[derive(Clone, Copy)]
struct Board {
    rows: RwSignal<Vec<Row>>,
    message: RwSignal<Option<String>>,
    /// Taken off the list, not yet deleted: where it stood, and the row.
    deleted: RwSignal<Option<(usize, Row)>>,
}

#[derive(Clone, Copy, PartialEq)]
struct Row {
    id: TaskId,
    listed: RwSignal<ListedTask>,
}

impl Row {
    fn new(listed: ListedTask) -> Self {
        Self { id: listed.id, listed: RwSignal::new(listed) }
    }
}

/// The list, and the line to add to it.
#[island(lazy)]
pub fn TaskList(
    /// The rows that the server found.
    initial: Vec<ListedTask>,
    /// What was typed into the refused form before.
    typed: String,
    /// Whether this list is one to add to.
    may_add: bool,
    /// What to say when there is nothing.
    empty: String,
) -> impl IntoView {
    let board = Board {
        rows: RwSignal::new(initial.into_iter().map(Row::new).collect()),
        message: RwSignal::new(None),
        deleted: RwSignal::new(None),
    };
    browser::mark_alive();
    // Who leaves the page has decided: what is off the list goes.
    browser::on_leave(move || board.delete_beyond_recall());

    view! {
        {may_add.then(|| view! { <AddForm board typed /> })}
        <div role="alert">
            {move || board.message.get().map(|message| view! { <p class="alert">{message}</p> })}
        </div>
        <ul class="tasks">
            <For each=move || board.rows.get() key=|row| row.id let:row>
                <TaskItem board row />
            </For>
        </ul>
        <p class="empty" hidden=move || board.rows.with(|rows| !rows.is_empty())>{empty}</p>
        <div role="status">
            {move || {
                board
                    .deleted
                    .get()
                    .map(|(_, row)| {
                        let title = row.listed.with_untracked(|listed| listed.title.clone());
                        view! {
                            <div class="toast">
                                <span>"Deleted “"{title}"”"</span>
                                <button class="button" on:click=move |_| board.undo()>"Undo"</button>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

impl Board {
    fn add(self, title: String, due_on: Option<String>, refused: impl FnOnce(String) + 'static) {
        self.message.set(None);
        spawn_local(async move {
            match create_task(title.clone(), due_on).await {
                Ok(listed) => self.rows.update(|rows| rows.insert(0, Row::new(listed))),
                Err(error) => {
                    self.complain("It was not added", &error);
                    refused(title);
                }
            }
        });
    }

    fn toggle(self, row: Row) {
        let before = row.listed.get_untracked();
        let id = before.id;
        let done = !before.done;
        row.listed.update(|listed| listed.done = done);
        self.settle(row, before, "It was not changed", async move {
            if done { complete_task(id).await } else { reopen_task(id).await }
        });
    }

    fn change(self, row: Row, title: String, description: Option<String>, due_on: Option<String>) {
        let before = row.listed.get_untracked();
        let id = before.id;
        row.listed.update(|listed| {
            listed.title = title.clone();
            listed.description = description.clone();
        });
        self.settle(row, before, "It was not saved", update_task(id, title, description, due_on));
    }

    /// Keeps what the server answers; without an answer the row is again what it was before.
    fn settle(
        self,
        row: Row,
        before: ListedTask,
        what_failed: &'static str,
        answer: impl Future<Output = Result<ListedTask, Error>> + 'static,
    ) {
        self.message.set(None);
        spawn_local(async move {
            match answer.await {
                Ok(listed) => row.listed.set(listed),
                Err(error) => {
                    row.listed.set(before);
                    self.complain(what_failed, &error);
                }
            }
        });
    }

    fn delete(self, row: Row) {
        self.message.set(None);
        self.delete_now();
        let Some(place) = self.rows.with_untracked(|rows| rows.iter().position(|other| other.id == row.id)) else {
            return;
        };
        self.rows.update(|rows| {
            rows.remove(place);
        });
        self.deleted.set(Some((place, row)));
        browser::after(UNDO_FOR, move || {
            if self.deleted.with_untracked(|deleted| deleted.is_some_and(|(_, last)| last == row)) {
                self.delete_now();
            }
        });
    }

    fn undo(self) {
        if let Some((place, row)) = self.deleted.get_untracked() {
            self.deleted.set(None);
            self.put_back(place, row);
        }
    }

    fn put_back(self, place: usize, row: Row) {
        self.rows.update(|rows| rows.insert(place.min(rows.len()), row));
    }

    fn delete_now(self) {
        let Some((place, row)) = self.deleted.get_untracked() else { return };
        self.deleted.set(None);
        spawn_local(async move {
            if let Err(error) = delete_task(row.id).await {
                self.put_back(place, row);
                self.complain("It was not deleted", &error);
            }
        });
    }

    fn delete_beyond_recall(self) {
        if let Some((_, row)) = self.deleted.get_untracked() {
            self.deleted.set(None);
            browser::send_beacon("/api/ui/delete_task", &[("id", &row.id.to_string())]);
        }
    }

    fn complain(self, what_failed: &str, error: &Error) {
        self.message.set(Some(format!("{what_failed}: {error}")));
    }
}

fn not_empty(text: String) -> Option<String> {
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[component]
fn AddForm(board: Board, typed: String) -> impl IntoView {
    let title = RwSignal::new(typed);
    let due_on = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(wanted) = not_empty(title.get_untracked()) {
            title.set(String::new());
            let due = not_empty(due_on.get_untracked());
            board.add(wanted, due, move |wanted| {
                // What was typed comes back, unless there is something new already.
                if title.with_untracked(String::is_empty) {
                    title.set(wanted);
                }
            });
        }
    };
    view! {
        <form class="add" method="post" action="/api/ui/create_task" on:submit=submit>
            <label class="visually-hidden" for="new-title">"New task"</label>
            <input
                id="new-title"
                name="title"
                placeholder="What is to be done?"
                maxlength="200"
                required
                autocomplete="off"
                bind:value=title
            />
            <label class="visually-hidden" for="new-due">"Due on"</label>
            <input id="new-due" name="due_on" type="date" bind:value=due_on />
            <button class="button">"Add"</button>
        </form>
    }
}

#[component]
fn TaskItem(board: Board, row: Row) -> impl IntoView {
    let Row { id, listed } = row;
    let task = move |pick: fn(&ListedTask) -> String| Memo::new(move |_| listed.with(pick));
    let title = task(|task| task.title.clone());
    let description = task(|task| task.description.clone().unwrap_or_default());
    let done = Memo::new(move |_| listed.with(|listed| listed.done));
    let due = Memo::new(move |_| listed.with(|listed| listed.due_on.clone()));
    let (may_change, may_manage) = listed.with_untracked(|listed| (listed.may_change, listed.may_manage));
    let toggle = move |event: SubmitEvent| {
        event.prevent_default();
        board.toggle(row);
    };
    let delete = move |event: SubmitEvent| {
        event.prevent_default();
        board.delete(row);
    };
    view! {
        <li class="task" class:done=move || done.get()>
            <form
                method="post"
                action=move || if done.get() { "/api/ui/reopen_task" } else { "/api/ui/complete_task" }
                on:submit=toggle
            >
                <input type="hidden" name="id" value=id.to_string() />
                <button
                    class="check"
                    role="checkbox"
                    aria-checked=move || if done.get() { "true" } else { "false" }
                    aria-label=move || format!("Completed: {}", title.get())
                    disabled=!may_change
                ></button>
            </form>
            <div class="task-words">
                <p class="task-title">{move || title.get()}</p>
                <p class="hint" hidden=move || description.with(String::is_empty)>{move || description.get()}</p>
                <p class="hint" hidden=move || due.with(Option::is_none)>"Due "{move || due.get()}</p>
                {(!may_change).then(|| view! { <span class="badge">"View only"</span> })}
            </div>
            {may_change.then(|| view! { <EditForm board row title description due /> })}
            {may_manage
                .then(|| {
                    view! {
                        <form method="post" action="/api/ui/delete_task" on:submit=delete>
                            <input type="hidden" name="id" value=id.to_string() />
                            <button class="quiet" aria-label=move || format!("Delete {}", title.get())>"Delete"</button>
                        </form>
                    }
                })}
        </li>
    }
}

/// Opens below the task; Enter saves, Escape leaves it as it was.
#[component]
fn EditForm(
    board: Board,
    row: Row,
    title: Memo<String>,
    description: Memo<String>,
    due: Memo<Option<String>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let new_title = RwSignal::new(title.get_untracked());
    let new_description = RwSignal::new(description.get_untracked());
    let new_due = RwSignal::new(due.get_untracked().unwrap_or_default());
    let begin = move |_| {
        new_title.set(title.get_untracked());
        new_description.set(description.get_untracked());
        new_due.set(due.get_untracked().unwrap_or_default());
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(words) = not_empty(new_title.get_untracked()) {
            open.set(false);
            let words_below = not_empty(new_description.get_untracked());
            board.change(row, words, words_below, not_empty(new_due.get_untracked()));
        }
    };
    let id = row.id;
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
                        begin(());
                    }
                    open.update(|open| *open = !*open);
                }
            >
                "Edit"
            </summary>
            <form method="post" action="/api/ui/update_task" on:submit=submit>
                <input type="hidden" name="id" value=id.to_string() />
                <label for=format!("title-{id}")>"Title"</label>
                <input id=format!("title-{id}") name="title" maxlength="200" required bind:value=new_title />
                <label for=format!("description-{id}")>"Description"</label>
                <textarea
                    id=format!("description-{id}")
                    name="description"
                    maxlength="1000"
                    rows="3"
                    bind:value=new_description
                ></textarea>
                <label for=format!("due-{id}")>"Due on"</label>
                <input id=format!("due-{id}") name="due_on" type="date" bind:value=new_due />
                <button class="button">"Save"</button>
            </form>
        </details>
    }
}
