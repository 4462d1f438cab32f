//! The rules of tasks: one function a use case.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::{
    Access, NewTask, Shared, Task, TaskFilter, TaskPatch, TaskStatus,
    access::{Editable, Manageable, may_create_in_team},
    cursor::Cursor,
    store::{self, Page, Whose},
};
use crate::{
    db::{Scope, now},
    error::{Code, Error, Result},
    id::{TaskId, TeamId},
    input::Checks,
    list::List,
};

const PAGE_DEFAULT: u32 = 50;
const PAGE_MOST: u32 = 100;

/// A page of tasks, newest first.
pub async fn list(scope: &mut Scope, filter: TaskFilter) -> Result<List<Task>> {
    let mut checks = Checks::new();
    let limit = filter.limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MOST).contains(&limit) {
        checks.refuse("limit", format!("has to be from 1 to {PAGE_MOST}"));
    }
    let q = checks.optional_text("q", filter.q.as_deref(), 200);
    if filter.team_id.is_some() && filter.shared.is_some() {
        checks.refuse("shared", "can't be combined with team_id");
    }
    checks.finish()?;
    let after = filter.cursor.as_deref().map_or(Ok(Cursor::start()), Cursor::decode)?;
    let whose = match (filter.team_id, filter.shared) {
        (Some(team), _) => {
            role_in(scope, team).await?;
            Whose::Team(team)
        }
        (None, Some(Shared::WithMe)) => Whose::SharedWithMe,
        (None, None) => Whose::Mine,
    };
    let pattern = q.map(|q| like_pattern(&q));
    // One more than asked for shows whether there is a next page.
    let page = Page { whose, status: filter.status, pattern: pattern.as_deref(), after, limit: i64::from(limit) + 1 };
    let mut items = store::list(scope, &page).await?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next_cursor = items.last().filter(|_| more).map(|task| Cursor::after(task).encode());
    Ok(List { items, next_cursor })
}

/// One task.
pub async fn get(scope: &mut Scope, id: TaskId) -> Result<Task> {
    match store::find(scope, id).await? {
        Some(task) => Ok(task),
        None if store::exists(scope, id).await? => {
            // FR-028: a try at somebody else's data is worth a line.
            tracing::warn!(target: "security", user = %scope.user_id(), task = %id, "refused access to a task");
            Err(Error::forbidden("This task is somebody else's"))
        }
        None => Err(Error::not_found("Task")),
    }
}

/// Makes a task; it is the maker's own, in a team too.
pub async fn create(scope: &mut Scope, new: NewTask) -> Result<Task> {
    let mut checks = Checks::new();
    let title = checks.text("title", &new.title, 1, 200);
    let description = checks.optional_text("description", new.description.as_deref(), 1000);
    checks.finish()?;
    if let Some(team) = new.team_id {
        may_create(scope, team).await?;
    }
    let now = now();
    let task = Task {
        id: TaskId::new(),
        user_id: scope.user_id(),
        team_id: new.team_id,
        title,
        description,
        status: new.status,
        due_at: cut(new.due_at),
        completed_at: (new.status == TaskStatus::Completed).then_some(now),
        created_at: now,
        updated_at: now,
        access: Access::Owner,
    };
    store::insert(scope, &task).await?;
    scope.numbers_changed(task.user_id);
    Ok(task)
}

/// Changes what `patch` names. With `if_match`, only if the task is still the one seen then.
pub async fn update(scope: &mut Scope, id: TaskId, patch: TaskPatch, if_match: Option<DateTime<Utc>>) -> Result<Task> {
    let mut checks = Checks::new();
    let title = patch.title.as_deref().map(|title| checks.text("title", title, 1, 200));
    let description = patch.description.map(|text| checks.optional_text("description", text.as_deref(), 1000));
    checks.finish()?;

    let task = get(scope, id).await?;
    let seen = task.updated_at;
    let mut task = Editable::check(task)?.into_task();
    if if_match.is_some_and(|expected| expected != seen) {
        return Err(Error::new(Code::PreconditionFailed, "The task has changed since you read it")
            .detail("Read it again and repeat your change on what it is now"));
    }
    if let Some(team) = patch.team_id.filter(|team| *team != task.team_id) {
        Manageable::check(task.clone())?;
        if let Some(team) = team {
            may_create(scope, team).await?;
        }
        task.team_id = team;
    }
    task.title = title.unwrap_or(task.title);
    task.description = description.unwrap_or(task.description);
    task.due_at = patch.due_at.map_or(task.due_at, cut);
    // Never the same twice, however coarse the clock: it is the task's version.
    let now = now().max(seen + TimeDelta::microseconds(1));
    if let Some(status) = patch.status.filter(|status| *status != task.status) {
        task.status = status;
        task.completed_at = (status == TaskStatus::Completed).then_some(now);
        scope.numbers_changed(task.user_id);
    }
    task.updated_at = now;
    store::update(scope, Editable::check(task)?, seen).await
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
    for receiver in store::receivers(scope, &task).await? {
        scope.numbers_changed(receiver);
    }
    scope.numbers_changed(task.task().user_id);
    store::delete(scope, &task).await
}

async fn may_create(scope: &mut Scope, team: TeamId) -> Result<()> {
    if may_create_in_team(&role_in(scope, team).await?) {
        return Ok(());
    }
    Err(Error::forbidden("Viewers may not create tasks in their team"))
}

async fn role_in(scope: &mut Scope, team: TeamId) -> Result<String> {
    match store::my_role(scope, team).await? {
        Some(role) => Ok(role),
        None if store::team_exists(scope, team).await? => {
            tracing::warn!(target: "security", user = %scope.user_id(), %team, "refused access to a team");
            Err(Error::forbidden("You are not in this team"))
        }
        None => Err(Error::not_found("Team")),
    }
}

fn cut(time: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    time.map(|time| time.trunc_subsecs(6))
}

fn like_pattern(words: &str) -> String {
    let escaped = words.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
