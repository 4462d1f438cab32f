//! Reads a file and adds what it has.

use axum::body::Bytes;
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    archive, json_file,
    queue::Place,
    read::ReadFile,
    settings::ImportedSettings,
    table::{self, TableLayout},
};
use crate::{app::AppState, auth::AuthenticatedUser, chat, tasks};
use tallyboard_db::{Scope, now};
use tallyboard_model::{
    calendar::Calendar,
    error::{Error, Result},
    tasks::Task,
};

pub use super::read::MAX_FILE_BYTES;

/// The format of a file.
#[derive(Clone, Debug)]
pub enum FileFormat {
    /// The JSON of an export.
    Json,
    /// A table.
    Csv(TableLayout),
    /// The zip file of another program.
    Zip,
}

/// The result of an import, or its preview.
#[derive(Serialize, ToSchema)]
pub struct ImportReport {
    /// Whether nothing was imported.
    pub dry_run: bool,
    /// The tasks that are new, in the order of the file.
    pub tasks: Vec<Task>,
    /// How many tasks of the file the user has already: an earlier import brought them, or they are the user's own.
    pub already_there: usize,
    /// The titles of the first 20 of these.
    #[schema(max_items = 20)]
    pub already_there_titles: Vec<String>,
    /// How many tasks of the file were deleted where they come from: these are left out.
    pub deleted: usize,
    /// How many of the new ones become personal, because the user may not add tasks to their team or is not in it.
    pub without_team: usize,
    /// Columns of a table that mean nothing here.
    pub ignored_columns: Vec<String>,
    /// How many days are rules, such as `every monday`: they're kept as words of the description.
    pub kept_as_words: usize,
    /// How many conversations are new.
    pub conversations: usize,
    /// How many messages they have.
    pub messages: usize,
    /// How many conversations of the file the user has already; these stay as they are.
    pub conversations_already_there: usize,
    /// How many saved lists are new: those whose name the user does not have.
    pub saved_lists: usize,
    /// Whether the goals come; they do when the user has none.
    pub goals: bool,
    /// How many notification topics are turned on; only if the user had chosen none.
    pub notifications: usize,
}

impl ImportReport {
    /// Whether the file has anything that the user doesn't have.
    pub fn has_news(&self) -> bool {
        !self.tasks.is_empty() || self.conversations + self.saved_lists + self.notifications > 0 || self.goals
    }
}

/// Adds what a file of at most [`MAX_FILE_BYTES`] has, all or nothing, when it's its turn.
pub async fn import(
    app: &AppState,
    user: &AuthenticatedUser,
    format: FileFormat,
    bytes: Bytes,
    dry_run: bool,
    place: Place,
) -> Result<ImportReport> {
    let turn = place.turn().await?;
    let zone = user.time_zone();
    // A large file takes a while to read. If the client leaves in the meantime, the slot is freed once the file is read.
    let read = tokio::task::spawn_blocking(move || {
        let file = match format {
            FileFormat::Json => json_file::read(&bytes, &Calendar::at(now(), zone)),
            FileFormat::Csv(layout) => table::csv(&bytes, &layout, &Calendar::at(now(), zone)),
            FileFormat::Zip => archive::zip(&bytes, &Calendar::at(now(), zone)),
        };
        (file, turn)
    });
    let (file, _turn) = read.await.map_err(Error::internal)?;
    let mut file = file?;
    file.settings = file.settings.for_server(app.mail.is_some());
    let scopes = app.db.scope(user);
    let report = if dry_run {
        scopes.read(|scope| Box::pin(add(scope, zone, file.clone(), true))).await?
    } else {
        scopes.write(|scope| Box::pin(add(scope, zone, file.clone(), false))).await?
    };
    if report.notifications > 0 && !dry_run {
        // Pages offer notifications until the user has chosen.
        app.auth.forget_cached_session(user).await;
    }
    Ok(report)
}

async fn add(scope: &mut Scope, zone: Tz, file: ReadFile, dry_run: bool) -> Result<ImportReport> {
    let me = scope.user_id();
    let found = tasks::imported::import(scope, file.tasks, dry_run).await?;
    let talks = chat::imported::import(scope, file.conversations, dry_run).await?;
    let ImportedSettings { goals, saved_lists, notifications } = file.settings.import(scope, zone, dry_run).await?;
    if !dry_run && found.tasks.is_empty() && talks.conversations + saved_lists > 0 {
        // With tasks, the event has been published.
        scope.emit("refetch", vec![me], json!({}));
    }
    Ok(ImportReport {
        dry_run,
        tasks: found.tasks,
        already_there: found.known,
        already_there_titles: found.known_titles,
        deleted: file.deleted,
        without_team: found.without_team,
        ignored_columns: file.ignored_columns,
        kept_as_words: file.kept_as_words,
        conversations: talks.conversations,
        messages: talks.messages,
        conversations_already_there: talks.known,
        saved_lists,
        goals,
        notifications,
    })
}
