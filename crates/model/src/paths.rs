//! Every internal link.

/// The start page: the dashboard.
pub const HOME: &str = "/";
/// The dashboard.
pub const DASHBOARD: &str = "/dashboard";
/// A week and the goals.
pub const REVIEW: &str = "/review";
/// The form of the goals.
pub const GOALS: &str = "/review#goals";
/// After the goals were saved.
pub const GOALS_SAVED: &str = "/review?saved=goals#goals";
/// Today: tasks overdue, due today and in the next days.
pub const TODAY: &str = "/today";
/// The user's tasks.
pub const TASKS: &str = "/tasks";
/// The user's tasks, completed ones too.
pub const ALL_TASKS: &str = "/tasks?status=all";
/// The user's pending tasks.
pub const PENDING_TASKS: &str = "/tasks?status=pending";
/// The user's completed tasks.
pub const COMPLETED_TASKS: &str = "/tasks?status=completed";
/// Tasks shared with the user.
pub const SHARED_TASKS: &str = "/tasks?shared=with_me";
/// Deleted tasks.
pub const TRASH: &str = "/trash";
/// The user's teams.
pub const TEAMS: &str = "/teams";
/// The user's conversations.
pub const CHAT: &str = "/chat";
/// The user's account.
pub const SETTINGS: &str = "/settings";
/// Imports a file.
pub const IMPORT: &str = "/settings/import";
/// How to connect an assistant.
pub const ASSISTANTS: &str = "/settings/assistants";
/// The activity of the user and their assistants.
pub const ACTIVITY: &str = "/settings/activity";
/// Where assistants connect.
pub const MCP: &str = "/mcp";
/// Where islands call server functions.
pub const SERVER_FUNCTIONS: &str = "/api/ui/";
/// Where sockets connect.
pub const SOCKET: &str = "/api/ws";
/// Where the form to sign out is posted.
pub const SIGN_OUT: &str = "/signout";
/// Sign in.
pub const SIGN_IN: &str = "/signin";
/// Sign in with an account at the provider of sign-ins.
pub const IDENTITY: &str = "/signin/identity";
/// Where the provider sends the browser back to.
pub const IDENTITY_CALLBACK: &str = "/signin/identity/callback";
/// Connect an account with one at the provider.
pub const CONNECT_IDENTITY: &str = "/signin/connect";
/// Sign in, after the password was reset.
pub const SIGN_IN_AGAIN: &str = "/signin?reset=done";
/// Choose a password by a link.
pub const RESET_PASSWORD: &str = "/reset-password";
/// Ask for a mail with a link to choose a password.
pub const FORGOT_PASSWORD: &str = "/forgot-password";
/// After that mail was requested.
pub const FORGOT_PASSWORD_SENT: &str = "/forgot-password?sent=done";
/// Confirm an email address by a link.
pub const CONFIRM_EMAIL: &str = "/confirm-email";
/// After an address was confirmed.
pub const EMAIL_CONFIRMED: &str = "/confirm-email?confirmed=done";
/// After another confirmation mail was requested.
pub const CONFIRMATION_SENT: &str = "/settings?saved=confirmation";
/// The user's notifications.
pub const NOTIFICATIONS: &str = "/notifications";
/// The notification settings.
pub const NOTIFICATION_SETTINGS: &str = "/settings/notifications";
/// After that was saved.
pub const NOTIFICATION_SETTINGS_SAVED: &str = "/settings/notifications?saved=done";
/// The unread notifications, for the script of every page.
pub const UNREAD_NOTIFICATIONS: &str = "/api/notifications/unread";
/// The page of an invitation's link.
pub const INVITE: &str = "/invite";
/// Type the code, after the password.
pub const SIGN_IN_CODE: &str = "/signin/code";
/// The second step of signing in.
pub const TWO_STEP: &str = "/settings/two-step";
/// After the second step was ended.
pub const TWO_STEP_ENDED: &str = "/settings/two-step?saved=ended";
/// The teams and tasks that strangers offer.
pub const RECEIVED_INVITATIONS: &str = "/invitations";
/// The people the user has blocked.
pub const BLOCKS: &str = "/settings/blocked";
/// The user's passkeys.
pub const PASSKEYS: &str = "/settings/passkeys";
/// The options to create a passkey.
pub const PASSKEY_OPTIONS: &str = "/api/auth/passkeys/options";
/// The options to sign in with a passkey.
pub const SIGN_IN_WITH_PASSKEY: &str = "/api/auth/signin/passkey";
/// Sign up.
pub const SIGN_UP: &str = "/signup";

/// Whether a path belongs to the API, whose errors are JSON.
pub fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || path.trim_end_matches('/') == MCP
}

/// Choose a password by the link with this secret.
pub fn reset_password(secret: &str) -> String {
    format!("{RESET_PASSWORD}?token={secret}")
}
/// Confirm an email address by the link with this token.
pub fn confirm_email(token: &str) -> String {
    format!("{CONFIRM_EMAIL}?token={token}")
}
/// The review of the week of a day.
pub fn review_of(day: chrono::NaiveDate) -> String {
    format!("{REVIEW}?week={day}")
}
/// The calendar of the user whose token has this secret.
pub fn calendar(secret: &str) -> String {
    format!("/api/calendar?token={secret}")
}
/// The link of the invitation with this secret.
pub fn invite(secret: &str) -> String {
    format!("{INVITE}?token={secret}")
}
/// Block a person.
pub fn block(person: crate::id::UserId) -> String {
    format!("{BLOCKS}?person={person}")
}
/// One team.
pub fn team(id: crate::id::TeamId) -> String {
    format!("{TEAMS}/{id}")
}
/// A team's tasks.
pub fn team_tasks(id: crate::id::TeamId) -> String {
    format!("{TASKS}?team_id={id}")
}
/// A page of tasks (its query) with the form of one task open.
pub fn edit_task(query: &str, id: crate::id::TaskId) -> String {
    let joint = if query.is_empty() { "" } else { "&" };
    format!("{TASKS}?{query}{joint}edit={id}#task-{id}")
}
/// A task, opened.
pub fn task(id: crate::id::TaskId) -> String {
    format!("{TASKS}/{id}")
}
/// The shares of a task.
pub fn task_shares(id: crate::id::TaskId) -> String {
    format!("{TASKS}/{id}/shares")
}
/// One conversation.
pub fn conversation(id: crate::id::ConversationId) -> String {
    format!("{CHAT}/{id}")
}
