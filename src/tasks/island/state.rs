//! The state of the task list and what the user can do with it.

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};

use crate::{
    error::Error,
    id::TaskId,
    language::t,
    live::{self, LiveEvent},
    membership::ListedTeam,
    people::ListedPerson,
    shares::actions::{give_up_share, task_shares},
    tasks::{
        ListedTask, TaskForm, TaskStatus,
        actions::{change_task, create_task, delete_task, listed_tasks, update_task},
    },
    ui::{
        browser,
        rows::{Row, Rows},
    },
};

const SECOND: Duration = Duration::from_secs(1);
/// How long a deletion can be undone.
const UNDO_TIME: Duration = Duration::from_secs(6);

/// The state of the island. Cheap to copy.
#[derive(Clone, Copy)]
pub struct TaskListState {
    /// The tasks.
    pub rows: Rows<ListedTask>,
    /// The teams of the user, into which a task can be moved.
    pub teams: StoredValue<Vec<ListedTeam>>,
    /// The query of the page.
    pub query: StoredValue<String>,
    /// `today` or `tomorrow`, to which a button moves a task.
    pub move_to: StoredValue<Option<String>>,
    /// The task that is removed from the page and not yet deleted: its old index and its row.
    pub deleted: RwSignal<Option<(usize, Row<ListedTask>)>>,
    /// What the dialog shows.
    pub shared: RwSignal<Option<SharedTask>>,
    /// The dialog of a task's shares.
    pub dialog: NodeRef<html::Dialog>,
}

/// The shares of a task in the dialog.
#[derive(Clone)]
pub struct SharedTask {
    /// The task.
    pub id: TaskId,
    /// Its title.
    pub title: String,
    /// The people with whom it is shared; `None` until the server answers.
    pub people: Option<Result<Option<Vec<ListedPerson>>, Error>>,
}

impl TaskListState {
    /// The list with the rows that the server found.
    pub fn new(initial: Vec<ListedTask>, teams: Vec<ListedTeam>, query: String, move_to: Option<String>) -> Self {
        Self {
            // A task to which the user's access has changed gets a new row.
            rows: Rows::new(initial, |a, b| a.id == b.id && a.access == b.access),
            teams: StoredValue::new(teams),
            query: StoredValue::new(query),
            move_to: StoredValue::new(move_to),
            deleted: RwSignal::new(None),
            shared: RwSignal::new(None),
            dialog: NodeRef::new(),
        }
    }

    /// Keeps the list up to date: after every change, and when "today" and "tomorrow" are other days.
    pub fn follow_changes(self, seconds_left_today: u32) {
        self.rows.refetch_on(
            LiveEvent::is_about_tasks,
            move || listed_tasks(self.query.get_value()),
            move |found| self.show(found),
        );
        browser::after(Duration::from_secs(seconds_left_today.into()) + SECOND, live::refetch_everything);
    }

    fn show(self, mut found: Result<Option<Vec<ListedTask>>, Error>) {
        // A deletion that can still be undone is not known to the server yet.
        if let (Ok(Some(found)), Some((_, deleted))) = (&mut found, self.deleted.get_untracked()) {
            let deleted = deleted.value.with_untracked(|task| task.id);
            found.retain(|task| task.id != deleted);
        }
        // A row in which the user is typing stays.
        let there: Vec<TaskId> = found.iter().flatten().flatten().map(|task| task.id).collect();
        let keep = |task: &ListedTask| !there.contains(&task.id) && browser::is_typing_in(&format!("task-{}", task.id));
        self.rows.show(found, keep);
    }

    /// Creates a task.
    pub fn add(self, form: TaskForm, rejected: impl FnOnce() + 'static) {
        let answer = create_task(form.title, form.due_on, form.team_id);
        self.rows.add(true, t("It was not added"), answer, rejected);
    }

    /// Completes or reopens.
    pub fn toggle(self, row: Row<ListedTask>) {
        let (id, done) = row.value.with_untracked(|task| (task.id, !task.done));
        let status = if done { TaskStatus::Completed } else { TaskStatus::Pending };
        self.rows.change(row, t("It was not changed"), |task| task.done = done, change_task(id, Some(status), None));
    }

    /// Changes a task's text, date and team.
    pub fn change(self, row: Row<ListedTask>, form: TaskForm) {
        let id = row.value.with_untracked(|task| task.id);
        let TaskForm { title, description, due_on, team_id } = form.clone();
        let guess = move |task: &mut ListedTask| {
            task.title = form.title;
            task.description = form.description;
        };
        self.rows.change(row, t("It was not saved"), guess, update_task(id, title, description, due_on, team_id));
    }

    /// Moves the task to the day of the list's button.
    pub fn move_to_day(self, row: Row<ListedTask>) {
        let id = row.value.with_untracked(|task| task.id);
        self.rows.change(row, t("It was not moved"), |_| (), change_task(id, None, self.move_to.get_value()));
    }

    /// Ends the share of the task with the user.
    pub fn give_up(self, row: Row<ListedTask>) {
        let id = row.value.with_untracked(|task| task.id);
        self.rows.remove(row, t("It was not given up"), give_up_share(id));
    }

    /// Removes a task from the page, and deletes it unless that is undone in time.
    pub fn delete(self, row: Row<ListedTask>) {
        self.delete_now();
        let Some(index) = self.rows.take(row) else { return };
        self.deleted.set(Some((index, row)));
        browser::after(UNDO_TIME, move || {
            if self.deleted.with_untracked(|deleted| deleted.is_some_and(|(_, last)| last == row)) {
                self.delete_now();
            }
        });
    }

    /// Restores the task that was removed last.
    pub fn undo(self) {
        if let Some((index, row)) = self.deleted.get_untracked() {
            self.deleted.set(None);
            self.rows.put_back(index, row);
        }
    }

    fn delete_now(self) {
        let Some((index, row)) = self.deleted.get_untracked() else { return };
        self.deleted.set(None);
        let id = row.value.with_untracked(|task| task.id);
        self.rows.remove_taken(index, row, t("It was not deleted"), delete_task(id));
    }

    /// Deletes the removed task at once: the user leaves the page.
    pub fn delete_on_leave(self) {
        if let Some((_, row)) = self.deleted.get_untracked() {
            self.deleted.set(None);
            let id = row.value.with_untracked(|task| task.id.to_string());
            browser::send_beacon("/api/ui/delete_task", &[("id", &id)]);
        }
    }

    /// Opens the dialog of a task's shares.
    pub fn show_shares(self, row: Row<ListedTask>) {
        let (id, title) = row.value.with_untracked(|task| (task.id, task.title.clone()));
        self.shared.set(Some(SharedTask { id, title, people: None }));
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
