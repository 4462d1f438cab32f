//! The rules of tasks: one function a use case.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::json;

use super::{
    NewTask, Shared, Task, TaskFilter, TaskPatch, TaskStatus,
    proof::{Editable, Manageable},
    store::{self, Page, Whose},
};
use crate::{
    db::{Scope, now},
    error::{Code, Error, Result},
    id::{TaskId, TeamId, UserId},
    input::Checks,
    list::{List, Window},
    permissions::Access,
    shares, teams,
};

pub use store::LISTS;

/// A page of tasks, newest first; those shared with me by when they were shared.
pub async fn list(scope: &mut Scope, filter: TaskFilter) -> Result<List<Task>> {
    let mut checks = Checks::new();
    let q = checks.optional_text("q", filter.q.as_deref(), 200);
    if filter.team_id.is_some() && filter.shared.is_some() {
        checks.refuse("shared", "can't be combined with team_id");
    }
    let window = Window::asked(&mut checks, filter.limit, filter.cursor.as_deref())?;
    checks.finish()?;
    let whose = match (filter.team_id, filter.shared) {
        (Some(team), _) => {
            teams::service::role_in(scope, team).await?;
            Whose::Team(team)
        }
        (None, Some(Shared::WithMe)) => Whose::SharedWithMe,
        (None, None) => Whose::Mine,
    };
    let pattern = q.map(|q| like_pattern(&q));
    let page = Page { whose, status: filter.status, pattern: pattern.as_deref(), window };
    let found = store::list(scope, &page).await?;
    let List { items, next_cursor } = window.page(found, |(listed_at, task)| (*listed_at, task.id.0));
    Ok(List { items: items.into_iter().map(|(_, task)| task).collect(), next_cursor })
}

/// One task.
pub async fn get(scope: &mut Scope, id: TaskId) -> Result<Task> {
    match store::find(scope, id).await? {
        Some(task) => Ok(task),
        None if store::exists(scope, id).await? => Err(Error::forbidden("This task is somebody else's")),
        None => Err(Error::not_found("Task")),
    }
}

/// Makes a task; it is the maker's own, in a team too.
pub async fn create(scope: &mut Scope, new: NewTask) -> Result<Task> {
    let mut checks = Checks::new();
    let title = checks.text("title", &new.title, 1, 200);
    let description = checks.optional_text("description", new.description.as_deref(), 1000);
    let due_at = due(&mut checks, new.due_at);
    checks.finish()?;
    if let Some(team) = new.team_id {
        teams::service::check_may_create_task(scope, team).await?;
    }
    let now = now();
    let task = Task {
        id: TaskId::new(),
        user_id: scope.user_id(),
        team_id: new.team_id,
        title,
        description,
        status: new.status,
        due_at,
        completed_at: (new.status == TaskStatus::Completed).then_some(now),
        created_at: now,
        updated_at: now,
        access: Access::Owner,
    };
    store::insert(scope, &task).await?;
    scope.numbers_changed(task.user_id);
    let audience = store::audience(scope, task.id).await?;
    tell(scope, "task_created", &task, audience);
    Ok(task)
}

