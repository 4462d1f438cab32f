//! The events of the page's window between islands and scripts (`src/scripts`). `tests/http/scripts.rs` looks for them there.

/// A script has changed tasks.
pub const TASKS_CHANGED: &str = "tasks-changed";
/// The socket has received a notification.
pub const NOTIFICATION: &str = "notification";
/// The socket has received an event about tasks.
pub const TASK_EVENT: &str = "task-event";
