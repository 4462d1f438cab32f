//! Tasks from elsewhere: all of a file or none, and the same file twice adds nothing twice.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{service::due, store};
use crate::membership;
use tallyboard_db::{Lock, Scope, Target, now};
use tallyboard_model::{
    error::Result,
    id::{TaskId, TeamId, UserId},
    input::FileProblems,
    permissions::{Access, TeamAction, role_allows},
    tasks::{Task, TaskStatus},
};

/// A task as a file has it.
#[derive(Clone, Debug, Default)]
pub struct ImportedTask {
    /// Its position in the file, for errors: `line 3`.
    pub place: String,
    /// Tells the task from every other one of the file; the same each time that the file is read.
    pub key: String,
    /// Its id, when the file comes from a Tallyboard.
    pub id: Option<TaskId>,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: Option<String>,
    /// Whether it is completed.
    pub status: TaskStatus,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was completed.
    pub completed_at: Option<DateTime<Utc>>,
    /// When it was created; now when the file does not say it.
    pub created_at: Option<DateTime<Utc>>,
    /// The team that it belonged to.
    pub team_id: Option<TeamId>,
}

/// How many titles of known tasks an import names.
const MAX_TITLES: usize = 20;

/// What an import adds.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The new tasks, in the order of the file.
    pub tasks: Vec<Task>,
    /// How many the user has already.
    pub known: usize,
    /// The titles of the first [`MAX_TITLES`] of these.
    pub known_titles: Vec<String>,
    /// How many new ones become personal tasks, because the user may not add tasks to their team or is not in it.
    pub without_team: usize,
}

/// Adds the tasks that the user does not have yet; with `dry_run`, only says which.
pub async fn import(scope: &mut Scope, found: Vec<ImportedTask>, dry_run: bool) -> Result<Imported> {
    let me = scope.user_id();
    if !dry_run {
        // Two imports of a file at once must not both add it.
        scope.connection().lock(me.0, Lock::Exclusive).await?;
    }
    let teams = membership::service::my_teams(scope).await?;
    let may_add = |team: &TeamId| {
        teams.iter().any(|mine| mine.id == *team && role_allows(Some(mine.role), TeamAction::CreateTask))
    };
    let ids: Vec<_> =
        found.iter().flat_map(|task| task.id.into_iter().chain([TaskId::for_import(me, &task.key)])).collect();
    let own = store::own_ids(scope, &ids).await?;
    let (mut problems, mut without_team, mut known) = (FileProblems::default(), 0, 0);
    let (mut tasks, mut known_titles, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for task in found {
        let id = TaskId::for_import(me, &task.key);
        let is_known = own.contains(&id) || task.id.is_some_and(|original| own.contains(&original));
        let team_id = task.team_id.filter(may_add);
        let lost_team = task.team_id.is_some() && team_id.is_none();
        let Some(checked) = checked(&mut problems, task, Task { team_id, ..unchecked(id, me) }) else { continue };
        // A file that has a task twice adds it once.
        if is_known || !seen.insert(id) {
            known += 1;
            if known_titles.len() < MAX_TITLES {
                known_titles.push(checked.title);
            }
            continue;
        }
        without_team += usize::from(lost_team);
        tasks.push(checked);
    }
    problems.finish()?;
    if !dry_run && !tasks.is_empty() {
        add(scope, &tasks).await?;
    }
    Ok(Imported { tasks, known, known_titles, without_team })
}

async fn add(scope: &mut Scope, tasks: &[Task]) -> Result<()> {
    let me = scope.user_id();
    let mut audience = BTreeSet::from([me]);
    for team in tasks.iter().filter_map(|task| task.team_id).collect::<BTreeSet<_>>() {
        // The user's role cannot change until the transaction ends.
        membership::service::check_may_create_task(scope, team).await?;
        audience.extend(membership::service::member_ids(scope, team).await?);
    }
    store::insert_many(scope, tasks).await?;
    scope.record("task.imported", Target::User(me));
    scope.statistics_changed(me);
    // One event, and a list refetches itself.
    scope.emit("refetch", audience.into_iter().collect(), json!({}));
    Ok(())
}

fn unchecked(id: TaskId, user_id: UserId) -> Task {
    let now = now();
    Task {
        id,
        user_id,
        team_id: None,
        title: String::new(),
        description: None,
        status: TaskStatus::Pending,
        due_at: None,
        completed_at: None,
        created_at: now,
        updated_at: now,
        access: Access::Owner,
        members_edit: false,
        deleted_at: None,
        deleted_by: None,
    }
}

/// `empty` with what the file says; `None` once enough problems are known.
fn checked(problems: &mut FileProblems, found: ImportedTask, empty: Task) -> Option<Task> {
    let validator = problems.validator()?;
    let ImportedTask { place, title, description, status, due_at, completed_at, created_at, .. } = found;
    let at = |field: &str| format!("{place}: {field}");
    let now = empty.created_at;
    // Other programs have titles of several lines.
    let title = validator.line(&at("title"), &title.replace(['\r', '\n'], " "), 1, 200);
    let description = validator.optional_lines(&at("description"), description.as_deref(), 1000);
    let created_at = validator.past_time(&at("created_at"), created_at, now).unwrap_or(now);
    let completed_at = validator.past_time(&at("completed_at"), completed_at, now).unwrap_or(now);
    Some(Task {
        title,
        description,
        status,
        due_at: due(validator, &at("due_at"), due_at),
        completed_at: (status == TaskStatus::Completed).then_some(completed_at),
        created_at,
        ..empty
    })
}
