//! The rules of tasks: one function for each use case.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    day_words::YEARS,
    events::publish,
    proof::{Editable, Manageable},
    query::TaskSource,
    store, trash,
};
use crate::{
    membership,
    notifications::service::{NotificationTarget, notify},
};
use tallyboard_db::{Scope, Target, now};
use tallyboard_model::{
    calendar::TimeRange,
    error::{Code, Error, Result},
    id::{TaskId, TeamId, UserId},
    input::Validator,
    language::t_with,
    notifications::NotificationEvent,
    permissions::Access,
    tasks::{NewTask, Shared, Task, TaskFilter, TaskPatch, TaskStatus},
};

pub use super::lists::{count_due, list, written_out_lists};

/// The user's own pending tasks that are due before `time`, the longest overdue first, and whether there are more than
/// `limit`.
pub async fn due_before(scope: &mut Scope, time: DateTime<Utc>, limit: u32) -> Result<(Vec<Task>, bool)> {
    Ok(cut(store::due_before(scope, time, limit + 1).await?, limit))
}

/// The user's own tasks that were completed in a time range, in that order, and whether there are more than `limit`.
pub async fn completed_in(scope: &mut Scope, range: TimeRange, limit: u32) -> Result<(Vec<Task>, bool)> {
    Ok(cut(store::completed_in(scope, range, limit + 1).await?, limit))
}

/// The first `limit` of these tasks, and whether there are more.
fn cut(mut tasks: Vec<Task>, limit: u32) -> (Vec<Task>, bool) {
    let has_more = tasks.len() > limit as usize;
    tasks.truncate(limit as usize);
    (tasks, has_more)
}

/// Tasks with these words in title or description, wherever the user may read them: their own, shared ones, those of
/// their teams. The newest first, and whether there are more than `limit`.
pub async fn search_everywhere(scope: &mut Scope, words: &str, limit: u32) -> Result<(Vec<Task>, bool)> {
    let filter = TaskFilter { q: Some(words.to_owned()), limit: Some(limit), ..TaskFilter::default() };
    let teams = membership::service::my_teams(scope).await?;
    let in_teams = teams.iter().map(|team| TaskFilter { team_id: Some(team.id), ..filter.clone() });
    let shared = TaskFilter { shared: Some(Shared::WithMe), ..filter.clone() };
    let filters: Vec<_> = [filter.clone(), shared].into_iter().chain(in_teams).collect();
    let mut found = BTreeMap::new();
    let mut has_more = false;
    for filter in filters {
        // No filter by day, so the zone does not matter.
        let page = list(scope, Tz::UTC, filter).await?;
        has_more |= page.next_cursor.is_some();
        found.extend(page.items.into_iter().map(|task| (Reverse((task.created_at, task.id)), task)));
    }
    has_more |= found.len() > limit as usize;
    Ok((found.into_values().take(limit as usize).collect(), has_more))
}

/// One task.
pub async fn get(scope: &mut Scope, id: TaskId) -> Result<Task> {
    match store::find(scope, id).await? {
        Some(task) => Ok(task),
        None if store::exists(scope, id).await? => Err(Error::forbidden("This task belongs to someone else")),
        None => Err(Error::not_found("Task")),
    }
}

/// A new task as it would be stored: its texts trimmed and checked.
pub fn checked_new(new: NewTask) -> Result<NewTask> {
    let mut validator = Validator::new();
    let title = validator.line("title", &new.title, 1, 200);
    let description = validator.optional_lines("description", new.description.as_deref(), 1000);
    let due_at = due(&mut validator, "due_at", new.due_at);
    validator.finish()?;
    Ok(NewTask { title, description, due_at, ..new })
}

/// A change as it would be stored: its texts trimmed and checked.
pub fn checked_patch(patch: TaskPatch) -> Result<TaskPatch> {
    let mut validator = Validator::new();
    let title = patch.title.as_deref().map(|title| validator.line("title", title, 1, 200));
    let description = patch.description.map(|text| validator.optional_lines("description", text.as_deref(), 1000));
    let due_at = patch.due_at.map(|time| due(&mut validator, "due_at", time));
    validator.finish()?;
    Ok(TaskPatch { title, description, due_at, ..patch })
}

/// A task that the user may change, and whether somebody else can read it.
pub async fn get_editable(scope: &mut Scope, id: TaskId) -> Result<(Task, bool)> {
    let task = Editable::check(get(scope, id).await?)?.into_task();
    let me = scope.user_id();
    let others_read_it = store::audience(scope, id).await?.into_iter().any(|user| user != me);
    Ok((task, others_read_it))
}