/// Changes what `patch` names. With `if_match`, only if the task is still the one seen then.
pub async fn update(scope: &mut Scope, id: TaskId, patch: TaskPatch, if_match: Option<DateTime<Utc>>) -> Result<Task> {
    let mut checks = Checks::new();
    let title = patch.title.as_deref().map(|title| checks.text("title", title, 1, 200));
    let description = patch.description.map(|text| checks.optional_text("description", text.as_deref(), 1000));
    let due_at = patch.due_at.map(|time| due(&mut checks, time));
    checks.finish()?;

    let task = get(scope, id).await?;
    let seen = task.updated_at;
    let mut task = Editable::check(task)?.into_task();
    if if_match.is_some_and(|expected| expected != seen) {
        return Err(Error::new(Code::PreconditionFailed, "The task has changed since you read it")
            .detail("Read it again and repeat your change on what it is now"));
    }
    let mut audience = store::audience(scope, id).await?;
    let mut event_type = "task_updated";
    let mut taken_out = false;
    let before = task.team_id;
    if let Some(team) = patch.team_id.filter(|team| *team != task.team_id) {
        check_move(scope, &task, team).await?;
        // Who is not its owner loses sight of it by taking it out, so that comes last.
        taken_out = team.is_none() && task.access != Access::Owner;
        task.team_id = if taken_out { task.team_id } else { team };
    }
    task.title = title.unwrap_or(task.title);
    task.description = description.unwrap_or(task.description);
    task.due_at = due_at.unwrap_or(task.due_at);
    // Never the same twice, however coarse the clock: it is the task's version.
    let now = now().max(seen + TimeDelta::microseconds(1));
    if let Some(status) = patch.status.filter(|status| *status != task.status) {
        task.status = status;
        task.completed_at = (status == TaskStatus::Completed).then_some(now);
        scope.numbers_changed(task.user_id);
        event_type = if status == TaskStatus::Completed { "task_completed" } else { "task_reopened" };
    }
    task.updated_at = now;
    let mut task = store::update(scope, Editable::check(task)?, seen).await?;
    if taken_out {
        store::take_out(scope, &Manageable::check(task.clone())?).await?;
        task.team_id = None;
    } else if task.team_id != before {
        // Who sees it only now hears of it, too.
        audience.extend(store::audience(scope, id).await?);
    }
    tell(scope, event_type, &task, audience);
    Ok(task)
}

/// Lets everybody whose list it is in hear of a task: ids and the status, nothing of its words.
fn tell(scope: &mut Scope, event_type: &str, task: &Task, mut audience: Vec<UserId>) {
    audience.sort_unstable();
    audience.dedup();
    let Task { id, user_id, team_id, status, .. } = task;
    let data = json!({ "task_id": id, "user_id": user_id, "team_id": team_id, "status": status });
    scope.emit(event_type, audience, data);
}

/// A task's owner moves it into a team of theirs; who manages it takes it out of its team.
async fn check_move(scope: &mut Scope, task: &Task, team: Option<TeamId>) -> Result<()> {
    match team {
        None => Manageable::check(task.clone()).map(drop),
        Some(_) if task.access != Access::Owner => {
            Err(Error::forbidden("Only a task's owner moves it into another team"))
        }
        Some(team) => teams::service::check_may_create_task(scope, team).await,
    }
}

/// Sets the status; the same answer when it is so already.
pub async fn set_status(scope: &mut Scope, id: TaskId, status: TaskStatus) -> Result<Task> {
    let task = get(scope, id).await?;
    if task.status == status {
        return Ok(Editable::check(task)?.into_task());
    }
    update(scope, id, TaskPatch { status: Some(status), ..TaskPatch::default() }, None).await
}

/// Deletes a task.
pub async fn delete(scope: &mut Scope, id: TaskId, if_match: Option<DateTime<Utc>>) -> Result<()> {
    let task = Manageable::check(get(scope, id).await?)?;
    if if_match.is_some_and(|expected| expected != task.task().updated_at) {
        return Err(Error::new(Code::PreconditionFailed, "The task has changed since you read it")
            .detail("Read it again before you delete it"));
    }
    for receiver in shares::service::receivers(scope, &task).await? {
        scope.numbers_changed(receiver);
    }
    scope.numbers_changed(task.task().user_id);
    let audience = store::audience(scope, id).await?;
    tell(scope, "task_deleted", task.task(), audience);
    store::delete(scope, &task).await
}

/// Somebody leaves a team: what they own in it is `heir`'s from now on.
pub async fn pass_on(scope: &mut Scope, team: TeamId, from: UserId, heir: UserId) -> Result<()> {
    shares::service::end_with_heir(scope, team, from, heir).await?;
    store::pass_on(scope, team, from, heir, now()).await?;
    scope.numbers_changed(from);
    scope.numbers_changed(heir);
    Ok(())
}

/// Cut to microseconds; years of four digits, so that times as text sort as they should.
fn due(checks: &mut Checks, time: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    use chrono::Datelike;
    if time.is_some_and(|time| !(1..=9999).contains(&time.year())) {
        checks.refuse("due_at", "has to be in the years 1 to 9999");
    }
    time.map(|time| time.trunc_subsecs(6))
}

fn like_pattern(words: &str) -> String {
    let escaped = words.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
