//! The tools that change tasks.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::{
        times::{local, parse},
        tool::{Effect, Tool},
    },
    asking::{Change, Question, name_of},
    reading::TaskOutput,
};
use tallyboard_core::{
    app::AppState,
    auth::AuthenticatedUser,
    membership,
    tasks::{service, trash},
};
use tallyboard_model::{
    error::Result,
    id::{TaskId, TeamId},
    language::{t, t_with},
    list::double_option,
    tasks::{NewTask, TaskPatch, TaskStatus},
};

/// The new task.
#[derive(Deserialize, ToSchema)]
pub struct CreateTask {
    /// The title: what to do, in a few words.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// Everything else that helps to do it.
    #[schema(max_length = 1000)]
    description: Option<String>,
    #[serde(default)]
    status: TaskStatus,
    /// A team in which the user is at least a member; absent for a personal task.
    team_id: Option<TeamId>,
    /// A date (2026-12-24: the end of that day), a time in the user's time zone (2026-12-24T17:00), or a time with an
    /// offset.
    due_at: Option<String>,
    /// Any text that is new for each task: a call that is repeated with the same one does not create a second task.
    #[schema(min_length = 1, max_length = 255)]
    request_id: Option<String>,
}

impl Tool for CreateTask {
    type Output = TaskOutput;
    const NAME: &'static str = "create_task";
    const TITLE: &'static str = "Create a task";
    const DESCRIPTION: &'static str = "Creates a task that the user owns, personal or in one of their teams. Create \
        one task for each thing to do. Look with search first when the task may be there already.";
    const EFFECT: Effect = Effect::Add;

    fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    async fn question(&self, app: &AppState, user: &AuthenticatedUser) -> Result<Option<Question>> {
        let new = service::checked_new(self.new_task(user.time_zone())?)?;
        let Some(team) = new.team_id else { return Ok(None) };
        let teams = app.db.scope(user).read(|scope| Box::pin(membership::service::my_teams(scope))).await?;
        let name = name_of(&teams, team);
        let words = t_with(
            "Add “{title}” to the team {name}, where all its members see it",
            &[("title", &new.title), ("name", &name)],
        );
        let mut question = Question::new(words, &[&new.title, name]).with_description(new.description.as_deref());
        question.quotes.extend(new.due_at.map(|due| (t("Due"), exact(Some(due), user.time_zone()))));
        Ok(Some(question))
    }

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<TaskOutput> {
        let new = self.new_task(user.time_zone())?;
        let task = app.db.scope(user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
        Ok(TaskOutput::new(task, user.time_zone()))
    }
}

impl CreateTask {
    fn new_task(&self, zone: Tz) -> Result<NewTask> {
        let due_at = self.due_at.as_deref().map(|text| parse("due_at", text, zone)).transpose()?;
        let Self { title, description, status, team_id, .. } = self;
        let (title, description) = (title.clone(), description.clone());
        Ok(NewTask { title, description, status: *status, team_id: *team_id, due_at })
    }
}

/// A due time with everything that it holds.
fn exact(due: Option<DateTime<Utc>>, zone: Tz) -> String {
    let never = || t("(empty)").to_owned();
    due.map_or_else(never, |due| local(due, zone).format("%Y-%m-%d %H:%M:%S%.f").to_string())
}

/// What to change: absent fields stay, null clears a field.
#[derive(Deserialize, ToSchema)]
pub struct UpdateTask {
    task_id: TaskId,
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>, max_length = 1000)]
    description: Option<Option<String>>,
    status: Option<TaskStatus>,
    /// The task's owner may move it into one of their teams; null takes it out of its team.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<TeamId>)]
    team_id: Option<Option<TeamId>>,
    /// A date (2026-12-24: the end of that day), a time in the user's time zone (2026-12-24T17:00), or a time with an
    /// offset; null for no due date.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    due_at: Option<Option<String>>,
    /// The updated_at that was read: the task is changed only if nobody has changed it since.
    if_unchanged_since: Option<DateTime<Utc>>,
}

impl Tool for UpdateTask {
    type Output = TaskOutput;
    const NAME: &'static str = "update_task";
    const TITLE: &'static str = "Change a task";
    const DESCRIPTION: &'static str = "Changes fields of a task: title, description, due time, team, status. Send \
        only what changes. To complete or reopen a task use complete_task and reopen_task.";
    const EFFECT: Effect = Effect::Overwrite;

    async fn question(&self, app: &AppState, user: &AuthenticatedUser) -> Result<Option<Question>> {
        let patch = service::checked_patch(self.patch(user.time_zone())?)?;
        let (zone, id) = (user.time_zone(), self.task_id);
        app.db
            .scope(user)
            .read(|scope| {
                let patch = patch.clone();
                Box::pin(async move {
                    let (task, others_read_it) = service::get_editable(scope, id).await?;
                    let teams = membership::service::my_teams(scope).await?;
                    let due = (exact(task.due_at, zone), exact(patch.due_at.flatten(), zone));
                    let change = Change { task: &task, patch: &patch, teams: &teams, others_read_it, due };
                    Ok(change.question())
                })
            })
            .await
    }

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<TaskOutput> {
        let zone = user.time_zone();
        let (patch, task_id, seen) = (self.patch(zone)?, self.task_id, self.if_unchanged_since);
        let changed =
            app.db.scope(user).write(|scope| Box::pin(service::update(scope, task_id, patch.clone(), seen))).await?;
        Ok(TaskOutput::new(changed, zone))
    }
}

