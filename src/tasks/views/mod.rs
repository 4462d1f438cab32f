//! The structure of the lists of tasks. It is rendered here and belongs to the server: the island acts on the elements of
//! the page, and fetches rows as HTML that is made here.

use leptos::prelude::*;

use super::{
    island::{TaskLists, part},
    listed::{ListedTask, TODAY},
};
use crate::{
    scripts::{self, inline_script},
    ui::list_frame::ListFrame,
};
use tallyboard_model::{
    id::{TaskId, TeamId},
    language::t,
    membership::ListedTeam,
};

mod form;
mod row;

/// About how long the HTML of a row is, in bytes.
const ROW_SIZE: usize = 2000;

/// The rows of a list.
#[derive(Clone)]
pub struct TaskRows {
    /// The tasks, in order.
    pub tasks: Vec<ListedTask>,
    /// The teams of the user, into which a task can be moved.
    pub teams: Vec<ListedTeam>,
    /// The query of the list's page.
    pub query: String,
    /// On the page of a day: `today` or `tomorrow`, to which a button moves a task.
    pub move_to: Option<&'static str>,
    /// The task whose form is open.
    pub editing: Option<TaskId>,
}

impl TaskRows {
    /// The rows alone.
    pub fn html(&self) -> String {
        let mut html = String::with_capacity(self.tasks.len() * ROW_SIZE);
        for task in &self.tasks {
            html.push_str(&row::task_row(task, self).0);
        }
        html
    }

    /// Where the island fetches the rows.
    fn address(&self) -> String {
        let query = serde_urlencoded::to_string([("query", &self.query)]).unwrap_or_default();
        let move_to = self.move_to.map(|day| format!("&move_to={day}")).unwrap_or_default();
        format!("/api/ui/task_rows?{query}{move_to}")
    }
}

/// The form for a new task.
#[derive(Clone)]
pub struct AddForm {
    /// The title of a rejected form.
    pub typed: String,
    /// The team whose tasks are listed.
    pub team: Option<TeamId>,
}

/// A list, with the form for a new task where one can be added. `empty` is shown when there are no tasks.
pub fn task_list(rows: &TaskRows, add: Option<AddForm>, empty: &'static str) -> impl IntoView + use<> {
    let frame = ListFrame {
        class: "task-list",
        rows_class: "tasks",
        address: rows.address(),
        changed_by: None,
        about: None,
        empty,
    };
    frame.around(rows.html(), add.map(|add| add_form(add, rows.move_to.is_some())))
}

/// On the page of a day, what is added is due today.
fn add_form(AddForm { typed, team }: AddForm, is_day: bool) -> impl IntoView {
    let team = team.map(|team| view! { <input type="hidden" name="team_id" value=team.to_string() /> });
    view! {
        <form class="add" method="post" action="/api/ui/create_task">
            {team}
            <label class="visually-hidden" for="new-title">{t("New task")}</label>
            <input
                id="new-title"
                name="title"
                placeholder=t("Add a task…")
                maxlength="200"
                required
                autocomplete="off"
                value=typed
            />
            <label class="visually-hidden" for="new-due">{t("Due on")}</label>
            <input id="new-due" name="due_on" type=if is_day { "hidden" } else { "date" } value=is_day.then_some(TODAY) />
            <button class="button">{t("Add")}</button>
        </form>
    }
}

/// Shared by all lists of a page: the form to edit a task, the dialog of a task's shares, Undo, and the island.
pub fn common_parts(teams: &[ListedTeam], seconds_left_today: u32) -> impl IntoView + use<> {
    view! {
        <template id=part::FORM_TEMPLATE>{form::edit_form(part::ID_PLACEHOLDER, None, teams)}</template>
        <div role="status">
            <div class="toast" id=part::UNDO hidden>
                <span></span>
                <button class="button" type="button">{t("Undo")}</button>
            </div>
        </div>
        <dialog class="card" id=part::SHARES aria-label=t("Share")>
            <div class="dialog-head">
                <h2></h2>
                <form method="dialog">
                    <button class="quiet">{t("Close")}</button>
                </form>
            </div>
            <div id=part::SHARES_CONTENT></div>
        </dialog>
        <div data-seconds-left-today=seconds_left_today.to_string() id=part::LISTS>
            <TaskLists />
        </div>
        {inline_script(&scripts::UNDO)}
        {inline_script(&scripts::DOUBLE_CLICK)}
        {inline_script(&scripts::TASK_KEYS)}
    }
}
