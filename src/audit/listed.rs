//! The audit log in plain words.

use std::collections::HashMap;

use uuid::Uuid;

use tallyboard_core::{
    audit::{AuditRecord, service},
    auth::AuthenticatedUser,
    membership, tasks,
};
use tallyboard_db::Scope;
use tallyboard_model::{
    error::Result,
    id::TaskId,
    language::{t, t_with, to_the_minute, translated},
    list::{List, ListQuery},
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
    let person = record.actor.name.as_deref().unwrap_or(t("Someone who has left"));
    let who = match (is_own, through) {
        (true, None) => t("You").to_owned(),
        (true, Some(name)) => name.to_owned(),
        (false, None) => person.to_owned(),
        (false, Some(name)) => t_with("{name} through {via}", &[("name", &person), ("via", &name)]),
    };
    let name = record.target.id.and_then(|id| names.get(&id));
    let task = name.map_or_else(|| t("a task").to_owned(), |title| format!("“{title}”"));
    let team = name.map_or_else(|| t("a team").to_owned(), |name| t_with("the team “{name}”", &[("name", &name)]));
    let names: Vec<_> = record.fields.iter().map(|name| translated(&name.replace('_', " "))).collect();
    let changed = names.join(", ");
    let did = match record.action.as_str() {
        "task.created" => t_with("created {task}", &[("task", &task)]),
        "task.imported" => t("imported tasks from a file").to_owned(),
        "task.updated" if changed.is_empty() => t_with("changed {task}", &[("task", &task)]),
        "task.updated" => t_with("changed {changed} of {task}", &[("changed", &changed), ("task", &task)]),
        "task.completed" => t_with("completed {task}", &[("task", &task)]),
        "task.reopened" => t_with("reopened {task}", &[("task", &task)]),
        "task.deleted" => t("deleted a task").to_owned(),
        "task.restored" => t_with("restored {task}", &[("task", &task)]),
        "task.erased" => t("deleted a task for good").to_owned(),
        "trash.emptied" => t("emptied the trash").to_owned(),
        "task.shared" => t_with("shared {task}", &[("task", &task)]),
        "task.share_offered" => t_with("offered {task} to someone", &[("task", &task)]),
        "task.share_changed" => t_with("changed someone's permission on {task}", &[("task", &task)]),
        "task.unshared" => t_with("ended a share of {task}", &[("task", &task)]),
        "team.created" => t_with("created {team}", &[("team", &team)]),
        "team.renamed" => t_with("renamed {team}", &[("team", &team)]),
        "team.members_edit_changed" => t_with("changed what members of {team} may edit", &[("team", &team)]),
        "team.deleted" => t("deleted a team").to_owned(),
        "team.member_added" => t_with("added someone to {team}", &[("team", &team)]),
        "team.member_invited" => t_with("invited someone to {team}", &[("team", &team)]),
        "team.member_changed" => t_with("changed a role in {team}", &[("team", &team)]),
        "team.member_removed" => t_with("removed someone from {team}", &[("team", &team)]),
        "team.left" => t_with("left {team}", &[("team", &team)]),
        "team.invitation_created" => t_with("created an invitation to {team}", &[("team", &team)]),
        "team.invitation_revoked" => t_with("revoked an invitation to {team}", &[("team", &team)]),
        "team.joined" => t_with("joined {team} with an invitation", &[("team", &team)]),
        "team.transferred" => t_with("transferred {team}", &[("team", &team)]),
        "auth.signed_up" => t("created the account").to_owned(),
        "auth.signed_in" if record.fields == ["new_place"] => t("signed in from a new place").to_owned(),
        "auth.signed_in" => t("signed in").to_owned(),
        "auth.sign_in_failed" => return t("Someone tried to sign in with a wrong password").to_owned(),
        "auth.signed_out" => t("signed out").to_owned(),
        "auth.session_ended" => t("ended a session").to_owned(),
        "auth.profile_changed" => t_with("changed {changed}", &[("changed", &changed)]),
        "auth.password_changed" => t("changed the password").to_owned(),
        "auth.password_reset" => t("chose a password with a reset link").to_owned(),
        "auth.access_ended" => t("signed out everything else").to_owned(),
        "auth.email_confirmed" => t("confirmed the email address").to_owned(),
        "auth.codes_refused" => {
            return t("Someone who knows the password entered too many wrong codes").to_owned();
        }
        "auth.password_link_created" => {
            return t("An administrator created a password reset link").to_owned();
        }
        "auth.password_link_mailed" => return t("A password reset link was emailed").to_owned(),
        "auth.two_step_enabled" => t("set up two-step sign-in").to_owned(),
        "auth.two_step_disabled" => t("turned off two-step sign-in").to_owned(),
        "auth.two_step_ended_by_operator" => {
            return t("An administrator turned off two-step sign-in").to_owned();
        }
        "auth.passkey_added" => t("added a passkey").to_owned(),
        "auth.passkey_removed" => t("removed a passkey").to_owned(),
        "auth.person_blocked" => t("blocked someone").to_owned(),
        "auth.person_unblocked" => t("unblocked someone").to_owned(),
        "auth.identity_connected" => t("connected another sign-in method").to_owned(),
        "auth.identity_disconnected" => t("disconnected another sign-in method").to_owned(),
        "auth.recovery_code_used" => t("signed in with a recovery code").to_owned(),
        "auth.account_created" => return t("An administrator created the account").to_owned(),
        "auth.account_disabled" => return t("An administrator disabled the account").to_owned(),
        "auth.account_enabled" => return t("An administrator enabled the account").to_owned(),
        "auth.token_created" => t("created a personal token").to_owned(),
        "auth.token_revoked" => t("revoked a personal token").to_owned(),
        "app.connected" => t("connected an app").to_owned(),
        "app.revoked" => t("revoked an app").to_owned(),
        "access.refused" => t("tried something they aren't allowed to do").to_owned(),
        other => other.replace(['.', '_'], " "),
    };
    t_with("{who} {did}", &[("who", &who), ("did", &did)])
}
