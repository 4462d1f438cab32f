//! Commands: messages that begin with `/`. This file reads them; `command_answers.rs` does what they say.
//!
//! Pure, and without a database: a table of examples tests it.

use chrono::NaiveDate;

use tallyboard_core::tasks::day_words::{FoundDay, find_day};
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
        /// Their permission.
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
    ///
    /// # Errors
    /// 422 when it names a day that doesn't exist.
    pub fn read(text: &str, today: NaiveDate) -> Result<Self, Error> {
        let (mut title, mut team) = split_team(text.trim());
        let mut due = None;
        for part in [team.as_mut(), Some(&mut title)].into_iter().flatten() {
            // A day alone is a title: there's nothing else that it could be.
            let found = find_day(part, today).filter(|found| due.is_none() && !found.before.is_empty());
            if let Some(FoundDay { before, words, day }) = found {
                due = Some(day.ok_or_else(|| no_such_day(words))?);
                *part = before;
            }
        }
        Ok(Self { title: unquoted(title), due, team: team.map(str::to_owned) })
    }
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

const QUOTES: &str = "\"“”„«»";

fn no_such_day(words: &str) -> Error {
    Error::invalid("text", t_with("“{day}” isn't a valid date", &[("day", &words)]))
}

/// Reads a message that begins with `/`.
///
/// # Errors
/// The problem, for the user.
pub fn parse(text: &str, today: NaiveDate) -> Result<Command, String> {
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
            let line = TaskLine::read(rest, today).map_err(|error| why(&error))?;
            if line.title.is_empty() { Err(usage()) } else { Ok(Command::Add(line)) }
        }
        "list" => Ok(Command::List(filter(rest))),
        "done" => Ok(Command::Done(needed(unquoted(rest))?)),
        "reopen" => Ok(Command::Reopen(needed(unquoted(rest))?)),
        "due" => {
            let (task, last) = split_last(rest);
            let (task, day) = match find_day(rest, today) {
                _ if last.eq_ignore_ascii_case("none") => (task, None),
                Some(FoundDay { before, words, day }) => (before, Some(day.ok_or_else(|| why(&no_such_day(words)))?)),
                None => return Err(format!("{} {}", usage(), t(DAYS))),
            };
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

/// The forms of a day.
pub const DAYS: &str = text("Use `today`, `tomorrow`, a weekday like `fri`, or a date like `2026-12-24`.");

/// The words before the last, and the last.
fn split_last(text: &str) -> (&str, &str) {
    let (before, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    (before.trim(), last)
}

/// In quotes, words are a title and nothing else.
fn unquoted(text: &str) -> String {
    let is_quote = |character: char| QUOTES.contains(character);
    let inner = text.strip_prefix(is_quote).and_then(|text| text.strip_suffix(is_quote));
    inner.filter(|inner| !inner.contains(is_quote)).unwrap_or(text).trim().to_owned()
}

/// The team of a line: `@` at the beginning of a word, and right behind it a name, which may have spaces.
fn split_team(text: &str) -> (&str, Option<&str>) {
    let Some(at) = text.rfind('@').filter(|at| *at == 0 || text[..*at].ends_with(char::is_whitespace)) else {
        return (text, None);
    };
    let name = &text[at + 1..];
    // In quotes it belongs to the title; `@ 12:30` and `@12:30` are times.
    let is_time = name.split_once(':').is_some_and(|(hour, _)| hour.bytes().all(|byte| byte.is_ascii_digit()));
    if name.contains(|character: char| QUOTES.contains(character)) || name.starts_with(char::is_whitespace) || is_time {
        return (text, None);
    }
    (text[..at].trim(), Some(name.trim()).filter(|name| !name.is_empty()))
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
            ("/add Sit in the sun", "Sit in the sun", None, None),
            ("/add Feed the cat on sun", "Feed the cat", day("2026-11-29"), None),
            ("/add “Call Fri” tomorrow", "Call Fri", day("2026-11-27"), None),
            ("/add „Call Fri“", "Call Fri", None, None),
            ("/add Lunch @ 12:30", "Lunch @ 12:30", None, None),
            ("/add Lunch @12:30", "Lunch @12:30", None, None),
            ("/add Lunch @Team Monday", "Lunch", day("2026-11-30"), Some("Team")),
            ("/add Würstchen für später", "Würstchen für später", None, None),
            ("/add Buy milk in 3 days", "Buy milk", day("2026-11-29"), None),
            ("/add Milch kaufen nächste Woche @Wir", "Milch kaufen", day("2026-11-30"), Some("Wir")),
            ("/add Buy milk tonight", "Buy milk", day("2026-11-26"), None),
            ("/add Buy milk 24/12/2026", "Buy milk", day("2026-12-24"), None),
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
