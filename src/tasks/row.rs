//! Between tasks and the rows that pages show: dates by the reader's calendar, teams and people by name.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{ListedTask, NO_TEAM, NewTask, Task, TaskFilter, TaskPatch, TaskStatus, Words, service};
use crate::{
    calendar::Calendar,
    db::{Scope, now},
    error::{Error, Result},
    id::{TaskId, TeamId},
    list::List,
    permissions::Access,
    shares,
    teams::{self, ListedTeam},
};

/// Tasks as one person in `zone` who is in `teams` reads them, with the names that belong to them.
async fn listed(scope: &mut Scope, zone: Tz, teams: &[ListedTeam], tasks: Vec<Task>) -> Result<Vec<ListedTask>> {
    let foreign: Vec<_> = tasks.iter().filter(|task| task.access != Access::Owner).map(|task| task.id).collect();
    let mut sharers = shares::service::sharers(scope, &foreign).await?;
    let calendar = Calendar::at(now(), zone);
    let row = |task: Task| ListedTask {
        id: task.id,
        title: task.title,
        description: task.description,
        done: task.status == TaskStatus::Completed,
        due_on: task.due_at.map(|due| calendar.date_of(due).to_string()),
        team: teams.iter().find(|team| Some(team.id) == task.team_id).cloned(),
        shared_by: sharers.remove(&task.id),
        access: task.access,
    };
    Ok(tasks.into_iter().map(row).collect())
}

async fn listed_one(scope: &mut Scope, zone: Tz, task: Task) -> Result<ListedTask> {
    let teams = if task.team_id.is_some() { teams::service::all_mine(scope).await? } else { Vec::new() };
    let mut rows = listed(scope, zone, &teams, vec![task]).await?;
    rows.pop().ok_or_else(|| Error::internal("a task was lost between two lines"))
}

/// A page of tasks, and the teams to filter by.
pub async fn page(scope: &mut Scope, zone: Tz, filter: TaskFilter) -> Result<(List<ListedTask>, Vec<ListedTeam>)> {
    let List { items, next_cursor } = service::list(scope, filter).await?;
    let teams = teams::service::all_mine(scope).await?;
    let items = listed(scope, zone, &teams, items).await?;
    Ok((List { items, next_cursor }, teams))
}

/// Makes a task from a form.
pub async fn create(scope: &mut Scope, zone: Tz, words: Words) -> Result<ListedTask> {
    let due_at = due_at(zone, words.due_on.as_deref())?;
    let team_id = team_of(words.team_id.as_deref())?;
    let new = NewTask { title: words.title, due_at, team_id, ..NewTask::default() };
    let task = service::create(scope, new).await?;
    listed_one(scope, zone, task).await
}

/// Changes a task from a form, which has all its words. Without `team_id` it stays in its team.
pub async fn update(scope: &mut Scope, zone: Tz, id: TaskId, words: Words) -> Result<ListedTask> {
    let due_at = due_at(zone, words.due_on.as_deref())?;
    let team_id = words.team_id.as_deref().map(|team| team_of(Some(team))).transpose()?;
    // The form knows the day only: while that stays, so does the hour.
    let before = service::get(scope, id).await?.due_at;
    let calendar = Calendar::at(now(), zone);
    let day = |time: Option<DateTime<Utc>>| time.map(|time| calendar.date_of(time));
    let patch = TaskPatch {
        title: Some(words.title),
        description: Some(words.description),
        due_at: (day(before) != day(due_at)).then_some(due_at),
        team_id,
        status: None,
    };
    let task = service::update(scope, id, patch, None).await?;
    listed_one(scope, zone, task).await
}

/// The instant by which something due on that date is due.
fn due_at(zone: Tz, date: Option<&str>) -> Result<Option<DateTime<Utc>>> {
    let Some(text) = date.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let date: NaiveDate = text.parse().map_err(|_| Error::invalid("due_on", "has to be a date like 2026-12-31"))?;
    Ok(Some(Calendar::at(now(), zone).end_of(date)))
}

fn team_of(id: Option<&str>) -> Result<Option<TeamId>> {
    let Some(text) = id.filter(|text| *text != NO_TEAM) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| Error::invalid("team_id", "is not an id"))
}

/// Completes or reopens a task.
pub async fn set_status(scope: &mut Scope, zone: Tz, id: TaskId, status: TaskStatus) -> Result<ListedTask> {
    let task = service::set_status(scope, id, status).await?;
    listed_one(scope, zone, task).await
}
