//! The list of tasks, an island. Each control is a form or a link that works without script, too.

#![allow(missing_docs)] // of what the macro makes around each function

use std::time::Duration;

use leptos::{ev::SubmitEvent, html, prelude::*, task::spawn_local};

use super::{
    ListedTask, Words,
    actions::{complete_task, create_task, delete_task, listed_tasks, reopen_task, update_task},
    item::TaskItem,
};
use crate::{
    error::Error,
    id::{TaskId, TeamId},
    live::{self, Happened},
    shares::{
        actions::{give_up_share, task_shares},
        board::receivers,
    },
    teams::ListedTeam,
    ui::{
        browser,
        people::Person,
        rows::{Row, Rows, not_empty},
    },
};

/// How long a deletion can be undone.
const UNDO_FOR: Duration = Duration::from_secs(6);

/// What the island keeps.
#[derive(Clone, Copy)]
pub struct Board {
    rows: Rows<ListedTask>,
    /// Teams that a task can be moved into.
    pub teams: StoredValue<Vec<ListedTeam>>,
    /// Taken off the list, not yet deleted: where it stood, and the row.
    deleted: RwSignal<Option<(usize, Row<ListedTask>)>>,
    /// The task whose shares are shown.
    shared: RwSignal<Option<SharesShown>>,
    dialog: NodeRef<html::Dialog>,
}

/// What the dialog of shares shows.
#[derive(Clone)]
struct SharesShown {
    id: TaskId,
    title: String,
    /// `None` until the server answers.
    people: Option<Result<Option<Vec<Person>>, Error>>,
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
    /// The team that is listed.
    team: Option<TeamId>,
    /// Teams that a task can be moved into.
    teams: Vec<ListedTeam>,
    /// The page's, to ask for the same rows again.
    query: String,
    /// What to say when there is nothing.
    empty: String,
) -> impl IntoView {
    let board = Board {
        // Who may do more or less than before sees another row.
        rows: Rows::new(initial, |one, other| one.id == other.id && one.access == other.access),
        teams: StoredValue::new(teams),
        deleted: RwSignal::new(None),
        shared: RwSignal::new(None),
        dialog: NodeRef::new(),
    };
    let rows = board.rows;
    live::follow(Happened::is_about_tasks, move || listed_tasks(query.clone()), move |found| board.follow(found));
    // Who leaves the page has decided: what is off the list goes.
    browser::on_leave(move || board.delete_beyond_recall());

    view! {
        {may_add.then(|| view! { <AddForm board typed team /> })}
        {rows.message()}
        <ul class="tasks">
            <For each=move || rows.get() key=|row| row.key() let:row>
                <TaskItem board row />
            </For>
        </ul>
        <p class="empty" hidden=move || !rows.is_empty()>{empty}</p>
        <div role="status">
            {move || {
                board
                    .deleted
                    .get()
                    .map(|(_, row)| {
                        let title = row.value.with_untracked(|listed| listed.title.clone());
                        view! {
                            <div class="toast">
                                <span>"Deleted “"{title}"”"</span>
                                <button class="button" on:click=move |_| board.undo()>"Undo"</button>
                            </div>
                        }
                    })
            }}
        </div>
        <ShareDialog board />
    }
}

impl Board {
    /// Somebody changed something, here or elsewhere.
    fn follow(self, mut found: Result<Option<Vec<ListedTask>>, Error>) {
        // What was taken off and can still be undone does not come back by itself.
        if let (Ok(Some(found)), Some((_, deleted))) = (&mut found, self.deleted.get_untracked()) {
            let deleted = deleted.value.with_untracked(|task| task.id);
            found.retain(|task| task.id != deleted);
        }
        // Where somebody is at work, nothing is pulled away.
        let there: Vec<TaskId> = found.iter().flatten().flatten().map(|task| task.id).collect();
        let keep = |task: &ListedTask| !there.contains(&task.id) && browser::has_focus(&format!("task-{}", task.id));
        self.rows.follow(found, keep);
    }

    fn add(self, words: Words, refused: impl FnOnce() + 'static) {
        let answer = create_task(words.title, words.due_on, words.team_id);
        self.rows.add(true, "It was not added", answer, refused);
    }

    /// Completes or reopens.
    pub fn toggle(self, row: Row<ListedTask>) {
        let (id, done) = row.value.with_untracked(|task| (task.id, !task.done));
        let answer = async move { if done { complete_task(id).await } else { reopen_task(id).await } };
        self.rows.change(row, "It was not changed", |task| task.done = done, answer);
    }

