//! What the page of an import shows.

use leptos::prelude::*;

use super::{
    import::ImportReport,
    table::{Column, DayOrder, NO_COLUMN, TableSample},
};
use crate::{
    error::{Error, Result},
    paths,
    ui::upload::upload_progress,
};

/// How many titles the page lists.
const LISTED: usize = 100;

/// A look at a file.
pub struct Look {
    /// The file in base64, for the next look or the import.
    pub content: Option<String>,
    /// Its name.
    pub name: String,
    /// The beginning of a table.
    pub sample: Option<TableSample>,
    /// What its columns mean, when it was said.
    pub columns: Vec<String>,
    /// How its days are read.
    pub day_order: DayOrder,
    /// What came, what would come, or what is wrong.
    pub outcome: Result<ImportReport>,
}

/// The page.
pub fn import_view(look: &Look) -> impl IntoView + use<> {
    let outcome = match &look.outcome {
        Ok(report) => report_view(report).into_any(),
        Err(error) => error_view(error).into_any(),
    };
    view! {
        <p class="back"><a href=paths::SETTINGS>"Settings"</a></p>
        <h1 tabindex="-1">"Import"</h1>
        <div class="settings">
            <section class="card">{outcome} {next_form(look)} <p><a href=paths::TASKS>"To the tasks"</a></p></section>
        </div>
        {upload_progress()}
    }
}

/// The form that imports what was looked at, or looks at it again; `None` when there is nothing to do.
fn next_form(look: &Look) -> Option<AnyView> {
    let content = look.content.clone()?;
    let has_news = look.outcome.as_ref().is_ok_and(|report| report.has_news());
    let table = look.sample.as_ref().map(|sample| columns_view(look, sample));
    if !has_news && table.is_none() {
        return None;
    }
    let look_again = table.is_some().then(|| {
        view! { <button class="quiet" name="dry_run" value="true">"Show what would come"</button> " " }
    });
    Some(
        view! {
            <form method="post" action=paths::IMPORT enctype="multipart/form-data">
                <input type="hidden" name="content" value=content />
                <input type="hidden" name="name" value=look.name.clone() />
                {table}
                {look_again}
                <button class="button">"Import"</button>
            </form>
        }
        .into_any(),
    )
}

/// What the columns of a table mean, to choose from.
fn columns_view(look: &Look, sample: &TableSample) -> impl IntoView + use<> {
    let row = |(place, heading): (usize, &String)| {
        let guessed = sample.guessed.get(place).copied().flatten();
        let name =
            |column: Column| Column::CHOICES.iter().find(|(known, ..)| *known == column).map(|(_, name, _)| *name);
        let guessed = guessed.and_then(name).unwrap_or(NO_COLUMN);
        let said = look.columns.get(place).map_or(guessed, String::as_str);
        let choices = Column::CHOICES.iter().map(|(_, name, words)| (*name, *words));
        let options = [(NO_COLUMN, "Nothing")].into_iter().chain(choices);
        let options = options.map(|(name, words)| view! { <option value=name selected=name == said>{words}</option> });
        let values = sample.rows.iter().filter_map(|row| row.get(place)).filter(|value| !value.trim().is_empty());
        let examples = values.map(|value| value.chars().take(60).collect()).collect::<Vec<String>>().join(" · ");
        let id = format!("column-{place}");
        view! {
            <tr>
                <th scope="row">
                    <label for=id.clone()>{heading.clone()}</label>
                    <span class="hint">{examples}</span>
                </th>
                <td><select id=id name="columns">{options.collect_view()}</select></td>
            </tr>
        }
    };
    let rows = sample.headings.iter().enumerate().map(row).collect_view();
    let orders = DayOrder::CHOICES.into_iter().map(|(order, name, example)| {
        view! { <option value=name selected=order == look.day_order>{example}</option> }
    });
    view! {
        <h2>"What the columns mean"</h2>
        <table class="column-table">
            <thead class="visually-hidden"><tr><th>"Column"</th><th>"Means"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <div class="field">
            <label for="day_order">"Days are written like"</label>
            <select id="day_order" name="day_order">{orders.collect_view()}</select>
        </div>
    }
}

impl ImportReport {
    fn has_news(&self) -> bool {
        !self.tasks.is_empty() || self.conversations + self.saved_lists + self.notifications > 0 || self.goals
    }
}

/// A number of things, in words.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn report_view(report: &ImportReport) -> impl IntoView + use<> {
    let count = report.tasks.len();
    let tasks = counted(count, "task", "tasks");
    let headline = if report.dry_run { format!("{tasks} would be imported.") } else { format!("{tasks} imported.") };
    let messages = counted(report.messages, "message", "messages");
    let notes = [
        (
            report.conversations,
            format!("{} with {messages}", counted(report.conversations, "conversation", "conversations")),
        ),
        (report.saved_lists, counted(report.saved_lists, "saved list", "saved lists")),
        (report.goals.into(), "Your goals".to_owned()),
        (report.notifications, "What you want to be told".to_owned()),
        (report.already_there, format!("{} are here already and not added again", report.already_there)),
        (
            report.conversations_already_there,
            format!(
                "{} here already and not added again",
                counted(report.conversations_already_there, "conversation is", "conversations are")
            ),
        ),
        (
            report.without_team,
            format!("{} become personal: you may not add tasks to their team, or are not in it", report.without_team),
        ),
    ];
    let notes = notes.into_iter().filter(|(count, _)| *count > 0).map(|(_, note)| note);
    let ignored = (!report.ignored_columns.is_empty())
        .then(|| format!("Columns that mean nothing here: {}", report.ignored_columns.join(", ")));
    let notes = notes.chain(ignored).map(|note| view! { <li>{note}</li> }).collect_view();
    let titles = report.tasks.iter().take(LISTED).map(|task| task.title.clone());
    let more = count.checked_sub(LISTED).filter(|more| *more > 0).map(|more| format!("and {more} more"));
    let titles = titles.chain(more).map(|title| view! { <li>{title}</li> }).collect_view();
    view! {
        <p class="success" role="status">{headline}</p>
        <ul class="hint">{notes}</ul>
        <ul class="imported">{titles}</ul>
    }
}

fn error_view(error: &Error) -> impl IntoView + use<> {
    let problems = error.fields.iter().map(|(place, why)| format!("{place} {why}"));
    let problems = problems.map(|problem| view! { <li>{problem}</li> }).collect_view();
    view! {
        <p class="alert" role="alert">"Nothing was imported: "{error.message.clone()}</p>
        <ul class="imported">{problems}</ul>
        <p class="hint">{error.detail.clone()}</p>
    }
}
