//! The rules of shares: one function a use case.

use std::collections::HashMap;

use serde_json::json;

use super::{NewShare, Share, SharePatch, store};
use crate::{
    auth::people::{self, Whom},
    db::{Scope, now},
    error::{Code, Error, Result},
    id::{TaskId, TeamId, UserId},
    input::Checks,
    list::{List, ListQuery, Window, all},
    permissions::Permission,
    tasks::{self, Manageable, Task},
    ui::people::Person,
};

async fn manageable(scope: &mut Scope, task: TaskId) -> Result<Manageable> {
    Manageable::check(tasks::service::get(scope, task).await?)
}

/// With whom a task is shared, newest first. Who may not share it sees only what was shared with them.
pub async fn list(scope: &mut Scope, task: TaskId, query: ListQuery) -> Result<List<Share>> {
    let window = Window::of(&query)?;
    let manages = tasks::service::get(scope, task).await?.access.may_manage();
    let shares = store::list(scope, task, manages, &window).await?;
    Ok(window.page(shares, |share| (share.created_at, share.shared_with_user_id.0)))
}

/// Shares a task with somebody.
pub async fn create(scope: &mut Scope, task: TaskId, new: NewShare) -> Result<Share> {
    let mut checks = Checks::new();
    let whom = Whom::asked(&mut checks, new.email.as_deref(), new.user_id);
    checks.finish()?;
    let task = manageable(scope, task).await?;
    let user = people::find(scope, &whom).await?;
    let field = if new.user_id.is_some() { "user_id" } else { "email" };
    if user == scope.user_id() {
        return Err(Error::invalid(field, "is your own: a task is shared with somebody else"));
    }
    if user == task.task().user_id {
        return Err(Error::invalid(field, "is the task's owner, who needs no share"));
    }
    if store::find(scope, &task, user).await?.is_some() {
        return Err(Error::new(Code::Conflict, "The task is shared with them already")
            .detail("Change the permission of that share instead"));
    }
    store::insert(scope, &task, user, new.permission, now()).await?;
    scope.numbers_changed(user);
    tell_shared(scope, task.task(), user, new.permission);
    find(scope, &task, user).await
}

async fn find(scope: &mut Scope, task: &Manageable, user: UserId) -> Result<Share> {
    store::find(scope, task, user).await?.ok_or_else(|| Error::not_found("Share"))
}

/// Changes what a share's receiver may do.
pub async fn update(scope: &mut Scope, task: TaskId, user: UserId, patch: SharePatch) -> Result<Share> {
    let task = manageable(scope, task).await?;
    let mut share = find(scope, &task, user).await?;
    store::set_permission(scope, &task, user, patch.permission).await?;
    // The dashboard splits the number by permission.
    scope.numbers_changed(user);
    tell_shared(scope, task.task(), user, patch.permission);
    share.permission = patch.permission;
    Ok(share)
}

/// Ends a share: by who may manage the task, or by its receiver, who gives it up.
pub async fn delete(scope: &mut Scope, task: TaskId, user: UserId) -> Result<()> {
    let found = tasks::service::get(scope, task).await?;
    let owner = found.user_id;
    let ended = if user == scope.user_id() {
        store::give_up(scope, task).await?
    } else {
        store::revoke(scope, &Manageable::check(found)?, user).await?
    };
    if !ended {
        return Err(Error::not_found("Share"));
    }
    scope.numbers_changed(user);
    tell_unshared(scope, task, vec![user, owner]);
    Ok(())
}

fn tell_shared(scope: &mut Scope, task: &Task, user: UserId, permission: Permission) {
    let data = json!({ "task_id": task.id, "permission": permission, "shared_by_user_id": scope.user_id() });
    scope.emit("task_shared", vec![user, task.user_id], data);
}

fn tell_unshared(scope: &mut Scope, task: TaskId, to: Vec<UserId>) {
    let data = json!({ "task_id": task, "shared_by_user_id": scope.user_id() });
    scope.emit("task_unshared", to, data);
}

/// Those whom a task is shared with: their numbers change with it.
pub async fn receivers(scope: &mut Scope, task: &Manageable) -> Result<Vec<UserId>> {
    store::receivers(scope, task).await
}

/// Somebody leaves a team: what was shared with them of its tasks is shared no longer.
pub async fn end_in_team(scope: &mut Scope, team: TeamId, user: UserId) -> Result<()> {
    scope.numbers_changed(user);
    for task in store::end_in_team(scope, team, user).await? {
        tell_unshared(scope, task, vec![user]);
    }
    Ok(())
}

/// Somebody's tasks in a team pass to `heir`: what was shared of them with the heir is theirs now.
pub async fn end_with_heir(scope: &mut Scope, team: TeamId, from: UserId, heir: UserId) -> Result<()> {
    scope.numbers_changed(heir);
    for task in store::end_with_heir(scope, team, from, heir).await? {
        tell_unshared(scope, task, vec![heir]);
    }
    Ok(())
}

/// Who shared these tasks with me, by name.
pub async fn sharers(scope: &mut Scope, tasks: &[TaskId]) -> Result<HashMap<TaskId, String>> {
    Ok(store::sharers(scope, tasks).await?.into_iter().collect())
}

/// A task that I may share, and with whom it is: for the page and the dialog.
pub async fn board(scope: &mut Scope, task: TaskId) -> Result<(Task, Vec<Person>)> {
    let task = manageable(scope, task).await?.task().clone();
    let id = task.id;
    let found = all(scope, |scope, query| Box::pin(list(scope, id, query))).await?;
    let mut found: Vec<_> = found.into_iter().map(Person::from).collect();
    found.sort_by_cached_key(|share| share.name.to_lowercase());
    Ok((task, found))
}
