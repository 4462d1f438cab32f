//! The structure of the lists of tasks. It is rendered here and belongs to the server: the island acts on the elements of
//! the page, and fetches rows as HTML that is made here.

use leptos::prelude::*;

use super::{
    island::{TaskLists, part},
    listed::ListedTask,
};
use crate::{
    scripts::{self, inline_script},
    ui::{forms::FormErrors, list_frame::ListFrame, quick_add::AddBox},
};
use tallyboard_model::{calendar::Calendar, id::TaskId, language::t, membership::ListedTeam};

mod days;
mod form;
mod open;
mod row;

pub use open::{DELETE, OpenedTask, open_task};

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
    /// Why its form was refused, and what was typed into it.
    pub errors: FormErrors,
    /// Whose days head the rows, in a list by day.
    pub days: Option<Calendar>,
}

impl TaskRows {
    /// The rows alone.
    pub fn html(&self) -> String {
        if let Some(calendar) = &self.days {
            return days::rows_by_day(self, calendar).0;
        }
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

/// A list, with the form for a new task where one can be added. `empty` is shown when there are no tasks.
pub fn task_list(rows: &TaskRows, add: Option<AddBox>, empty: &'static str) -> impl IntoView + use<> {
    let frame = ListFrame {
        class: "task-list",
        rows_class: "tasks",
        address: rows.address(),
        changed_by: None,
        about: None,
        empty,
    };
    frame.around(rows.html(), add.map(AddBox::form))
}

/// Shared by all lists of a page: the form to edit a task, the dialog of a task's shares, Undo, and the island.
pub fn common_parts(teams: &[ListedTeam], seconds_left_today: u32) -> impl IntoView + use<> {
    view! {
        <template id=part::FORM_TEMPLATE>{form::edit_form(part::ID_PLACEHOLDER, None, teams, &FormErrors::default())}</template>
        {toast()}
        <aside class="panel" id=part::PANEL aria-label=t("Task") hidden>
            <button class="quiet panel-close" type="button">{t("Close")}</button>
            <div class="panel-content"></div>
        </aside>
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
        {inline_script(&scripts::OPEN_TASK)}
    }
}

/// Says what was done, with a button for Undo.
pub fn toast() -> impl IntoView {
    view! {
        <div role="status">
            <div class="toast" id=part::UNDO hidden>
                <span></span>
                <button class="button" type="button">{t("Undo")}</button>
                <a class="button" hidden>{t("Show")}</a>
            </div>
        </div>
    }
}
