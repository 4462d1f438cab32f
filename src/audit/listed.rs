//! The audit log in plain words.

use std::collections::HashMap;

use uuid::Uuid;

use super::{AuditRecord, service};
use crate::{
    auth::AuthenticatedUser,
    calendar::to_the_minute,
    db::Scope,
    error::Result,
    id::TaskId,
    list::{List, ListQuery},
    membership, tasks,
};

/// One action as the page shows it.
#[derive(Clone, Debug)]
pub struct ListedAction {
    /// For example `Claude completed “Buy milk”`.
    pub words: String,
    /// When and from where: `2026-12-31 18:05 · 192.0.2.7`.
    pub note: String,
}

/// A page of actions as `user` reads them.
pub async fn page(scope: &mut Scope, user: &AuthenticatedUser, query: ListQuery) -> Result<List<ListedAction>> {
    let List { items, next_cursor } = service::list(scope, query).await?;
    let ids = |kind: &str| -> Vec<Uuid> {
        let targets = items.iter().map(|record| &record.target);
        targets.filter(|target| target.kind.as_deref() == Some(kind)).filter_map(|target| target.id).collect()
    };
    let mut tasks: Vec<_> = ids("task").into_iter().map(TaskId).collect();
    tasks.sort_unstable();
    tasks.dedup();
    let mut names: HashMap<Uuid, String> =
        tasks::service::titles(scope, &tasks).await?.into_iter().map(|(id, title)| (id.0, title)).collect();
    names.extend(membership::service::my_teams(scope).await?.into_iter().map(|team| (team.id.0, team.name)));
    let listed = |record: AuditRecord| {
        let at = to_the_minute(record.at, user.time_zone());
        let note = record.ip.as_ref().map_or_else(|| at.clone(), |ip| format!("{at} · {ip}"));
        ListedAction { words: words(user, &record, &names), note }
    };
    Ok(List { items: items.into_iter().map(listed).collect(), next_cursor })
}

fn words(user: &AuthenticatedUser, record: &AuditRecord, names: &HashMap<Uuid, String>) -> String {
    let is_own = record.actor.user_id == user.id();
    let through = record.actor.via.split_once(':').map(|(_, name)| name);
    let person = record.actor.name.as_deref().unwrap_or("Somebody who has left");
    let who = match (is_own, through) {
        (true, None) => "You".to_owned(),
        (true, Some(name)) => name.to_owned(),
        (false, None) => person.to_owned(),
        (false, Some(name)) => format!("{person} through {name}"),
    };
    let name = record.target.id.and_then(|id| names.get(&id));
    let task = name.map_or_else(|| "a task".to_owned(), |title| format!("“{title}”"));
    let team = name.map_or_else(|| "a team".to_owned(), |name| format!("the team “{name}”"));
    let changed = record.fields.join(", ").replace('_', " ");
    let did = match record.action.as_str() {
        "task.created" => format!("created {task}"),
        "task.imported" => "imported tasks from a file".to_owned(),
        "task.updated" if changed.is_empty() => format!("changed {task}"),
        "task.updated" => format!("changed {changed} of {task}"),
        "task.completed" => format!("completed {task}"),
        "task.reopened" => format!("reopened {task}"),
        "task.deleted" => "deleted a task".to_owned(),
        "task.shared" => format!("shared {task}"),
        "task.share_changed" => format!("changed what somebody may do with {task}"),
        "task.unshared" => format!("ended a share of {task}"),
        "team.created" => format!("created {team}"),
        "team.renamed" => format!("renamed {team}"),
        "team.deleted" => "deleted a team".to_owned(),
        "team.member_added" => format!("added somebody to {team}"),
        "team.member_changed" => format!("changed a role in {team}"),
        "team.member_removed" => format!("removed somebody from {team}"),
        "team.left" => format!("left {team}"),
        "team.invitation_created" => format!("created an invitation to {team}"),
        "team.invitation_revoked" => format!("revoked an invitation to {team}"),
        "team.joined" => format!("joined {team} by an invitation"),
        "team.transferred" => format!("passed {team} on"),
        "auth.signed_up" => "created the account".to_owned(),
        "auth.signed_in" if changed == "new place" => "signed in from a new place".to_owned(),
        "auth.signed_in" => "signed in".to_owned(),
        "auth.sign_in_failed" => return "Somebody tried to sign in with a wrong password".to_owned(),
        "auth.signed_out" => "signed out".to_owned(),
        "auth.session_ended" => "ended a session".to_owned(),
        "auth.profile_changed" => format!("changed {changed}"),
        "auth.password_changed" => "changed the password".to_owned(),
        "auth.password_reset" => "chose a password by a link".to_owned(),
        "auth.password_link_created" => return by_operator("created a link to choose a password"),
        "auth.password_link_mailed" => return "A link to choose a password was mailed".to_owned(),
        "auth.two_step_enabled" => "set up the two-step sign-in".to_owned(),
        "auth.two_step_disabled" => "ended the two-step sign-in".to_owned(),
        "auth.two_step_ended_by_operator" => return by_operator("ended the two-step sign-in"),
        "auth.identity_connected" => "connected a sign-in of another service".to_owned(),
        "auth.identity_disconnected" => "disconnected the sign-in of another service".to_owned(),
        "auth.recovery_code_used" => "signed in with a recovery code".to_owned(),
        "auth.account_created" => return by_operator("created the account"),
        "auth.account_disabled" => return by_operator("disabled the account"),
        "auth.account_enabled" => return by_operator("enabled the account"),
        "auth.token_created" => "created a personal token".to_owned(),
        "auth.token_revoked" => "revoked a personal token".to_owned(),
        "app.connected" => "connected an app".to_owned(),
        "app.revoked" => "revoked an app".to_owned(),
        "access.refused" => "tried something that is not allowed".to_owned(),
        other => other.replace(['.', '_'], " "),
    };
    format!("{who} {did}")
}

/// What was done on the server's command line.
fn by_operator(did: &str) -> String {
    format!("Whoever runs this server {did}")
}