/// Creates a task; the user is its owner, in a team too.
pub async fn create(scope: &mut Scope, new: NewTask) -> Result<Task> {
    let NewTask { title, description, status, team_id, due_at } = checked_new(new)?;
    if let Some(team) = team_id {
        membership::service::check_may_create_task(scope, team).await?;
    }
    let now = now();
    let task = Task {
        id: TaskId::new(),
        user_id: scope.user_id(),
        team_id,
        title,
        description,
        status,
        due_at,
        completed_at: (status == TaskStatus::Completed).then_some(now),
        created_at: now,
        updated_at: now,
        access: Access::Owner,
        members_edit: false,
        deleted_at: None,
        deleted_by: None,
    };
    store::insert(scope, &task).await?;
    scope.record("task.created", Target::Task(task.id)).in_team(task.team_id);
    scope.statistics_changed(task.user_id);
    // A new task is shared with nobody yet.
    let audience = if task.team_id.is_some() { store::audience(scope, task.id).await? } else { vec![task.user_id] };
    publish(scope, "task_created", &task, audience);
    Ok(task)
}

/// What was done to a task, and who is notified.
pub struct Changed {
    /// The task as it is now; a deleted one as it was.
    pub task: Task,
    /// Everybody who saw it before, or sees it now.
    pub audience: Vec<UserId>,
    /// `None` if nothing changed.
    pub event_type: Option<&'static str>,
}

impl Changed {
    fn publish(self, scope: &mut Scope) -> Task {
        if let Some(event_type) = self.event_type {
            publish(scope, event_type, &self.task, self.audience);
        }
        self.task
    }
}

/// Changes the fields that `patch` names. With `if_match`, only when the task has not changed since.
pub async fn update(scope: &mut Scope, id: TaskId, patch: TaskPatch, if_match: Option<DateTime<Utc>>) -> Result<Task> {
    Ok(update_unpublished(scope, id, patch, if_match).await?.publish(scope))
}

/// The same without its event.
pub async fn update_unpublished(
    scope: &mut Scope,
    id: TaskId,
    patch: TaskPatch,
    if_match: Option<DateTime<Utc>>,
) -> Result<Changed> {
    let patch = checked_patch(patch)?;
    let task = get(scope, id).await?;
    let seen = task.updated_at;
    let mut task = Editable::check(task)?.into_task();
    if if_match.is_some_and(|expected| expected != seen) {
        return Err(Error::new(Code::PreconditionFailed, "The task has changed since you read it")
            .detail("Fetch it again and reapply your change"));
    }
    let mut audience = store::audience(scope, id).await?;
    let mut event = NotificationEvent::TaskUpdated;
    let mut removed_from_team = false;
    let before = task.team_id;
    if let Some(team) = patch.team_id.filter(|team| *team != task.team_id) {
        check_move(scope, &task, team).await?;
        // A user who is not the owner no longer sees the task afterwards, so this is done last.
        removed_from_team = team.is_none() && task.access != Access::Owner;
        task.team_id = if removed_from_team { task.team_id } else { team };
    }
    let changed: Vec<_> = [
        ("title", patch.title.as_ref().is_some_and(|title| *title != task.title)),
        ("description", patch.description.as_ref().is_some_and(|text| *text != task.description)),
        ("due_at", patch.due_at.is_some_and(|time| time != task.due_at)),
        ("team", patch.team_id.is_some_and(|team| team != before)),
    ]
    .into_iter()
    .filter_map(|(name, has_changed)| has_changed.then_some(name))
    .collect();
    if changed.contains(&"due_at") {
        // The dashboard says how many tasks are overdue and due today.
        scope.statistics_changed(task.user_id);
    }
    task.title = patch.title.unwrap_or(task.title);
    task.description = patch.description.unwrap_or(task.description);
    task.due_at = patch.due_at.unwrap_or(task.due_at);
    // `updated_at` is the version of the task: it never repeats, however coarse the clock is.
    let now = now().max(seen + TimeDelta::microseconds(1));
    if let Some(status) = patch.status.filter(|status| *status != task.status) {
        task.status = status;
        task.completed_at = (status == TaskStatus::Completed).then_some(now);
        scope.statistics_changed(task.user_id);
        event = match status {
            TaskStatus::Completed => NotificationEvent::TaskCompleted,
            TaskStatus::Pending => NotificationEvent::TaskReopened,
        };
    }
    task.updated_at = now;
    let mut task = store::update(scope, Editable::check(task)?, seen).await?;
    if event != NotificationEvent::TaskUpdated || !changed.is_empty() {
        notify(scope, task.user_id, event, NotificationTarget::Task(id)).await?;
    }
    if removed_from_team {
        store::remove_from_team(scope, &Manageable::check(task.clone())?).await?;
        task.team_id = None;
    } else if task.team_id != before {
        // Those who see the task only now get the event too.
        audience.extend(store::audience(scope, id).await?);
    }
    let action = match event {
        NotificationEvent::TaskCompleted => "task.completed",
        NotificationEvent::TaskReopened => "task.reopened",
        _ => "task.updated",
    };
    scope.record(action, Target::Task(id)).in_team(task.team_id.or(before)).fields(&changed);
    Ok(Changed { task, audience, event_type: Some(event.as_str()) })
}

