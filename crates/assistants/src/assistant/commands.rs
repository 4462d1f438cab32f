//! Commands: messages that begin with `/`. This file reads them; `command_answers.rs` does what they say.
//!
//! Pure, and without a database: a table of examples tests it.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use tallyboard_model::{
    language::{t, t_with, text},
    permissions::Permission,
};

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `/add title [day] [@team]`
    Add(TaskLine),
    /// `/list […]`
    List(Filter),
    /// `/done task`
    Done(String),
    /// `/reopen task`
    Reopen(String),
    /// `/due task day`; no day: not due at any time.
    Due {
        /// Words of the task's title.
        task: String,
        /// The day.
        day: Option<NaiveDate>,
    },
    /// `/share task email [view|edit]`
    Share {
        /// Words of the task's title.
        task: String,
        /// With whom.
        email: String,
        /// What they may do.
        permission: Permission,
    },
    /// `/stats`
    Stats,
    /// `/help`
    Help,
}

/// A new task in one line: a title, and behind it a day and a team in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskLine {
    /// The title.
    pub title: String,
    /// The day on which it is due.
    pub due: Option<NaiveDate>,
    /// The name of a team, or its beginning.
    pub team: Option<String>,
}

impl TaskLine {
    /// Reads a line.
    pub fn read(text: &str, today: NaiveDate) -> Self {
        let (title, due, team) = title_day_team(text.trim(), today);
        Self { title, due, team }
    }
}

/// What `/list` lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The user's own pending tasks.
    Pending,
    /// What should have been done before today.
    Overdue,
    /// What is due today.
    Today,
    /// The pending tasks of a team.
    Team(String),
    /// Tasks with these words.
    Words(String),
}

/// Every command: how it is written, and what it does. The page completes from the same list.
pub use tallyboard_model::assistant::COMMANDS;

/// Reads a message that begins with `/`.
///
/// # Errors
/// What is wrong, for the user.
pub fn parse(text: &str, today: NaiveDate) -> Result<Command, String> {
    let text = text.trim().trim_start_matches('/');
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let usage = || {
        let found = COMMANDS.iter().find(|(written, _)| written.split(' ').next() == Some(&format!("/{name}")));
        found.map_or_else(String::new, |(written, _)| t_with("Write `{written}`.", &[("written", &written)]))
    };
    let needed = |words: String| if words.is_empty() { Err(usage()) } else { Ok(words) };
    match name.to_lowercase().as_str() {
        "add" => {
            let line = TaskLine::read(rest, today);
            if line.title.is_empty() { Err(usage()) } else { Ok(Command::Add(line)) }
        }
        "list" => Ok(Command::List(filter(rest))),
        "done" => Ok(Command::Done(needed(unquoted(rest))?)),
        "reopen" => Ok(Command::Reopen(needed(unquoted(rest))?)),
        "due" => {
            let (task, last) = split_last(rest);
            let day = if last.eq_ignore_ascii_case("none") { Some(None) } else { parse_day(last, today).map(Some) };
            let day = day.ok_or_else(|| format!("{} {}", usage(), t(DAYS)))?;
            Ok(Command::Due { task: needed(unquoted(task))?, day })
        }
        "share" => {
            let (before, last) = split_last(rest);
            let (words, permission) = match last.to_lowercase().as_str() {
                "edit" => (before, Permission::Edit),
                "view" => (before, Permission::View),
                _ => (rest, Permission::View),
            };
            let (task, email) = split_last(words);
            if !email.contains('@') {
                return Err(usage());
            }
            Ok(Command::Share { task: needed(unquoted(task))?, email: email.to_owned(), permission })
        }
        "stats" if rest.is_empty() => Ok(Command::Stats),
        "help" | "" => Ok(Command::Help),
        "stats" => Err(usage()),
        _ => Err(t_with("There is no command `/{name}`. `/help` lists them.", &[("name", &name.replace('`', "'"))])),
    }
}

/// What a day can be.
pub const DAYS: &str = text("A day is `today`, `tomorrow`, a weekday like `fri`, or a date like `2026-12-24`.");

