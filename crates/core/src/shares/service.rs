//! The rules of shares: one function for each use case.

use serde_json::json;

use super::store;
use crate::{
    auth::people::{self, PersonRef},
    notifications::service::{NotificationTarget, notify},
    tasks::{self, Manageable},
};
use tallyboard_db::{Scope, Target, now};
use tallyboard_model::{
    error::{Code, Error, Result},
    id::{TaskId, TeamId, UserId},
    input::Validator,
    list::{List, ListQuery, PageRequest, all_pages},
    notifications::NotificationEvent,
    people::ListedPerson,
    permissions::Permission,
    shares::{NewShare, Share, SharePatch},
    tasks::Task,
};

async fn manageable(scope: &mut Scope, task: TaskId) -> Result<Manageable> {
    Manageable::check(tasks::service::get(scope, task).await?)
}

/// The shares of a task, newest first. Users who may not share it see only their own share.
pub async fn list(scope: &mut Scope, task: TaskId, query: ListQuery) -> Result<List<Share>> {
    let page = PageRequest::parse(&query)?;
    let manages = tasks::service::get(scope, task).await?.access.may_manage();
    let shares = store::list(scope, task, manages, &page).await?;
    Ok(page.answer(shares, |share| (share.created_at, share.shared_with_user_id.0)))
}

/// The shares of these tasks, as far as the user owns them, in the order of their sharing.
pub async fn list_of_owned_tasks(scope: &mut Scope, tasks: &[TaskId]) -> Result<Vec<Share>> {
    store::list_of_owned_tasks(scope, tasks).await
}

/// The task and the person to share it with, if the user may.
pub async fn check_shareable(scope: &mut Scope, task: TaskId, new: &NewShare) -> Result<(Manageable, UserId)> {
    let mut validator = Validator::new();
    let person = PersonRef::from_fields(&mut validator, new.email.as_deref(), new.user_id);
    validator.finish()?;
    let task = manageable(scope, task).await?;
    let user = people::find(scope, &person).await?;
    let field = if new.user_id.is_some() { "user_id" } else { "email" };
    if user == scope.user_id() {
        return Err(Error::invalid(field, "is your own account: share the task with somebody else"));
    }
    if user == task.task().user_id {
        return Err(Error::invalid(field, "is the task's owner, who needs no share"));
    }
    if store::find(scope, &task, user).await?.is_some() {
        return Err(Error::new(Code::Conflict, "The task is already shared with this person")
            .detail("Change the permission of that share instead"));
    }
    Ok((task, user))
}

/// Shares a task with a person whom [`check_shareable`] has found.
pub async fn insert(scope: &mut Scope, task: &Manageable, user: UserId, permission: Permission) -> Result<Share> {
    store::insert(scope, task, user, permission, now()).await?;
    scope.record("task.shared", Target::Task(task.task().id)).in_team(task.task().team_id);
    scope.statistics_changed(user);
    publish_shared(scope, task.task(), user, permission);
    notify(scope, user, NotificationEvent::TaskShared, NotificationTarget::Task(task.task().id)).await?;
    find(scope, task, user).await
}

async fn find(scope: &mut Scope, task: &Manageable, user: UserId) -> Result<Share> {
    store::find(scope, task, user).await?.ok_or_else(|| Error::not_found("Share"))
}

/// Changes the permission of a share.
pub async fn update(scope: &mut Scope, task: TaskId, user: UserId, patch: SharePatch) -> Result<Share> {
    let task = manageable(scope, task).await?;
    let mut share = find(scope, &task, user).await?;
    store::set_permission(scope, &task, user, patch.permission).await?;
    scope
        .record("task.share_changed", Target::Task(task.task().id))
        .in_team(task.task().team_id)
        .fields(&["permission"]);
    // The dashboard shows the number for each permission.
    scope.statistics_changed(user);
    publish_shared(scope, task.task(), user, patch.permission);
    share.permission = patch.permission;
    Ok(share)
}

/// Ends a share: the recipient may, and everybody who may manage the task.
pub async fn delete(scope: &mut Scope, task: TaskId, user: UserId) -> Result<()> {
    let found = tasks::service::get(scope, task).await?;
    let (owner, team) = (found.user_id, found.team_id);
    let ended = if user == scope.user_id() {
        store::give_up(scope, task).await?
    } else {
        store::revoke(scope, &Manageable::check(found)?, user).await?
    };
    if !ended {
        return Err(Error::not_found("Share"));
    }
    scope.record("task.unshared", Target::Task(task)).in_team(team);
    scope.statistics_changed(user);
    publish_unshared(scope, task, vec![user, owner]);
    Ok(())
}

fn publish_shared(scope: &mut Scope, task: &Task, user: UserId, permission: Permission) {
    let data = json!({ "task_id": task.id, "permission": permission, "shared_by_user_id": scope.user_id() });
    scope.emit("task_shared", vec![user, task.user_id], data);
}

fn publish_unshared(scope: &mut Scope, task: TaskId, to: Vec<UserId>) {
    let data = json!({ "task_id": task, "shared_by_user_id": scope.user_id() });
    scope.emit("task_unshared", to, data);
}

/// Ends the shares of a team's tasks with somebody who leaves the team.
pub async fn end_for_member(scope: &mut Scope, team: TeamId, user: UserId) -> Result<()> {
    scope.statistics_changed(user);
    for task in store::end_for_member(scope, team, user).await? {
        publish_unshared(scope, task, vec![user]);
    }
    Ok(())
}

/// Ends the shares with `new_owner` of the tasks that `from` owns in a team: nobody has a share of their
/// own task.
pub async fn end_for_new_owner(scope: &mut Scope, team: TeamId, from: UserId, new_owner: UserId) -> Result<()> {
    scope.statistics_changed(new_owner);
    for task in store::end_for_new_owner(scope, team, from, new_owner).await? {
        publish_unshared(scope, task, vec![new_owner]);
    }
    Ok(())
}

/// A task that the user may share and the people with whom it is shared, by name.
pub async fn people(scope: &mut Scope, task: TaskId) -> Result<(Task, Vec<ListedPerson>)> {
    let task = manageable(scope, task).await?.task().clone();
    let id = task.id;
    let shares = all_pages(scope, |scope, query| Box::pin(list(scope, id, query))).await?;
    let mut people: Vec<_> = shares.into_iter().map(ListedPerson::from).collect();
    people.sort_by_cached_key(|person| person.name.to_lowercase());
    Ok((task, people))
}