/// The owner of a task may move it into one of their teams; anyone who may manage it may remove it from its team.
async fn check_move(scope: &mut Scope, task: &Task, team: Option<TeamId>) -> Result<()> {
    match team {
        None => Manageable::check(task.clone()).map(drop),
        Some(_) if task.access != Access::Owner => {
            Err(Error::forbidden("Only a task's owner may move it into another team"))
        }
        Some(team) => membership::service::check_may_create_task(scope, team).await,
    }
}

/// Sets the status; setting it twice isn't an error.
pub async fn set_status(scope: &mut Scope, id: TaskId, status: TaskStatus) -> Result<Task> {
    Ok(set_status_unpublished(scope, id, status).await?.publish(scope))
}

/// The same without its event.
pub async fn set_status_unpublished(scope: &mut Scope, id: TaskId, status: TaskStatus) -> Result<Changed> {
    let task = get(scope, id).await?;
    if task.status == status {
        return Ok(Changed { task: Editable::check(task)?.into_task(), audience: Vec::new(), event_type: None });
    }
    update_unpublished(scope, id, TaskPatch { status: Some(status), ..TaskPatch::default() }, None).await
}

/// Moves a task to the trash.
pub async fn delete(scope: &mut Scope, id: TaskId, if_match: Option<DateTime<Utc>>) -> Result<()> {
    delete_unpublished(scope, id, if_match).await?.publish(scope);
    Ok(())
}

/// Deletes a task for good, wherever it is: among the tasks or in the trash.
pub async fn erase(scope: &mut Scope, id: TaskId, if_match: Option<DateTime<Utc>>) -> Result<()> {
    if store::exists(scope, id).await? {
        delete(scope, id, if_match).await?;
    }
    trash::service::erase(scope, id).await
}

/// The same as [`delete`] without its event.
pub async fn delete_unpublished(scope: &mut Scope, id: TaskId, if_match: Option<DateTime<Utc>>) -> Result<Changed> {
    let task = Manageable::check(get(scope, id).await?)?;
    if if_match.is_some_and(|expected| expected != task.task().updated_at) {
        return Err(Error::new(Code::PreconditionFailed, "The task has changed since you read it")
            .detail("Fetch it again before you delete it"));
    }
    scope.statistics_changed(task.task().user_id);
    let audience = store::audience(scope, id).await?;
    scope.record("task.deleted", Target::Task(id)).in_team(task.task().team_id);
    notify(scope, task.task().user_id, NotificationEvent::TaskDeleted, NotificationTarget::Task(id)).await?;
    trash::service::keep(scope, &task).await?;
    store::delete(scope, &task).await?;
    Ok(Changed { task: task.task().clone(), audience, event_type: Some("task_deleted") })
}

/// Makes another person the owner of somebody's tasks in a team.
pub async fn reassign(scope: &mut Scope, team: TeamId, from: UserId, new_owner: UserId) -> Result<()> {
    store::reassign(scope, team, from, new_owner, now()).await?;
    scope.statistics_changed(from);
    scope.statistics_changed(new_owner);
    Ok(())
}

/// Cuts a time to microseconds, and rejects years that are typing errors.
pub(super) fn due(validator: &mut Validator, field: &str, time: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    use chrono::Datelike;
    if time.is_some_and(|time| !YEARS.contains(&time.year())) {
        let why = t_with("has to be in the years {from} to {to}", &[("from", YEARS.start()), ("to", YEARS.end())]);
        validator.reject(field, why);
    }
    time.map(|time| time.trunc_subsecs(6))
}

/// The titles of those of these tasks that the user may read.
pub async fn titles(scope: &mut Scope, tasks: &[TaskId]) -> Result<Vec<(TaskId, String)>> {
    let found = store::find_many(scope, TaskSource::Mine, tasks).await?;
    Ok(found.into_iter().map(|(_, task)| (task.id, task.title)).collect())
}

/// With how many people the user has shared each of these tasks of theirs.
pub async fn share_counts(scope: &mut Scope, tasks: &[TaskId]) -> Result<HashMap<TaskId, i64>> {
    Ok(store::share_counts(scope, tasks).await?.into_iter().collect())
}

/// Those who shared these tasks with the user, for each task: id and name.
pub async fn sharers(scope: &mut Scope, tasks: &[TaskId]) -> Result<HashMap<TaskId, (UserId, String)>> {
    let found = store::sharers(scope, tasks).await?;
    Ok(found.into_iter().map(|(task, id, name)| (task, (id, name))).collect())
}
