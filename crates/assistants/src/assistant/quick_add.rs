//! A new task in one line, `Buy milk tomorrow @Household`: for the command `/add` and the boxes that add a task.

use std::ops::Range;

use axum::http::HeaderMap;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::task_line::TaskLine;
use tallyboard_base::http::header_text;
use tallyboard_core::{
    membership,
    tasks::{day_words::DayContext, due_words::time_of, listed_due, service, time_words::DayAndTime},
};
use tallyboard_db::{Scope, now};
use tallyboard_model::{
    calendar::Calendar,
    error::{Code, Error, Result},
    id::TeamId,
    input::comparable,
    language::{t, t_with, weekday_and_day},
    membership::ListedTeam,
    paths,
    permissions::{TeamAction, role_allows},
    quick_add::{AddedTask, LinePreview},
    tasks::{NewTask, Task, TaskStatus},
};

/// The form's other fields: a picked day wins over the words, and the defaults fill in what the words don't say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// The day that was picked.
    pub picked: Option<NaiveDate>,
    /// The day of the page.
    pub day: Option<NaiveDate>,
    /// The team of the page.
    pub team: Option<TeamId>,
}

impl Place {
    /// Reads the form's fields; days are dates, or `today`.
    ///
    /// # Errors
    /// 422 when a field is neither empty nor valid.
    pub fn read(
        calendar: &Calendar,
        picked: Option<String>,
        day: Option<String>,
        team: Option<String>,
    ) -> Result<Self> {
        let day_of = |field: &str, text: Option<String>| match text.as_deref().map(str::trim).unwrap_or_default() {
            "" => Ok(None),
            "today" => Ok(Some(calendar.today_date())),
            date => date
                .parse()
                .map(Some)
                .map_err(|_| Error::invalid(field, "has to be a date like 2026-12-31, today or tomorrow")),
        };
        let team = team.filter(|team| !team.is_empty());
        let team = team.map(|team| team.parse().map_err(|_| Error::invalid("team_id", "is not an id"))).transpose()?;
        Ok(Self { picked: day_of("due_on", picked)?, day: day_of("default_due_on", day)?, team })
    }

    /// When the line's task is due.
    fn due(&self, line: &TaskLine) -> Option<DayAndTime> {
        let time = line.due.and_then(|due| due.time);
        match self.picked {
            Some(day) => Some(DayAndTime { day, time }),
            None => line.due.or(self.day.map(|day| DayAndTime { day, time: None })),
        }
    }
}

/// How many seconds a line has waited for a connection.
const WAITED: &str = "x-waited-seconds";
/// The longest wait that counts; a longer one is cut to it.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(90);

/// How a line is understood, or why its task can't be added.
pub async fn preview(scope: &mut Scope, calendar: &Calendar, text: &str, place: Place) -> Result<LinePreview> {
    let line = match TaskLine::read(text, DayContext::of(calendar)) {
        Ok(line) => line,
        Err(error) => {
            let words = error.fields.into_values().next().unwrap_or(error.message);
            return Ok(LinePreview { words, ..LinePreview::default() });
        }
    };
    let in_utf16 = |bytes: usize| text[..bytes].encode_utf16().count();
    let mark = |at: Option<&Range<usize>>| at.map(|at| (in_utf16(at.start), in_utf16(at.end)));
    let mut marks: Vec<_> = mark(line.day_at.as_ref()).into_iter().collect();
    let team = match team_of(scope, &line, place.team).await {
        Ok(team) => team,
        // Somebody who is still typing the name of a team has made no mistake.
        Err(error) if [Code::NotFound, Code::Forbidden, Code::Conflict].contains(&error.code) => {
            let words = [Some(error.message), error.detail].into_iter().flatten().collect::<Vec<_>>().join(". ");
            return Ok(LinePreview { words, title: String::new(), marks });
        }
        Err(error) => return Err(error),
    };
    marks.extend(mark(line.team_at.as_ref()));
    marks.sort_unstable();
    if line.title.is_empty() && place.picked.is_none() {
        return Ok(LinePreview::default());
    }
    let due = place.due(&line).map(|due| {
        let day = weekday_and_day(due.day, calendar.today_date());
        let time = time_of(calendar, due.in_calendar(calendar));
        [Some(day), time].into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    let title = Some(line.title.clone()).filter(|title| !title.is_empty());
    let parts = [title, due, team.map(|team| team.name)];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    Ok(LinePreview { words, title: line.title, marks })
}

/// When a line was written: a device that had no connection has kept it, and says for how long. That does not depend on the
/// clock of the device.
pub fn written_at(headers: &HeaderMap) -> DateTime<Utc> {
    let seconds: u32 = header_text(headers, WAITED).and_then(|seconds| seconds.parse().ok()).unwrap_or_default();
    now() - TimeDelta::seconds(seconds.into()).min(LONGEST_WAIT)
}

/// Creates the task of a line written at the calendar's moment.
pub async fn add(scope: &mut Scope, calendar: &Calendar, text: &str, place: Place) -> Result<AddedTask> {
    let line = TaskLine::read(text, DayContext::of(calendar))?;
    let (task, team) = create(scope, calendar, line, place).await?;
    let mut what = format!("“{}”", task.title);
    if let Some(due) = task.due_at {
        what += &format!(", {}", due_words(calendar, due, TaskStatus::Pending));
    }
    if let Some(team) = &team {
        what += &t_with(", in the team {team}", &[("team", &team.name)]);
    }
    let list = team.map_or_else(|| paths::TASKS.to_owned(), |team| paths::team_tasks(team.id));
    Ok(AddedTask {
        id: task.id,
        title: task.title,
        said: t_with("Added {what}", &[("what", &what)]),
        path: format!("{list}#task-{}", task.id),
    })
}

/// Creates the task of a line; answers the task and its team.
pub async fn create(
    scope: &mut Scope,
    calendar: &Calendar,
    line: TaskLine,
    place: Place,
) -> Result<(Task, Option<ListedTeam>)> {
    let team = team_of(scope, &line, place.team).await?;
    let due_at = place.due(&line).map(|due| due.in_calendar(calendar));
    let team_id = team.as_ref().map(|team| team.id);
    let new = NewTask { title: line.title, team_id, due_at, ..NewTask::default() };
    Ok((service::create(scope, new).await?, team))
}

/// The team that a line names, or else the page's.
async fn team_of(scope: &mut Scope, line: &TaskLine, of_page: Option<TeamId>) -> Result<Option<ListedTeam>> {
    let team = match (&line.team, of_page) {
        (Some(name), _) => find_team(scope, name).await?,
        (None, Some(id)) => {
            let teams = membership::service::my_teams(scope).await?;
            match teams.into_iter().find(|team| team.id == id) {
                Some(team) => team,
                None => return Err(membership::service::not_a_member(scope, id).await?),
            }
        }
        (None, None) => return Ok(None),
    };
    if role_allows(Some(team.role), TeamAction::CreateTask) {
        return Ok(Some(team));
    }
    Err(Error::forbidden("Viewers may not create tasks in their team")
        .detail(t_with("You are one in “{team}”", &[("team", &team.name)])))
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
pub fn due_words(calendar: &Calendar, at: DateTime<Utc>, status: TaskStatus) -> String {
    let words = listed_due(calendar, at, status).words;
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
