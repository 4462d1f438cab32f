//! Tasks from elsewhere: all of a file or none, and the same file twice adds nothing twice.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::{Task, TaskStatus, service::due, store};
use crate::{
    db::{Lock, Scope, Target, now},
    error::Result,
    id::{TaskId, TeamId, UserId},
    input::Validator,
    membership,
    permissions::{Access, TeamAction, role_allows},
};

/// How many problems of a file are named.
const MAX_PROBLEMS: usize = 20;

/// How far the clock of the server that wrote a file may be ahead of this one's.
const CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(5);

/// A task as a file has it.
#[derive(Clone, Debug, Default)]
pub struct ImportedTask {
    /// Where it stands in the file, for errors: `line 3`.
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

/// What an import adds.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The new tasks, in the order of the file.
    pub tasks: Vec<Task>,
    /// How many the user has already.
    pub known: usize,
    /// How many of the new ones become personal tasks, because the user may not add tasks to their team or is not in it.
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
    let ids: Vec<_> = found.iter().flat_map(|task| task.id.into_iter().chain([id_of(me, &task.key)])).collect();
    let own = store::own_ids(scope, &ids).await?;
    let (mut problems, mut without_team, mut known) = (Problems::default(), 0, 0);
    let (mut tasks, mut seen) = (Vec::new(), HashSet::new());
    for task in found {
        let id = id_of(me, &task.key);
        let is_known = own.contains(&id) || task.id.is_some_and(|original| own.contains(&original));
        let team_id = task.team_id.filter(may_add);
        let lost_team = task.team_id.is_some() && team_id.is_none();
        let Some(checked) = problems.check(task, Task { team_id, ..unchecked(id, me) }) else { continue };
        // A file that has a task twice adds it once.
        if is_known || !seen.insert(id) {
            known += 1;
            continue;
        }
        without_team += usize::from(lost_team);
        tasks.push(checked);
    }
    problems.finish()?;
    if !dry_run && !tasks.is_empty() {
        add(scope, &tasks).await?;
    }
    Ok(Imported { tasks, known, without_team })
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
    // One event: a list reads itself anew.
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
    }
}

/// What is wrong with a file, by its places.
#[derive(Default)]
struct Problems(Validator);

impl Problems {
    /// `empty` with what the file says; `None` once enough problems are known.
    fn check(&mut self, found: ImportedTask, empty: Task) -> Option<Task> {
        if self.0.count() >= MAX_PROBLEMS {
            return None;
        }
        let ImportedTask { place, title, description, status, due_at, completed_at, created_at, .. } = found;
        let at = |field: &str| format!("{place}: {field}");
        let validator = &mut self.0;
        let title = validator.text(&at("title"), &title, 1, 200);
        let description = validator.optional_text(&at("description"), description.as_deref(), 1000);
        let now = empty.created_at;
        let created_at = past(validator, &at("created_at"), created_at, now).unwrap_or(now);
        let completed_at = past(validator, &at("completed_at"), completed_at, now).unwrap_or(now);
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

    fn finish(self) -> Result<()> {
        let count = self.0.count();
        self.0.finish().map_err(|error| {
            if count < MAX_PROBLEMS { error } else { error.detail("These are the first; there may be more") }
        })
    }
}

/// A time at which something was done. The counters of the dashboard count quarters of an hour since 1970.
fn past(
    validator: &mut Validator,
    field: &str,
    time: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if time.is_some_and(|time| time < DateTime::UNIX_EPOCH || time > now + CLOCK_DIFFERENCE) {
        validator.reject(field, "has to be between 1970 and now");
    }
    time.map(|time| time.trunc_subsecs(6))
}

/// The id that a task of a file has for this user, whenever the file is read: a UUIDv7 with no time in it.
fn id_of(user: UserId, key: &str) -> TaskId {
    let hash = Sha256::new().chain_update(user.0.as_bytes()).chain_update(key).finalize();
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    TaskId(Builder::from_unix_timestamp_millis(0, &random).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_each_time_and_differs_by_user_and_key() {
        let [ada, eve] = [UserId::new(), UserId::new()];
        assert_eq!(id_of(ada, "x"), id_of(ada, "x"));
        assert_ne!(id_of(ada, "x"), id_of(eve, "x"));
        assert_ne!(id_of(ada, "x"), id_of(ada, "y"));
        assert_eq!(id_of(ada, "x").0.get_version_num(), 7);
    }
}
