//! Every address within the site that a page links to.

/// The start page: the dashboard, for who is signed in.
pub const HOME: &str = "/";
/// The dashboard.
pub const DASHBOARD: &str = "/dashboard";
/// One's own tasks.
pub const TASKS: &str = "/tasks";
/// Those of them that are not done.
pub const PENDING_TASKS: &str = "/tasks?status=pending";
/// Those of them that are.
pub const COMPLETED_TASKS: &str = "/tasks?status=completed";
/// Tasks that somebody shared with me.
pub const SHARED_TASKS: &str = "/tasks?shared=with_me";
/// One's teams.
pub const TEAMS: &str = "/teams";
/// One's conversations.
pub const CHAT: &str = "/chat";
/// One's own account.
pub const SETTINGS: &str = "/settings";
/// Sign in.
pub const SIGN_IN: &str = "/signin";
/// Make an account.
pub const SIGN_UP: &str = "/signup";

/// One team.
pub fn team(id: crate::id::TeamId) -> String {
    format!("{TEAMS}/{id}")
}
/// A team's tasks.
pub fn team_tasks(id: crate::id::TeamId) -> String {
    format!("{TASKS}?team_id={id}")
}
/// With whom a task is shared.
pub fn task_shares(id: crate::id::TaskId) -> String {
    format!("{TASKS}/{id}/shares")
}
/// One conversation.
pub fn conversation(id: crate::id::ConversationId) -> String {
    format!("{CHAT}/{id}")
}