/// A day as people write it. A weekday is the next one after today.
pub fn parse_day(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    match word.to_lowercase().as_str() {
        "today" => Some(today),
        "tomorrow" => today.checked_add_days(Days::new(1)),
        // Numbers are no weekdays, whatever they begin with.
        word if word.len() >= 3 && word.chars().all(char::is_alphabetic) => {
            let weekday: Weekday = word.parse().ok()?;
            let ahead = (7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
            today.checked_add_days(Days::new(if ahead == 0 { 7 } else { ahead.into() }))
        }
        word => word.parse().ok().filter(|day: &NaiveDate| (1..=9999).contains(&day.year())),
    }
}

/// The words before the last, and the last.
fn split_last(text: &str) -> (&str, &str) {
    let (before, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    (before.trim(), last)
}

/// In quotes, words are a title and nothing else.
fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(text).trim().to_owned()
}

/// A title, and behind it a day and a team in any order. A team's name may have spaces.
fn title_day_team(text: &str, today: NaiveDate) -> (String, Option<NaiveDate>, Option<String>) {
    let (mut title, mut team) =
        match text.rfind('@').filter(|at| *at == 0 || text[..*at].ends_with(char::is_whitespace)) {
            // In quotes it belongs to the title.
            Some(at) if text[at..].contains('"') => (text, None),
            Some(at) => (text[..at].trim(), Some(text[at + 1..].trim())),
            None => (text, None),
        };
    let mut due = None;
    for part in [team.as_mut(), Some(&mut title)].into_iter().flatten() {
        let (before, last) = split_last(part);
        if let (None, Some(day)) = (due, parse_day(last, today))
            && !before.is_empty()
        {
            due = Some(day);
            *part = before;
        }
    }
    (unquoted(title), due, team.filter(|name| !name.is_empty()).map(str::to_owned))
}

fn filter(text: &str) -> Filter {
    match text.to_lowercase().as_str() {
        "" | "pending" => Filter::Pending,
        "overdue" => Filter::Overdue,
        "today" => Filter::Today,
        _ => match text.strip_prefix('@').map(str::trim).filter(|name| !name.is_empty()) {
            Some(team) => Filter::Team(team.to_owned()),
            None => Filter::Words(unquoted(text)),
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    /// A Thursday.
    const TODAY: &str = "2026-11-26";

    fn read(text: &str) -> Result<Command, String> {
        parse(text, TODAY.parse().unwrap())
    }

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_task_is_added_with_a_day_and_a_team_in_any_order() {
        for (text, title, due, team) in [
            ("/add Buy milk", "Buy milk", None, None),
            ("/ADD  Buy   milk ", "Buy   milk", None, None),
            ("/add Buy milk tomorrow", "Buy milk", day("2026-11-27"), None),
            ("/add Buy milk Fri", "Buy milk", day("2026-11-27"), None),
            ("/add Buy milk thu", "Buy milk", day("2026-12-03"), None),
            ("/add Buy milk monday", "Buy milk", day("2026-11-30"), None),
            ("/add Buy milk 2026-12-24", "Buy milk", day("2026-12-24"), None),
            ("/add Buy milk @Household", "Buy milk", None, Some("Household")),
            ("/add Buy milk @Our Household", "Buy milk", None, Some("Our Household")),
            ("/add Buy milk tomorrow @Our Household", "Buy milk", day("2026-11-27"), Some("Our Household")),
            ("/add Buy milk @Our Household tomorrow", "Buy milk", day("2026-11-27"), Some("Our Household")),
            ("/add \"Call Fri\"", "Call Fri", None, None),
            ("/add \"Call Fri\" tomorrow", "Call Fri", day("2026-11-27"), None),
            ("/add \"Ask @home\"", "Ask @home", None, None),
            ("/add Write to ada@example.org", "Write to ada@example.org", None, None),
            // A day alone is a title: there is nothing else that it could be.
            ("/add tomorrow", "tomorrow", None, None),
            ("/add Pay 2026", "Pay 2026", None, None),
            ("/add Feed the cat sun", "Feed the cat", day("2026-11-29"), None),
            ("/add Würstchen für später", "Würstchen für später", None, None),
        ] {
            let expected = Command::Add(TaskLine { title: title.to_owned(), due, team: team.map(str::to_owned) });
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_commands_are_read() {
        let share =
            |task: &str, permission| Command::Share { task: task.to_owned(), email: "g@x.org".to_owned(), permission };
        for (text, expected) in [
            ("/list", Command::List(Filter::Pending)),
            ("/list pending", Command::List(Filter::Pending)),
            ("/list Overdue", Command::List(Filter::Overdue)),
            ("/list today", Command::List(Filter::Today)),
            ("/list @Our Household", Command::List(Filter::Team("Our Household".to_owned()))),
            ("/list milk and honey", Command::List(Filter::Words("milk and honey".to_owned()))),
            ("/list \"today\"", Command::List(Filter::Words("today".to_owned()))),
            ("/done Buy milk", Command::Done("Buy milk".to_owned())),
            ("/reopen \"Buy milk\"", Command::Reopen("Buy milk".to_owned())),
            ("/due Buy milk tomorrow", Command::Due { task: "Buy milk".to_owned(), day: day("2026-11-27") }),
            ("/due Buy milk none", Command::Due { task: "Buy milk".to_owned(), day: None }),
            ("/share Buy milk g@x.org", share("Buy milk", Permission::View)),
            ("/share Buy milk g@x.org edit", share("Buy milk", Permission::Edit)),
            ("/share \"Buy milk\" g@x.org VIEW", share("Buy milk", Permission::View)),
            ("/stats", Command::Stats),
            ("/help", Command::Help),
            ("/", Command::Help),
            ("/help me", Command::Help),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_how_it_is_written() {
        for (text, why) in [
            ("/add", "Write `/add "),
            ("/done  ", "Write `/done "),
            ("/due Buy milk", "A day is `today`"),
            ("/due Buy milk someday", "A day is `today`"),
            ("/due tomorrow", "Write `/due "),
            ("/share Buy milk", "Write `/share "),
            ("/share g@x.org", "Write `/share "),
            ("/stats all", "Write `/stats`"),
            ("/dance", "There is no command `/dance`"),
            ("/etc/passwd", "There is no command"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
