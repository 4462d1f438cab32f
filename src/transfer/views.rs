//! The import page.

use leptos::prelude::*;

use crate::ui::upload::upload_progress;
use tallyboard_core::transfer::{
    import::ImportReport,
    table::{Column, DayOrder, NO_COLUMN, TableSample},
};
use tallyboard_model::{
    error::{Error, Result},
    language::{t, t_count, t_with, text, translated},
    paths,
};

/// How many titles the page lists.
const LISTED: usize = 100;

/// A preview at a file.
pub struct ImportPreview {
    /// The file in base64, for the next preview or the import.
    pub content: Option<String>,
    /// Its name.
    pub name: String,
    /// The beginning of a table.
    pub sample: Option<TableSample>,
    /// What its columns contain, if chosen.
    pub columns: Vec<String>,
    /// The order of day and month.
    pub day_order: DayOrder,
    /// The result, the preview, or the error.
    pub outcome: Result<ImportReport>,
}

/// The page.
pub fn import_view(preview: &ImportPreview) -> impl IntoView + use<> {
    let outcome = match &preview.outcome {
        Ok(report) => report_view(report).into_any(),
        Err(error) => error_view(error).into_any(),
    };
    view! {
        <p class="back"><a href=paths::SETTINGS>{t("Settings")}</a></p>
        <h1 tabindex="-1">{t("Import")}</h1>
        <div class="settings">
            <section class="card">{outcome} {next_form(preview)} <p><a href=paths::TASKS>{t("Go to tasks")}</a></p></section>
        </div>
        {upload_progress()}
    }
}

/// The form that imports what was looked at, or looks at it again; `None` when there is nothing to do.
fn next_form(preview: &ImportPreview) -> Option<AnyView> {
    let content = preview.content.clone()?;
    let has_news = preview.outcome.as_ref().is_ok_and(|report| report.has_news());
    let table = preview.sample.as_ref().map(|sample| columns_view(preview, sample));
    if !has_news && table.is_none() {
        return None;
    }
    let look_again = table.is_some().then(|| {
        view! { <button class="quiet" name="dry_run" value="true">{t("Preview")}</button> " " }
    });
    Some(
        view! {
            <form method="post" action=paths::IMPORT enctype="multipart/form-data">
                <input type="hidden" name="content" value=content />
                <input type="hidden" name="name" value=preview.name.clone() />
                {table}
                {look_again}
                <button class="button">{t("Import")}</button>
            </form>
        }
        .into_any(),
    )
}

/// What the columns of a table mean, to choose from.
fn columns_view(preview: &ImportPreview, sample: &TableSample) -> impl IntoView + use<> {
    let row = |(place, heading): (usize, &String)| {
        let guessed = sample.guessed.get(place).copied().flatten();
        let name =
            |column: Column| Column::CHOICES.iter().find(|(known, ..)| *known == column).map(|(_, name, _)| *name);
        let guessed = guessed.and_then(name).unwrap_or(NO_COLUMN);
        let said = preview.columns.get(place).map_or(guessed, String::as_str);
        let choices = Column::CHOICES.iter().map(|(_, name, words)| (*name, *words));
        let options = [(NO_COLUMN, text("Nothing"))].into_iter().chain(choices);
        let options =
            options.map(|(name, words)| view! { <option value=name selected=name == said>{t(words)}</option> });
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
        view! { <option value=name selected=order == preview.day_order>{example}</option> }
    });
    view! {
        <h2>{t("What the columns contain")}</h2>
        <table class="column-table">
            <thead class="visually-hidden"><tr><th>{t("Column")}</th><th>{t("Contains")}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <div class="field">
            <label for="day_order">{t("Date format")}</label>
            <select id="day_order" name="day_order">{orders.collect_view()}</select>
        </div>
    }
}

/// How many tasks are known, and their titles.
fn already_there(report: &ImportReport) -> String {
    let words = t_with("{n} already here, skipped", &[("n", &report.already_there)]);
    let titles = &report.already_there_titles;
    let more = report.already_there.checked_sub(titles.len()).filter(|more| *more > 0);
    let more = more.map(|more| t_with("and {more} more", &[("more", &more)]));
    let titles: Vec<_> = titles.iter().map(|title| format!("“{title}”")).chain(more).collect();
    if titles.is_empty() { words } else { format!("{words}: {}", titles.join(", ")) }
}

fn report_view(report: &ImportReport) -> impl IntoView + use<> {
    let count = report.tasks.len();
    let tasks = t_count(count as u64, "{n} task", "{n} tasks");
    let headline = if report.dry_run {
        t_with("{tasks} would be imported.", &[("tasks", &tasks)])
    } else {
        t_with("{tasks} imported.", &[("tasks", &tasks)])
    };
    let messages = t_count(report.messages as u64, "{n} message", "{n} messages");
    let notes = [
        (
            report.conversations,
            t_with(
                "{conversations} with {messages}",
                &[
                    ("conversations", &t_count(report.conversations as u64, "{n} conversation", "{n} conversations")),
                    ("messages", &messages),
                ],
            ),
        ),
        (report.saved_lists, t_count(report.saved_lists as u64, "{n} saved list", "{n} saved lists")),
        (report.goals.into(), t("Your goals").to_owned()),
        (report.notifications, t("Notification settings").to_owned()),
        (report.already_there, already_there(report)),
        (
            report.deleted,
            t_count(report.deleted as u64, "{n} deleted task is left out", "{n} deleted tasks are left out"),
        ),
        (
            report.conversations_already_there,
            t_count(
                report.conversations_already_there as u64,
                "{n} conversation already here, skipped",
                "{n} conversations already here, skipped",
            ),
        ),
        (
            report.without_team,
            t_with("{n} will be personal: you can't add tasks to their team", &[("n", &report.without_team)]),
        ),
    ];
    let words = t_count(
        report.kept_as_words as u64,
        "{n} recurring date is kept as text in its task",
        "{n} recurring dates are kept as text in their tasks",
    );
    let notes =
        notes.into_iter().chain([(report.kept_as_words, words)]).filter(|(count, _)| *count > 0).map(|(_, note)| note);
    let ignored = (!report.ignored_columns.is_empty())
        .then(|| t_with("Ignored columns: {columns}", &[("columns", &report.ignored_columns.join(", "))]));
    let notes = notes.chain(ignored).map(|note| view! { <li>{note}</li> }).collect_view();
    let titles = report.tasks.iter().take(LISTED).map(|task| task.title.clone());
    let more =
        count.checked_sub(LISTED).filter(|more| *more > 0).map(|more| t_with("and {more} more", &[("more", &more)]));
    let titles = titles.chain(more).map(|title| view! { <li>{title}</li> }).collect_view();
    view! {
        <p class="success" role="status">{headline}</p>
        <ul class="hint">{notes}</ul>
        <ul class="imported">{titles}</ul>
    }
}

fn error_view(error: &Error) -> impl IntoView + use<> {
    let problems = error.fields.iter().map(|(place, why)| format!("{place} {}", translated(why)));
    let problems = problems.map(|problem| view! { <li>{problem}</li> }).collect_view();
    view! {
        <p class="alert" role="alert">{t("Nothing was imported: ")}{translated(&error.message)}</p>
        <ul class="imported">{problems}</ul>
        <p class="hint">{error.detail.as_deref().map(translated)}</p>
    }
}