impl UpdateTask {
    fn patch(&self, zone: Tz) -> Result<TaskPatch> {
        let due_at = match &self.due_at {
            Some(Some(text)) => Some(Some(parse("due_at", text, zone)?)),
            Some(None) => Some(None),
            None => None,
        };
        let Self { title, description, status, team_id, .. } = self;
        let (title, description) = (title.clone(), description.clone());
        Ok(TaskPatch { title, description, status: *status, team_id: *team_id, due_at })
    }
}

/// Which task to complete.
#[derive(Deserialize, ToSchema)]
pub struct CompleteTask {
    task_id: TaskId,
}

impl Tool for CompleteTask {
    type Output = TaskOutput;
    const NAME: &'static str = "complete_task";
    const TITLE: &'static str = "Complete a task";
    const DESCRIPTION: &'static str = "Marks a task as completed, when the user says that it is done. Doing it twice is \
        no error.";
    const EFFECT: Effect = Effect::Set;

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<TaskOutput> {
        set_status(app, user, self.task_id, TaskStatus::Completed).await
    }
}

/// Which task to reopen.
#[derive(Deserialize, ToSchema)]
pub struct ReopenTask {
    task_id: TaskId,
}

impl Tool for ReopenTask {
    type Output = TaskOutput;
    const NAME: &'static str = "reopen_task";
    const TITLE: &'static str = "Reopen a task";
    const DESCRIPTION: &'static str = "Marks a completed task as pending again. Doing it twice isn't an error.";
    const EFFECT: Effect = Effect::Set;

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<TaskOutput> {
        set_status(app, user, self.task_id, TaskStatus::Pending).await
    }
}

async fn set_status(app: &AppState, user: &AuthenticatedUser, id: TaskId, status: TaskStatus) -> Result<TaskOutput> {
    let task = app.db.scope(user).write(|scope| Box::pin(service::set_status(scope, id, status))).await?;
    Ok(TaskOutput::new(task, user.time_zone()))
}

/// Which task to delete.
#[derive(Deserialize, ToSchema)]
pub struct DeleteTask {
    task_id: TaskId,
    /// The updated_at that was read: the task is deleted only if nobody has changed it since.
    if_unchanged_since: Option<DateTime<Utc>>,
}

/// The deleted task.
#[derive(Serialize, ToSchema)]
pub struct DeletedOutput {
    /// The id of the deleted object.
    deleted: TaskId,
}

impl Tool for DeleteTask {
    type Output = DeletedOutput;
    const NAME: &'static str = "delete_task";
    const TITLE: &'static str = "Delete a task";
    const DESCRIPTION: &'static str = "Moves a task to the trash, for everybody who sees it: restore_task brings it \
        back for some weeks. Ask the user first; a task that is done is completed, not deleted.";
    const EFFECT: Effect = Effect::Overwrite;

    async fn question(&self, app: &AppState, user: &AuthenticatedUser) -> Result<Option<Question>> {
        let task = app.db.scope(user).read(|scope| Box::pin(service::get(scope, self.task_id))).await?;
        let words = t_with("Delete “{title}” for everybody who sees it", &[("title", &task.title)]);
        Ok(Some(Question::new(words, &[&task.title]).with_description(task.description.as_deref())))
    }

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<DeletedOutput> {
        let Self { task_id, if_unchanged_since: seen } = self;
        app.db.scope(user).write(|scope| Box::pin(service::delete(scope, task_id, seen))).await?;
        Ok(DeletedOutput { deleted: task_id })
    }
}

/// Which task to restore.
#[derive(Deserialize, ToSchema)]
pub struct RestoreTask {
    task_id: TaskId,
}

impl Tool for RestoreTask {
    type Output = TaskOutput;
    const NAME: &'static str = "restore_task";
    const TITLE: &'static str = "Restore a deleted task";
    const DESCRIPTION: &'static str = "Takes a task that was deleted by mistake out of the trash, with its shares.";
    const EFFECT: Effect = Effect::Add;

    async fn question(&self, app: &AppState, user: &AuthenticatedUser) -> Result<Option<Question>> {
        let scopes = app.db.scope(user);
        let (task, is_shared) = scopes.read(|scope| Box::pin(trash::service::get(scope, self.task_id))).await?;
        if !is_shared && task.team_id.is_none() {
            return Ok(None);
        }
        let words = t_with("Restore “{title}” for everybody who saw it", &[("title", &task.title)]);
        Ok(Some(Question::new(words, &[&task.title])))
    }

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<TaskOutput> {
        let task = app.db.scope(user).write(|scope| Box::pin(trash::service::restore(scope, self.task_id))).await?;
        Ok(TaskOutput::new(task, user.time_zone()))
    }
}
