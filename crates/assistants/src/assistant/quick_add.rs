//! A new task in one line, `Buy milk tomorrow @Household`: for the command `/add` and the quick add of every page.

use axum::http::HeaderMap;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::commands::TaskLine;
use tallyboard_base::http::header_text;
use tallyboard_core::{
    membership,
    tasks::{listed_due, service},
};
use tallyboard_db::{Scope, now};
use tallyboard_model::{
    calendar::Calendar,
    error::{Code, Error, Result},
    input::comparable,
    language::{t, t_with},
    membership::ListedTeam,
    permissions::{TeamAction, role_allows},
    tasks::{NewTask, Task, TaskStatus},
};

/// How many seconds a line has waited for a connection.
const WAITED: &str = "x-waited-seconds";
/// The longest wait that counts; a longer one is cut to it.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(90);

/// A preview of the line's task, or why it can't be added; empty for an empty line.
pub async fn preview(scope: &mut Scope, zone: Tz, text: String) -> Result<String> {
    let calendar = Calendar::at(now(), zone);
    let line = match TaskLine::read(&text, calendar.today_date()) {
        Ok(line) => line,
        Err(error) => return Ok(error.fields.into_values().next().unwrap_or(error.message)),
    };
    match team_of(scope, &line).await {
        Ok(team) => Ok(words(&calendar, &line, team)),
        // Somebody who is still typing the name of a team has made no mistake.
        Err(error) if [Code::NotFound, Code::Forbidden, Code::Conflict].contains(&error.code) => {
            Ok([Some(error.message), error.detail].into_iter().flatten().collect::<Vec<_>>().join(". "))
        }
        Err(error) => Err(error),
    }
}

/// When a line was written: a device that had no connection has kept it, and says for how long. That does not depend on the
/// clock of the device.
pub fn written_at(headers: &HeaderMap) -> DateTime<Utc> {
    let seconds: u32 = header_text(headers, WAITED).and_then(|seconds| seconds.parse().ok()).unwrap_or_default();
    now() - TimeDelta::seconds(seconds.into()).min(LONGEST_WAIT)
}

/// Creates the task of a line written at the calendar's moment; returns a sentence about it.
pub async fn add(scope: &mut Scope, calendar: Calendar, text: String) -> Result<String> {
    let line = TaskLine::read(&text, calendar.today_date())?;
    let (_, team) = create(scope, &calendar, &line).await?;
    Ok(t_with("Added {what}", &[("what", &words(&calendar, &line, team))]))
}

/// Creates the task of a line; answers the task and its team.
pub async fn create(scope: &mut Scope, calendar: &Calendar, line: &TaskLine) -> Result<(Task, Option<ListedTeam>)> {
    let team = team_of(scope, line).await?;
    let due_at = line.due.map(|day| calendar.end_of(day));
    let team_id = team.as_ref().map(|team| team.id);
    let new = NewTask { title: line.title.clone(), team_id, due_at, ..NewTask::default() };
    Ok((service::create(scope, new).await?, team))
}

async fn team_of(scope: &mut Scope, line: &TaskLine) -> Result<Option<ListedTeam>> {
    let Some(name) = &line.team else { return Ok(None) };
    let team = find_team(scope, name).await?;
    if role_allows(Some(team.role), TeamAction::CreateTask) {
        return Ok(Some(team));
    }
    Err(Error::forbidden("Viewers may not create tasks in their team")
        .detail(t_with("You are one in “{team}”", &[("team", &team.name)])))
}

fn words(calendar: &Calendar, line: &TaskLine, team: Option<ListedTeam>) -> String {
    if line.title.is_empty() {
        return String::new();
    }
    let mut words = format!("“{}”", line.title);
    if let Some(day) = line.due {
        words += &format!(", {}", due_words(calendar, day, TaskStatus::Pending));
    }
    if let Some(team) = team {
        words += &t_with(", in the team {team}", &[("team", &team.name)]);
    }
    words
}

/// The user's team of this name, or the only one whose name begins like that; the case of letters is ignored.
pub async fn find_team(scope: &mut Scope, name: &str) -> Result<ListedTeam> {
    let teams = membership::service::my_teams(scope).await?;
    let wanted = comparable(name);
    let named: Vec<_> = teams.iter().filter(|team| comparable(&team.name) == wanted).collect();
    let beginning: Vec<_> = teams.iter().filter(|team| comparable(&team.name).starts_with(&wanted)).collect();
    let found = if named.is_empty() { beginning } else { named };
    if let [_, _, ..] = found[..] {
        // Anybody can add the user to a team of any name.
        let names: Vec<_> = found.iter().map(|team| format!("@{}", team.name)).collect();
        return Err(Error::new(Code::Conflict, t_with("“{name}” fits more than one team", &[("name", &name)]))
            .detail(t_with("Which one? {teams}", &[("teams", &names.join(", "))])));
    }
    found.first().map(|team| (*team).clone()).ok_or_else(|| {
        let names: Vec<_> = teams.iter().map(|team| format!("@{}", team.name)).collect();
        let known = if names.is_empty() {
            t("You're not in a team").to_owned()
        } else {
            t_with("Yours: {teams}", &[("teams", &names.join(", "))])
        };
        Error::new(Code::NotFound, t_with("Team “{name}” not found", &[("name", &name)])).detail(known)
    })
}

/// When a task is due, in words for the middle of a sentence: `due tomorrow`.
pub fn due_words(calendar: &Calendar, day: NaiveDate, status: TaskStatus) -> String {
    let words = listed_due(calendar, day, status).words;
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
