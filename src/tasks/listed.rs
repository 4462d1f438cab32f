//! Tasks as the list shows them, and what its forms send: dates in the user's time zone, teams and people by
//! name.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::ui::forms::{EDIT, only};
use tallyboard_base::http::parse_query;
use tallyboard_core::tasks::{
    due_words::{ListedDue, listed_due},
    service,
};
use tallyboard_db::{Scope, now};
use tallyboard_model::{
    calendar::Calendar,
    error::{Error, Result},
    id::{TaskId, TeamId, UserId},
    list::List,
    membership::ListedTeam,
    permissions::Access,
    tasks::{BulkAction, BulkChange, NO_TEAM, NewTask, Task, TaskFilter, TaskPatch, TaskStatus},
};

/// A task as the list shows it.
#[derive(Clone)]
pub struct ListedTask {
    /// Its id.
    pub id: TaskId,
    /// 1-200 characters.
    pub title: String,
    /// Up to 1000 characters.
    pub description: Option<String>,
    /// Whether it is completed.
    pub done: bool,
    /// When it is due.
    pub due: Option<(ListedDue, DateTime<Utc>)>,
    /// The team that it belongs to, when the user is a member.
    pub team: Option<ListedTeam>,
    /// The person who shared it with the user: id and name.
    pub shared_by: Option<(UserId, String)>,
    /// With how many people the user has shared it.
    pub shared_with: i64,
    /// How the user has access to it.
    pub access: Access,
    /// Whether they may change, complete and reopen it.
    pub may_change: bool,
}

/// The fields of a task's form. `due_on` is a date or empty, `team_id` an id or [`NO_TEAM`].
#[derive(Clone, Default)]
#[allow(missing_docs)]
pub struct TaskForm {
    pub title: String,
    pub description: Option<String>,
    pub due_on: Option<String>,
    /// Absent: the task stays in its team.
    pub team_id: Option<String>,
    /// The one field that is sent; absent: all are.
    pub only: Option<String>,
}

/// Tasks as the user sees them, who lives in `zone` and is in `teams`.
async fn listed(scope: &mut Scope, zone: Tz, teams: &[ListedTeam], tasks: Vec<Task>) -> Result<Vec<ListedTask>> {
    let (mine, of_others): (Vec<&Task>, Vec<_>) = tasks.iter().partition(|task| task.access == Access::Owner);
    let ids = |tasks: Vec<&Task>| tasks.iter().map(|task| task.id).collect::<Vec<_>>();
    let mut sharers = service::sharers(scope, &ids(of_others)).await?;
    let share_counts = service::share_counts(scope, &ids(mine)).await?;
    let calendar = Calendar::at(now(), zone);
    let row = |task: Task| {
        let may_change = task.may_change();
        ListedTask {
            id: task.id,
            title: task.title,
            description: task.description,
            done: task.status == TaskStatus::Completed,
            due: task.due_at.map(|due| (listed_due(&calendar, due, task.status), due)),
            team: teams.iter().find(|team| Some(team.id) == task.team_id).cloned(),
            shared_with: share_counts.get(&task.id).copied().unwrap_or_default(),
            shared_by: sharers.remove(&task.id),
            access: task.access,
            may_change,
        }
    };
    Ok(tasks.into_iter().map(row).collect())
}

/// A task as a user in these teams sees it.
pub async fn one(scope: &mut Scope, zone: Tz, teams: &[ListedTeam], task: Task) -> Result<ListedTask> {
    listed(scope, zone, teams, vec![task]).await?.pop().ok_or_else(|| Error::internal("a task was lost"))
}

/// A page of tasks as a user in these teams sees them.
pub async fn page(scope: &mut Scope, zone: Tz, teams: &[ListedTeam], filter: TaskFilter) -> Result<List<ListedTask>> {
    let List { items, next_cursor } = service::list(scope, zone, filter).await?;
    let items = listed(scope, zone, teams, items).await?;
    Ok(List { items, next_cursor })
}

/// Creates a task from a form.
pub async fn create(scope: &mut Scope, zone: Tz, form: TaskForm) -> Result<()> {
    let due_at = due_at(zone, form.due_on.as_deref())?;
    let team_id = parse_team(form.team_id.as_deref())?;
    let new = NewTask { title: form.title, description: form.description, due_at, team_id, ..NewTask::default() };
    service::create(scope, new).await?;
    Ok(())
}

