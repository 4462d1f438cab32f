//! Runs the commands and answers them in the transaction that stores the question, so that a command and its
//! answer are one.

use chrono_tz::Tz;
use serde_json::json;

use super::{
    commands::{Command, DAYS, Filter},
    markdown::{escape, task_link},
    quick_add::{self, Place, due_words, find_team},
};
use crate::mcp::{tool::Tool, tools::ShareTask};
use tallyboard_core::{chat::answers::PendingCall, tasks::service};
use tallyboard_db::{Scope, now};
use tallyboard_model::{
    assistant::COMMANDS,
    calendar::Calendar,
    error::{Error, Result},
    input::comparable,
    language::{decimal, t, t_with, text},
    list::List,
    membership::ListedTeam,
    permissions::Permission,
    statistics::{Activity, Statistics},
    tasks::{Due, Sort, Task, TaskFilter, TaskPatch, TaskStatus},
};

/// How many tasks a command lists.
const MAX_LISTED: u32 = 20;

/// The answer to a command.
#[derive(Clone, Debug, Default)]
pub struct CommandAnswer {
    /// Markdown.
    pub content: String,
    /// The call that waits for a yes.
    pub pending: Option<PendingCall>,
}

impl CommandAnswer {
    /// An answer that did nothing.
    pub fn text(content: impl Into<String>) -> Self {
        Self { content: content.into(), ..Self::default() }
    }

    fn done(words: &'static str, task: &Task) -> Self {
        Self::text(t_with(words, &[("task", &task_link(task))]))
    }
}

/// Does what a command says.
///
/// # Errors
/// The services' errors; the transaction must then be rolled back.
pub async fn run(scope: &mut Scope, zone: Tz, command: Command) -> Result<CommandAnswer> {
    let calendar = Calendar::at(now(), zone);
    match command {
        Command::Add(line) => {
            let (task, team) = quick_add::create(scope, &calendar, line, Place::default()).await?;
            let when = due_note(&calendar, &task);
            let place = team.map(|team| t_with(" in the team {team}", &[("team", &escape(&team.name))]));
            let place = place.unwrap_or_default();
            let what = format!("{}{place}{when}", task_link(&task));
            Ok(CommandAnswer::text(t_with("Added {what}.", &[("what", &what)])))
        }
        Command::List(filter) => list(scope, &calendar, filter).await.map(CommandAnswer::text),
        Command::Done(words) => set_status(scope, &words, TaskStatus::Completed).await,
        Command::Reopen(words) => set_status(scope, &words, TaskStatus::Pending).await,
        Command::Due { task, due } => {
            let found = match find_task(scope, &task, None).await? {
                Ok(found) => found,
                Err(why) => return Ok(CommandAnswer::text(why)),
            };
            let due_at = due.map(|due| due.in_calendar(&calendar));
            let patch = TaskPatch { due_at: Some(due_at), ..TaskPatch::default() };
            let task = service::update(scope, found.id, patch, None).await?;
            let when = if due.is_some() { due_note(&calendar, &task) } else { t(": no due date").to_owned() };
            let what = format!("{}{when}", task_link(&task));
            Ok(CommandAnswer::text(t_with("Changed {what}.", &[("what", &what)])))
        }
        Command::Share { task, email, permission } => {
            let task = match find_task(scope, &task, None).await? {
                Ok(found) => found,
                Err(why) => return Ok(CommandAnswer::text(why)),
            };
            let question = match permission {
                Permission::Edit => text("Share “{title}” with {email}, who may then change it"),
                Permission::View => text("Share “{title}” with {email}, who may then read it"),
            };
            let words = t_with(question, &[("title", &task.title), ("email", &email)]);
            let arguments = json!({ "task_id": task.id, "email": email, "permission": permission });
            let arguments = arguments.as_object().cloned().unwrap_or_default();
            Ok(CommandAnswer {
                content: format!("{}?", escape(&words)),
                pending: Some(PendingCall {
                    tool: ShareTask::NAME.to_owned(),
                    arguments,
                    words,
                    facts: Vec::new(),
                    call_id: None,
                }),
            })
        }
        Command::Help => Ok(CommandAnswer::text(help())),
        // The numbers of `/stats` come from outside of the transaction: `statistics` below.
        Command::Stats => Err(Error::internal("the numbers are not read in a transaction")),
    }
}

/// The answer to `/help`.
pub fn help() -> String {
    let lines = COMMANDS.iter().map(|(written, what)| format!("- `{written}` {}", t(what)));
    let lines: Vec<_> = lines.collect();
    let names = t("Name a task by words from its title. Put them in quotes to match a title literally.");
    format!("{}\n\n{} {names}", lines.join("\n"), t(DAYS))
}

/// The answer to `/stats`.
pub fn statistics(numbers: &Statistics, activity: &Activity) -> CommandAnswer {
    let all = t_with(
        "**{total}** tasks: **{pending}** pending, **{completed}** completed ({rate} %), and **{shared}** shared with you.",
        &[
            ("total", &numbers.total_tasks),
            ("pending", &numbers.pending_tasks),
            ("completed", &numbers.completed_tasks),
            ("rate", &decimal(&activity.completion_rate.to_string())),
            ("shared", &numbers.shared_tasks),
        ],
    );
    let activity = t_with(
        "Today {created} created and {completed} completed, this week {created_this_week} and {completed_this_week}.",
        &[
            ("created", &activity.tasks_created_today),
            ("completed", &activity.tasks_completed_today),
            ("created_this_week", &activity.tasks_created_this_week),
            ("completed_this_week", &activity.tasks_completed_this_week),
        ],
    );
    CommandAnswer::text(format!("{all}\n\n{activity}"))
}

