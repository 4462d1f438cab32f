//! Reads a file and adds its tasks.

use axum::body::Bytes;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    read::{self, ReadFile},
    vikunja,
};
use crate::{
    app::AppState,
    auth::AuthenticatedUser,
    calendar::Calendar,
    db::now,
    error::{Error, Result},
    tasks::{
        Task,
        imported::{self, Imported},
    },
};

/// The largest file.
pub const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;

/// How a file is written.
#[derive(Clone, Copy)]
pub enum FileFormat {
    /// The JSON of an export.
    Json,
    /// A table.
    Csv,
    /// The zip file of Vikunja's export.
    Vikunja,
}

/// What an import did, or would do.
#[derive(Serialize, ToSchema)]
pub struct ImportReport {
    /// Whether nothing was imported.
    pub dry_run: bool,
    /// The tasks that are new, in the order of the file.
    pub tasks: Vec<Task>,
    /// How many tasks of the file the user has already.
    pub already_there: usize,
    /// How many of the new ones become personal, because the user may not add tasks to their team or is not in it.
    pub without_team: usize,
    /// Columns of a table that mean nothing here.
    pub ignored_columns: Vec<String>,
    /// How many conversations the file has: they are not imported.
    pub conversations_left_out: usize,
}

/// Adds the tasks of a file, all or none.
pub async fn import(
    app: &AppState,
    user: &AuthenticatedUser,
    format: FileFormat,
    bytes: Bytes,
    dry_run: bool,
) -> Result<ImportReport> {
    let zone = user.time_zone();
    // A large file takes a while to read.
    let read = tokio::task::spawn_blocking(move || match format {
        FileFormat::Json => read::json(&bytes),
        FileFormat::Csv => read::csv(&bytes, &Calendar::at(now(), zone)),
        FileFormat::Vikunja => vikunja::zip(&bytes),
    });
    let ReadFile { tasks, ignored_columns, conversations } = read.await.map_err(Error::internal)??;
    let scopes = app.db.scope(user);
    let imported = if dry_run {
        scopes.read(|scope| Box::pin(imported::import(scope, tasks.clone(), true))).await?
    } else {
        scopes.write(|scope| Box::pin(imported::import(scope, tasks.clone(), false))).await?
    };
    let Imported { tasks, known, without_team } = imported;
    Ok(ImportReport {
        dry_run,
        tasks,
        already_there: known,
        without_team,
        ignored_columns,
        conversations_left_out: conversations,
    })
}
