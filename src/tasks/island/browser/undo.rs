//! What takes back a change of a task: the page's script `undo.js` sends it.

use js_sys::{Array, Function, Reflect};
use leptos::{
    leptos_dom::helpers::window,
    web_sys::{Element, UrlSearchParams, wasm_bindgen::JsCast},
};

use super::row::{Shown, task_id};
use crate::ui::dom;
use tallyboard_model::{
    language::{t_with, text},
    tasks::NO_TEAM,
};

/// A change, and the request that takes it back.
pub struct Undo {
    /// More of the same kind is undone together.
    kind: &'static str,
    said: String,
    address: &'static str,
    fields: UrlSearchParams,
}

impl Undo {
    /// `words` have the place `{title}`.
    fn new(
        row: &Element,
        (kind, words): (&'static str, &'static str),
        address: &'static str,
        fields: &[(&str, &str)],
    ) -> Option<Self> {
        let search = UrlSearchParams::new().ok()?;
        for (name, value) in fields {
            search.append(name, value);
        }
        Some(Self { kind, said: t_with(words, &[("title", &Shown::in_row(row).title)]), address, fields: search })
    }

    /// Completes a task again, or reopens it.
    pub fn of_status(row: &Element) -> Option<Self> {
        let (words, status) = if row.class_list().contains("done") {
            (("reopen", text("Reopened “{title}”")), "completed")
        } else {
            (("complete", text("Completed “{title}”")), "pending")
        };
        Self::new(row, words, "/api/ui/change_task", &[("id", &task_id(row)), ("status", status)])
    }

    /// Moves a task back.
    pub fn of_move(row: &Element) -> Option<Self> {
        let fields = [("ids[]", &*task_id(row)), ("action", "move"), ("due_on", &due(row))];
        Self::new(row, ("move", text("Moved “{title}”")), "/api/ui/change_tasks", &fields)
    }

    /// Restores a task.
    pub fn of_deletion(row: &Element) -> Option<Self> {
        Self::new(row, ("delete", text("Deleted “{title}”")), "/api/ui/restore_tasks", &[("ids[]", &task_id(row))])
    }

    /// Writes the old words, day and team back.
    pub fn of_edit(row: &Element) -> Option<Self> {
        let Shown { title, description, .. } = Shown::in_row(row);
        let (id, due) = (task_id(row), due(row));
        let mut fields = vec![("id", &*id), ("title", &*title), ("description", &*description), ("due_on", &*due)];
        let edit: Element = dom::find(row, ".edit")?;
        let team = edit.get_attribute("data-team").unwrap_or_else(|| NO_TEAM.to_owned());
        if edit.has_attribute("data-owner") {
            fields.push(("team_id", &team));
        }
        Self::new(row, ("edit", text("Saved “{title}”")), "/api/ui/update_task", &fields)
    }

    /// Shows the toast.
    pub fn offer(self) {
        let request = Array::of2(&self.address.into(), &self.fields);
        call("offerUndo", &Array::of3(&self.kind.into(), &self.said.into(), &Array::of1(&request)));
    }
}

/// Calls a function of `undo.js`.
pub fn call(name: &str, arguments: &Array) {
    let function = Reflect::get(&window(), &name.into()).ok().and_then(|it| it.dyn_into::<Function>().ok());
    if let Some(function) = function {
        let _ = function.apply(&window(), arguments);
    }
}

/// When the row's task is due, to the second; `none`: on no day.
fn due(row: &Element) -> String {
    let time = dom::find::<Element>(row, "time").and_then(|time| time.get_attribute("data-at"));
    time.unwrap_or_else(|| "none".to_owned())
}