/// The answer to plain words when no model is set up.
pub fn without_a_model() -> CommandAnswer {
    let why = t("This server has no AI model yet, so I only understand commands:");
    let advice = t("An administrator can set up a model: `[assistant]` in Leptos.toml, with `base_url` and `model`.");
    CommandAnswer::text(format!("{why}\n\n{}\n\n{advice}", help()))
}

fn due_note(calendar: &Calendar, task: &Task) -> String {
    let due = task.due_at.map(|due| due_words(calendar, due, task.status));
    due.map(|words| format!(", {words}")).unwrap_or_default()
}

async fn set_status(scope: &mut Scope, words: &str, status: TaskStatus) -> Result<CommandAnswer> {
    let before = if status == TaskStatus::Completed { TaskStatus::Pending } else { TaskStatus::Completed };
    let task = match find_task(scope, words, Some(before)).await? {
        Ok(found) => service::set_status(scope, found.id, status).await?,
        Err(why) => return Ok(CommandAnswer::text(why)),
    };
    Ok(match status {
        TaskStatus::Completed => CommandAnswer::done(text("Completed {task}."), &task),
        TaskStatus::Pending => CommandAnswer::done(text("Reopened {task}."), &task),
    })
}

/// The task the user means, or an explanation for them. An exact title wins over titles that contain the words, and a
/// task in `status` over the others.
async fn find_task(scope: &mut Scope, words: &str, status: Option<TaskStatus>) -> Result<Result<Task, String>> {
    if let Ok(id) = words.parse() {
        return service::get(scope, id).await.map(Ok);
    }
    let (found, has_more) = service::search_everywhere(scope, words, MAX_LISTED).await?;
    let wanted = comparable(words);
    let has_words = |task: &Task| comparable(&task.title).contains(&wanted);
    let is_named = |task: &Task| comparable(&task.title) == wanted;
    let in_status = |task: &Task| status.is_none_or(|status| task.status == status);
    let mut candidates: Vec<_> = found.into_iter().filter(has_words).collect();
    for is_better in [&in_status as &dyn Fn(&Task) -> bool, &is_named] {
        if candidates.iter().any(is_better) {
            candidates.retain(is_better);
        }
    }
    Ok(match candidates.as_slice() {
        [task] => Ok(task.clone()),
        [] => Err(t_with("I found no task with “{words}”. `/list` shows what there is.", &[("words", &escape(words))])),
        several => {
            let lines: Vec<_> = several.iter().map(|task| format!("- {}", task_link(task))).collect();
            let more = if has_more { format!("\n\n{}", t("There are more.")) } else { String::new() };
            let question = t("Which one do you mean? Add more of its title.");
            Err(format!("{question}\n\n{}{more}", lines.join("\n")))
        }
    })
}

async fn list(scope: &mut Scope, calendar: &Calendar, filter: Filter) -> Result<String> {
    let pending = TaskFilter { status: Some(TaskStatus::Pending), limit: Some(MAX_LISTED), ..TaskFilter::default() };
    let page = |found: List<Task>| (found.items, found.next_cursor.is_some());
    let zone = calendar.zone();
    let due = |due| TaskFilter { due: Some(due), sort: Some(Sort::Due), ..pending.clone() };
    let ((tasks, has_more), what) = match filter {
        Filter::Pending => (page(service::list(scope, zone, pending).await?), t("pending").to_owned()),
        Filter::Overdue => (page(service::list(scope, zone, due(Due::Overdue)).await?), t("overdue").to_owned()),
        Filter::Today => (page(service::list(scope, zone, due(Due::Today)).await?), t("due today").to_owned()),
        Filter::Team(name) => {
            let ListedTeam { id, name, .. } = find_team(scope, &name).await?;
            let in_team = TaskFilter { team_id: Some(id), ..pending };
            (page(service::list(scope, zone, in_team).await?), t_with("pending in {team}", &[("team", &escape(&name))]))
        }
        Filter::Words(words) => {
            let found = service::search_everywhere(scope, &words, MAX_LISTED).await?;
            (found, t_with("with “{words}”", &[("words", &escape(&words))]))
        }
    };
    if tasks.is_empty() {
        return Ok(t_with("No tasks are {what}.", &[("what", &what)]));
    }
    let line = |task: &Task| {
        let done = if task.status == TaskStatus::Completed { t(" (completed)") } else { "" };
        format!("- {}{done}{}", task_link(task), due_note(calendar, task))
    };
    let lines: Vec<_> = tasks.iter().map(line).collect();
    let count = if has_more {
        t_with("The first {n} tasks that are {what}", &[("n", &lines.len()), ("what", &what)])
    } else {
        t_with("Tasks {what}", &[("what", &what)])
    };
    Ok(format!("{count}:\n\n{}", lines.join("\n")))
}
