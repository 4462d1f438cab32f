//! Commands: messages that begin with `/`. This file reads them; `command_answers.rs` does what they say.
//!
//! Pure, and without a database: a table of examples tests it.

use super::task_line::{TaskLine, due_of, unquoted};
use tallyboard_core::tasks::{
    day_words::{DayContext, FoundDay},
    time_words::{DayAndTime, find_time},
};
use tallyboard_model::{
    error::Error,
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
    /// `/due task day [time]`; no day: not due at any time.
    Due {
        /// Words of the task's title.
        task: String,
        /// The day.
        due: Option<DayAndTime>,
    },
    /// `/share task email [view|edit]`
    Share {
        /// Words of the task's title.
        task: String,
        /// With whom.
        email: String,
        /// Their permission.
        permission: Permission,
    },
    /// `/stats`
    Stats,
    /// `/help`
    Help,
}

/// The filters of `/list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The user's own pending tasks.
    Pending,
    /// Tasks due before today.
    Overdue,
    /// Tasks due today.
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
/// The problem, for the user.
pub fn parse(text: &str, context: DayContext) -> Result<Command, String> {
    let text = text.trim().trim_start_matches('/');
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let usage = || {
        let found = COMMANDS.iter().find(|(written, _)| written.split(' ').next() == Some(&format!("/{name}")));
        found.map_or_else(String::new, |(written, _)| t_with("Write `{written}`.", &[("written", &written)]))
    };
    let why = |error: &Error| error.fields.values().next().cloned().unwrap_or_default();
    let needed = |words: String| if words.is_empty() { Err(usage()) } else { Ok(words) };
    match name.to_lowercase().as_str() {
        "add" => {
            let line = TaskLine::read(rest, context).map_err(|error| why(&error))?;
            if line.title.is_empty() { Err(usage()) } else { Ok(Command::Add(line)) }
        }
        "list" => Ok(Command::List(filter(rest))),
        "done" => Ok(Command::Done(needed(unquoted(rest))?)),
        "reopen" => Ok(Command::Reopen(needed(unquoted(rest))?)),
        "due" => {
            let (task, last) = split_last(rest);
            let (task, due) = match find_time(rest, context) {
                _ if last.eq_ignore_ascii_case("none") => (task, None),
                Some((FoundDay { before, words, day }, time)) => {
                    (before, Some(due_of(words, day, time).map_err(|error| why(&error))?))
                }
                None => return Err(format!("{} {}", usage(), t(DAYS))),
            };
            Ok(Command::Due { task: needed(unquoted(task))?, due })
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

/// The forms of a day.
pub const DAYS: &str = text("Use `today`, `tomorrow`, a weekday like `fri`, or a date like `2026-12-24`.");

/// The words before the last, and the last.
fn split_last(text: &str) -> (&str, &str) {
    let (before, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    (before.trim(), last)
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
    use tallyboard_core::tasks::day_words::Slashes;

    use super::*;

    fn read(text: &str) -> Result<Command, String> {
        // A Thursday.
        parse(text, DayContext { today: "2026-11-26".parse().unwrap(), slashes: Slashes::DayFirst })
    }

    fn due(day: &str, time: Option<&str>) -> Option<DayAndTime> {
        Some(DayAndTime { day: day.parse().unwrap(), time: time.map(|time| time.parse().unwrap()) })
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
            ("/add Buy milk", Command::Add(TaskLine { title: "Buy milk".to_owned(), ..TaskLine::default() })),
            ("/due Buy milk tomorrow", Command::Due { task: "Buy milk".to_owned(), due: due("2026-11-27", None) }),
            (
                "/due Buy milk by fri at 18:00",
                Command::Due { task: "Buy milk".to_owned(), due: due("2026-11-27", Some("18:00:00")) },
            ),
            ("/due Buy milk none", Command::Due { task: "Buy milk".to_owned(), due: None }),
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
    fn errors_show_the_right_spelling() {
        for (text, why) in [
            ("/add", "Write `/add "),
            ("/done  ", "Write `/done "),
            ("/due Buy milk", "Use `today`"),
            ("/due Buy milk someday", "Use `today`"),
            ("/due Buy milk 31 feb", "isn't a valid date"),
            ("/add Buy milk 31 feb", "isn't a valid date"),
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