/// Changes a task from a form, which has all its fields. Without `team_id` the task stays in its team.
pub async fn update(scope: &mut Scope, zone: Tz, id: TaskId, form: TaskForm) -> Result<()> {
    let is_time = form.due_on.as_deref().is_some_and(|text| text.contains('T'));
    let due_at = due_at(zone, form.due_on.as_deref())?;
    let team_id = form.team_id.as_deref().map(|team| parse_team(Some(team))).transpose()?;
    // The form has only the day: the hour that the API has set stays while the day stays.
    let before = service::get(scope, id).await?.due_at;
    let calendar = Calendar::at(now(), zone);
    let day = |time: Option<DateTime<Utc>>| time.map(|time| calendar.date_of(time));
    let is_sent = |field: &str| form.only.as_deref().is_none_or(|only| only == field);
    let patch = TaskPatch {
        title: is_sent("title").then_some(form.title),
        description: is_sent("description").then_some(form.description),
        due_at: (is_sent("due_on") && (day(before) != day(due_at) || is_time)).then_some(due_at),
        team_id: team_id.filter(|_| is_sent("team_id")),
        status: None,
    };
    service::update(scope, id, patch, None).await?;
    Ok(())
}

/// What a form can send instead of a date. It stays right on a page that was opened yesterday.
pub const TODAY: &str = "today";
/// The day after it.
pub const TOMORROW: &str = "tomorrow";
/// What the form for many tasks can send to take their day away; an empty field leaves it as it is.
pub const NO_DAY: &str = "none";

/// The day of a list's button, by the name that the list sends.
pub fn day_to_move_to(name: &str) -> Result<&'static str> {
    let day = [TODAY, TOMORROW].into_iter().find(|day| *day == name);
    day.ok_or_else(|| Error::invalid("move_to", "has to be today or tomorrow"))
}

/// The end of that day in the user's time zone; or a time, which Undo sends back as it was.
fn due_at(zone: Tz, date: Option<&str>) -> Result<Option<DateTime<Utc>>> {
    let Some(text) = date.map(str::trim).filter(|text| !text.is_empty() && *text != NO_DAY) else { return Ok(None) };
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(Some(time.to_utc()));
    }
    let calendar = Calendar::at(now(), zone);
    let date = match text {
        TODAY => Ok(calendar.today_date()),
        TOMORROW => Ok(calendar.date_of(calendar.today().end)),
        _ => text.parse(),
    };
    let date: NaiveDate =
        date.map_err(|_| Error::invalid("due_on", "has to be a date like 2026-12-31, today or tomorrow"))?;
    Ok(Some(calendar.end_of(date)))
}

/// Completes or reopens a task, or moves it to another day.
pub async fn change(
    scope: &mut Scope,
    zone: Tz,
    id: TaskId,
    status: Option<TaskStatus>,
    due_on: Option<String>,
) -> Result<()> {
    match (due_at(zone, due_on.as_deref())?, status) {
        (None, Some(status)) => service::set_status(scope, id, status).await?,
        (due_at, status) => {
            let patch = TaskPatch { due_at: due_at.map(Some), status, ..TaskPatch::default() };
            service::update(scope, id, patch, None).await?
        }
    };
    Ok(())
}

/// A change of many tasks from a form, whose fields for moving are read for `move` alone.
pub fn bulk_change(
    zone: Tz,
    ids: Vec<TaskId>,
    action: BulkAction,
    due_on: Option<String>,
    team_id: Option<String>,
) -> Result<BulkChange> {
    let mut change = BulkChange { ids, action, due_at: None, team_id: None };
    if action == BulkAction::Move {
        change.due_at =
            if due_on.as_deref() == Some(NO_DAY) { Some(None) } else { due_at(zone, due_on.as_deref())?.map(Some) };
        let team = team_id.as_deref().filter(|team| !team.is_empty());
        change.team_id = team.map(|team| parse_team(Some(team))).transpose()?;
    }
    Ok(change)
}

fn parse_team(id: Option<&str>) -> Result<Option<TeamId>> {
    let Some(text) = id.filter(|text| *text != NO_TEAM) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| Error::invalid("team_id", "is not an id"))
}

/// The filter in the query of a list's rows.
pub fn filter(query: &str) -> Result<TaskFilter> {
    parse_query(&only(query, &["status", "team_id", "shared", "access", "due", "q", "sort", "limit", "cursor"]))
}

/// The task whose form a page shows open: without script, "Edit" is a link to such a page.
pub fn edited_task(query: &str) -> Option<TaskId> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    pairs.into_iter().find(|(name, _)| name == EDIT)?.1.parse().ok()
}

/// The time until midnight, after which "today" and "tomorrow" are wrong.
pub fn seconds_left_today(zone: Tz) -> u32 {
    let now = now();
    (Calendar::at(now, zone).today().end - now).num_seconds().try_into().unwrap_or_default()
}
