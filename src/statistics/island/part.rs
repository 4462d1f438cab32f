//! The parts of the dashboard that change, by the id of their element.

use tallyboard_model::{language::t_with, statistics::Dashboard};

/// What the island needs to know, as JSON in a script element.
pub const PAGE_STATE: &str = "page-state";
/// How the page learns of changes and how old the numbers are.
pub const FRESHNESS: &str = "freshness";
/// How the page learns of changes, in a word.
pub const CONNECTION: &str = "connection";
/// A text about how old the numbers are.
pub const AGE: &str = "age";
/// What went wrong, and what to do about it.
pub const ERROR: &str = "dashboard-error";
/// A message about what went wrong.
pub const ERROR_TEXT: &str = "dashboard-error-text";
/// The link for somebody who is signed out.
pub const SIGN_IN: &str = "sign-in-again";
/// The button that asks at once.
pub const RETRY: &str = "retry";
/// The user's goals.
pub const GOALS: &str = "goals";
/// The chart.
pub const TREND: &str = "trend";
/// The numbers of the teams.
pub const TEAMS: &str = "teams";

/// The numbers and the notes about them: the id of each element, and its text.
pub fn texts(data: &Dashboard) -> [(&'static str, String); 11] {
    let shared_note = t_with("{edit} to edit, {view} to view", &[("edit", &data.can_edit), ("view", &data.view_only)]);
    [
        ("total", data.total_tasks.to_string()),
        ("pending", data.pending_tasks.to_string()),
        ("pending-note", data.pending_note.clone()),
        ("completed", data.completed_tasks.to_string()),
        ("shared", data.shared_tasks.to_string()),
        ("shared-note", shared_note),
        ("created-today", data.created_today.to_string()),
        ("completed-today", data.completed_today.to_string()),
        ("created-this-week", data.created_this_week.to_string()),
        ("completed-this-week", data.completed_this_week.to_string()),
        ("completion-rate", data.completion_rate.clone()),
    ]
}
