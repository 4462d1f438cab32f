//! The meanings of a table's columns, by the names of this and other programs, or as chosen.

use csv::StringRecord;

use super::width::MAX_COLUMNS;
use tallyboard_model::{
    error::{Error, Result},
    language::{t_with, text},
};

/// The name of a column that means nothing here.
pub const NO_COLUMN: &str = "-";

/// What the columns of a table mean, in their order; `None` for ignored ones.
pub type Columns = Vec<Option<Column>>;

/// The meaning of a table's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum Column {
    Id,
    Title,
    Description,
    Status,
    Due,
    Completed,
    Created,
    Team,
    /// The kind of a row in Todoist's backup: a task, a section, a comment.
    Kind,
    /// The project or list that a task belongs to: it tells tasks of the same title apart.
    Project,
    /// Whether, or when, a task was deleted.
    Deleted,
}

/// The meanings of a table's headings, as this and other programs name them.
pub fn columns_by_heading(headings: &StringRecord) -> Columns {
    let has = |wanted: &str| headings.iter().any(|heading| heading.trim().eq_ignore_ascii_case(wanted));
    let is_todoist = ["TYPE", "CONTENT"].into_iter().all(|name| headings.iter().any(|heading| heading == name));
    let meaning = |heading: &str| match column(heading) {
        // Other programs have types of tasks.
        Some(Column::Kind) => is_todoist.then_some(Column::Kind),
        // Todoist's title is TickTick's description.
        Some(Column::Title) if heading.trim().eq_ignore_ascii_case("content") && has("title") => {
            Some(Column::Description)
        }
        column => column,
    };
    headings.iter().map(meaning).collect()
}

fn column(heading: &str) -> Option<Column> {
    Some(match heading.trim().to_lowercase().replace([' ', '-'], "_").as_str() {
        "id" | "taskid" | "task_id" | "card_id" => Column::Id,
        "title" | "content" | "task" | "task_name" | "card_name" | "name" | "summary" | "subject" | "titel"
        | "betreff" => Column::Title,
        "description" | "card_description" | "notes" | "note" | "beschreibung" | "notiz" | "notizen" => {
            Column::Description
        }
        "status" | "done" | "completed" | "due_complete" | "archived" | "state" | "%_complete" | "%_erledigt"
        | "erledigt" => Column::Status,
        "due_at" | "due" | "due_date" | "date" | "deadline" | "fällig" | "fällig_am" | "fälligkeitsdatum" => {
            Column::Due
        }
        "completed_at" | "completed_time" | "completion_date" | "date_completed" | "erledigt_am"
        | "abgeschlossen_am" => Column::Completed,
        "created_at" | "created" | "created_time" | "erstellt" | "erstellt_am" => Column::Created,
        "team_id" => Column::Team,
        "type" => Column::Kind,
        "project" | "projects" | "projekt" | "list" | "list_name" | "liste" | "folder" | "folder_name"
        | "board_name" | "section" | "section/column" => Column::Project,
        "deleted" | "is_deleted" | "deleted_at" | "deleted_time" | "date_deleted" | "trash" | "trashed"
        | "in_trash" | "gelöscht" | "gelöscht_am" => Column::Deleted,
        _ => return None,
    })
}

impl Column {
    /// Whether it can't be chosen: it's found by its heading, whatever somebody says of the other columns.
    pub fn is_found_only(self) -> bool {
        matches!(self, Self::Kind | Self::Project | Self::Deleted)
    }

    /// Those that somebody can choose, by their names, with words for people.
    pub const CHOICES: [(Self, &str, &str); 8] = [
        (Self::Title, "title", text("Title")),
        (Self::Description, "description", text("Description")),
        (Self::Due, "due_at", text("Due")),
        (Self::Status, "status", text("Status")),
        (Self::Completed, "completed_at", text("Completed at")),
        (Self::Created, "created_at", text("Created at")),
        (Self::Team, "team_id", text("Team (its id)")),
        (Self::Id, "id", text("Id")),
    ];
}

/// The columns of a layout by their names.
///
/// # Errors
/// 422 for an unknown name, for one that's given twice, and when none is the title.
pub fn parse_columns<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Columns> {
    let column = |name: &str| {
        let known = Column::CHOICES.iter().find(|(_, known, _)| *known == name).map(|(column, ..)| *column);
        if known.is_some() || name == NO_COLUMN {
            return Ok(known);
        }
        let names: Vec<_> = Column::CHOICES.iter().map(|(_, name, _)| *name).collect();
        Err(Error::invalid(
            "columns",
            t_with("has to name {names}, or {none} for nothing", &[("names", &names.join(", ")), ("none", &NO_COLUMN)]),
        ))
    };
    // One more shows that there are too many.
    let columns = names.into_iter().take(MAX_COLUMNS + 1).map(column).collect::<Result<Columns>>()?;
    if columns.len() > MAX_COLUMNS {
        return Err(Error::invalid("columns", t_with("at most {most}", &[("most", &MAX_COLUMNS)])));
    }
    for (wanted, name, _) in Column::CHOICES {
        let count = columns.iter().filter(|column| **column == Some(wanted)).count();
        if count > 1 {
            return Err(Error::invalid("columns", t_with("names {name} twice", &[("name", &name)])));
        }
        if count == 0 && wanted == Column::Title {
            return Err(Error::invalid("columns", "has to name the title"));
        }
    }
    Ok(columns)
}

/// The columns named by a table's headings.
pub fn columns_of(headings: &StringRecord) -> Result<Columns> {
    let columns = columns_by_heading(headings);
    if columns.contains(&Some(Column::Title)) {
        return Ok(columns);
    }
    Err(Error::invalid("line 1", "has to name the columns, one of them `title`"))
}
