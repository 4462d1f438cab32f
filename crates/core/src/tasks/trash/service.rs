//! The rules of the trash.

use std::sync::Arc;

use chrono::TimeDelta;

use super::store::{self, TrashedTask};
use crate::tasks::{self, events::publish, proof::Manageable};
use tallyboard_db::{CredentialKind, Lock, Scope, System, Target, Via, now};
use tallyboard_model::{
    error::{Code, Error, Result},
    id::TaskId,
    input::Validator,
    list::{Cursor, List, PageRequest},
    permissions::Access,
    tasks::{Task, TaskFilter},
};

/// How many tasks one step of cleaning deletes: few enough that no writer waits long.
const CLEANING_STEP: u32 = 500;

/// A page of the deleted tasks that the user may restore, the latest first.
pub async fn list(scope: &mut Scope, filter: TaskFilter) -> Result<List<Task>> {
    let TaskFilter { limit, cursor, trash: _, status, team_id, shared, access, due, q, sort } = filter;
    let mut validator = Validator::new();
    for (name, is_given) in [
        ("status", status.is_some()),
        ("team_id", team_id.is_some()),
        ("shared", shared.is_some()),
        ("access", access.is_some()),
        ("due", due.is_some()),
        ("q", q.is_some()),
        ("sort", sort.is_some()),
    ] {
        if is_given {
            validator.reject(name, "can't be combined with trash");
        }
    }
    let page = PageRequest::from_params(&mut validator, limit, cursor.as_deref(), Cursor::newest())?;
    validator.finish()?;
    let found = store::list(scope, &page).await?;
    Ok(page.answer(found, |task| (task.deleted_at.unwrap_or(task.updated_at), task.id.0)))
}

/// A task in the trash, and whether it was shared with anybody.
pub async fn get(scope: &mut Scope, id: TaskId) -> Result<(Task, bool)> {
    let found = store::find(scope, id).await?.ok_or_else(|| Error::not_found("Task"))?;
    Ok((found.task, !found.shares.is_empty()))
}

/// Keeps a task that is about to be deleted.
pub(in crate::tasks) async fn keep(scope: &mut Scope, task: &Manageable) -> Result<()> {
    let shares = store::shares(scope, task).await?;
    for share in &shares {
        scope.statistics_changed(share.user_id);
    }
    let via = scope.via();
    store::insert(scope, task, shares, via.as_ref().map(name_of), now()).await
}

fn name_of(via: &Arc<Via>) -> &str {
    match &via.by {
        CredentialKind::Token(name) | CredentialKind::App(name) => name,
    }
}

/// Restores a task with its shares. One whose owner has left its team since becomes the user's.
pub async fn restore(scope: &mut Scope, id: TaskId) -> Result<Task> {
    scope.connection().lock(id.0, Lock::Exclusive).await?;
    let Some(TrashedTask { mut task, shares }) = store::find(scope, id).await? else {
        return Err(Error::not_found("Task"));
    };
    if tasks::store::exists(scope, id).await? {
        return Err(Error::new(Code::Conflict, "A task with this id exists already"));
    }
    if let Some(team) = task.team_id
        && !store::is_member(scope, team, task.user_id).await?
    {
        task.user_id = scope.user_id();
        task.access = Access::Owner;
    }
    task.updated_at = now().max(task.updated_at + TimeDelta::microseconds(1));
    (task.deleted_at, task.deleted_by) = (None, None);
    store::write_back(scope, &task).await?;
    let restored = Manageable::check(task.clone())?;
    for share in shares {
        let is_own = share.user_id == scope.user_id() || share.user_id == task.user_id;
        if !is_own && store::share_again(scope, &restored, &share).await? {
            scope.statistics_changed(share.user_id);
        }
    }
    store::delete(scope, id).await?;
    scope.statistics_changed(task.user_id);
    scope.record("task.restored", Target::Task(id)).in_team(task.team_id);
    let audience = tasks::store::audience(scope, id).await?;
    publish(scope, "task_created", &task, audience);
    Ok(task)
}

/// Deletes a task of the trash for good.
pub async fn erase(scope: &mut Scope, id: TaskId) -> Result<()> {
    if !store::delete(scope, id).await? {
        return Err(Error::not_found("Task"));
    }
    scope.record("task.erased", Target::Task(id));
    Ok(())
}

/// Deletes for good what the user has deleted, and what others deleted of theirs.
pub async fn empty(scope: &mut Scope) -> Result<()> {
    if store::delete_all(scope).await? > 0 {
        scope.record("trash.emptied", None);
    }
    Ok(())
}

/// Deletes some of the tasks that have been in the trash for `keep_days`; returns whether there may be more.
pub async fn clean(scope: &mut Scope<System>, keep_days: u32) -> Result<bool> {
    let before = now() - TimeDelta::days(keep_days.into());
    Ok(store::delete_before(scope, before, CLEANING_STEP).await? == u64::from(CLEANING_STEP))
}
