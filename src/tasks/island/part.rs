//! The ids of what the lists of a page share. `tasks/views` renders it, and the island finds it by these names.

/// What the page says to the island.
pub const LISTS: &str = "task-lists";
/// A `<template>` of the form to edit a task.
pub const FORM_TEMPLATE: &str = "task-form";
/// The placeholder for the task's id in the template. No name of a team looks like it.
pub const ID_PLACEHOLDER: &str = "00000000-0000-0000-0000-000000000000";
/// Says what was done, with a button for Undo.
pub const UNDO: &str = "undo";
/// The dialog of a task's shares.
pub const SHARES: &str = "shares";
/// The dialog's content.
pub const SHARES_CONTENT: &str = "shares-content";
/// The panel in which a task opens.
pub const PANEL: &str = "task-panel";
/// The opened task.
pub const OPEN_TASK: &str = "open-task";