    /// Changes a task's words, date and team.
    pub fn change(self, row: Row<ListedTask>, words: Words) {
        let id = row.value.with_untracked(|task| task.id);
        let Words { title, description, due_on, team_id } = words.clone();
        let guess = move |task: &mut ListedTask| {
            task.title = words.title;
            task.description = words.description;
        };
        self.rows.change(row, "It was not saved", guess, update_task(id, title, description, due_on, team_id));
    }

    /// Gives up what was shared with me.
    pub fn give_up(self, row: Row<ListedTask>) {
        let id = row.value.with_untracked(|task| task.id);
        self.rows.remove(row, "It was not given up", give_up_share(id));
    }

    /// Takes a task off the list, and deletes it unless that is undone.
    pub fn delete(self, row: Row<ListedTask>) {
        self.delete_now();
        let Some(place) = self.rows.take(row) else { return };
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
            self.rows.put_back(place, row);
        }
    }

    fn delete_now(self) {
        let Some((place, row)) = self.deleted.get_untracked() else { return };
        self.deleted.set(None);
        let id = row.value.with_untracked(|task| task.id);
        self.rows.remove_taken(place, row, "It was not deleted", delete_task(id));
    }

    fn delete_beyond_recall(self) {
        if let Some((_, row)) = self.deleted.get_untracked() {
            self.deleted.set(None);
            let id = row.value.with_untracked(|task| task.id.to_string());
            browser::send_beacon("/api/ui/delete_task", &[("id", &id)]);
        }
    }

    /// Opens the dialog of a task's shares.
    pub fn show_shares(self, row: Row<ListedTask>) {
        let (id, title) = row.value.with_untracked(|task| (task.id, task.title.clone()));
        self.shared.set(Some(SharesShown { id, title, people: None }));
        if let Some(dialog) = self.dialog.get_untracked() {
            let _ = dialog.show_modal();
        }
        spawn_local(async move {
            let found = task_shares(id).await;
            self.shared.update(|shown| {
                if let Some(shown) = shown.as_mut().filter(|shown| shown.id == id) {
                    shown.people = Some(found);
                }
            });
        });
    }
}

#[component]
fn AddForm(board: Board, typed: String, team: Option<TeamId>) -> impl IntoView {
    let title = RwSignal::new(typed.clone());
    let due_on = RwSignal::new(String::new());
    let team_id = team.map(|team| team.to_string());
    let hidden = team_id.clone().map(|team| view! { <input type="hidden" name="team_id" value=team /> });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(wanted) = not_empty(title.get_untracked()) {
            title.set(String::new());
            let words = Words {
                title: wanted.clone(),
                due_on: not_empty(due_on.get_untracked()),
                team_id: team_id.clone(),
                ..Words::default()
            };
            board.add(words, move || {
                // What was typed comes back, unless there is something new already.
                if title.with_untracked(String::is_empty) {
                    title.set(wanted);
                }
            });
        }
    };
    view! {
        <form class="add" method="post" action="/api/ui/create_task" on:submit=submit>
            {hidden}
            <label class="visually-hidden" for="new-title">"New task"</label>
            <input
                id="new-title"
                name="title"
                placeholder="What is to be done?"
                maxlength="200"
                required
                autocomplete="off"
                value=typed
                bind:value=title
            />
            <label class="visually-hidden" for="new-due">"Due on"</label>
            <input id="new-due" name="due_on" type="date" bind:value=due_on />
            <button class="button">"Add"</button>
        </form>
    }
}

/// With whom a task is shared, above the list.
#[component]
fn ShareDialog(board: Board) -> impl IntoView {
    let shown = board.shared;
    let title = move || shown.with(|shown| shown.as_ref().map(|shown| shown.title.clone()));
    let people = move || match shown.get() {
        Some(SharesShown { id, people: Some(Ok(Some(found))), .. }) => receivers(id, found, String::new()).into_any(),
        Some(SharesShown { people: Some(Ok(None)), .. }) => {
            view! { <p class="alert" role="alert">"You may not share this task any more."</p> }.into_any()
        }
        Some(SharesShown { people: Some(Err(error)), .. }) => {
            view! { <p class="alert" role="alert">{error.to_string()}</p> }.into_any()
        }
        Some(_) => view! { <p class="hint">"Loading…"</p> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <dialog class="card" node_ref=board.dialog aria-labelledby="share-title" on:close=move |_| shown.set(None)>
            <div class="dialog-head">
                <h2 id="share-title">"Share “"{title}"”"</h2>
                <form method="dialog">
                    <button class="quiet">"Close"</button>
                </form>
            </div>
            {people}
        </dialog>
    }
}
