//! The REST handlers of the export and the import.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use serde::Deserialize;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Json, Query, discard_body, media_type, read_body_up_to};
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, CanRead, CanWrite, Needs, authenticated},
    transfer::{
        MAX_UPLOAD_BYTES,
        export::{Export, Exporter},
        import::{FileFormat, ImportReport, MAX_FILE_BYTES, import},
        json_file::ExportFile,
        queue::Place,
        table::{DayOrder, TableLayout, parse_columns},
    },
};
use tallyboard_model::{
    error::{Code, Error, ErrorResponses, Result},
    id::UserId,
    input::Validator,
};

/// `/api/export`, `/api/calendar` and `/api/import`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(export)).routes(routes!(calendar)).routes(routes!(import_tasks))
}

const CALENDAR_TYPE: &str = "text/calendar; charset=utf-8";

/// The format of an export.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// Teams, tasks, and conversations.
    #[default]
    Json,
    /// The tasks, for spreadsheets.
    Csv,
    /// The days on which pending tasks are due, for calendars.
    Ics,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `json` when absent.
    #[param(inline)]
    format: Option<Format>,
}

/// Everything the user has, for download: JSON of everything, the tasks as CSV, or their days as iCalendar.
#[utoipa::path(get, path = "/api/export", tag = "Tasks", params(ExportQuery),
    responses(
        (status = 200, description = "The answer is streamed: one that breaks off is incomplete", content(
            (Export = "application/json"), (String = "text/csv"), (String = "text/calendar"))),
        ErrorResponses))]
async fn export(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Query(query): Query<ExportQuery>,
) -> Result<Response> {
    let format = query.format.unwrap_or_default();
    let (kind, name) = match format {
        Format::Json => ("application/json", "tallyboard.json"),
        Format::Csv => ("text/csv; charset=utf-8", "tallyboard.csv"),
        Format::Ics => (CALENDAR_TYPE, "tallyboard.ics"),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, written(app, user, format).await?).into_response())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CalendarQuery {
    /// The secret of a personal token; one with the scope `calendar` reads nothing else. Calendar programs send no headers.
    token: String,
}

/// The days on which the user's pending tasks are due, for calendar programs.
#[utoipa::path(get, path = "/api/calendar", tag = "Tasks", params(CalendarQuery), security(()),
    responses((status = 200, body = String, content_type = "text/calendar"), ErrorResponses))]
async fn calendar(
    State(app): State<AppState>,
    headers: HeaderMap,
    Query(query): Query<CalendarQuery>,
) -> Result<Response> {
    let user = authenticated(&app, &query.token, &headers, Needs::Calendar).await?;
    let headers = [(header::CONTENT_TYPE, CALENDAR_TYPE), (header::CACHE_CONTROL, "private, max-age=60")];
    Ok((headers, written(app, user, Format::Ics).await?).into_response())
}

/// A body that is written while it is sent.
async fn written(app: AppState, user: AuthenticatedUser, format: Format) -> Result<Body> {
    let (body, written) = mpsc::channel(16);
    let exporter = Exporter { app, user, body };
    let teams = exporter.teams().await?;
    tokio::spawn(async move {
        let done = match format {
            Format::Json => exporter.json(teams).await,
            Format::Csv => exporter.csv().await,
            Format::Ics => exporter.calendar().await,
        };
        if let Err(error) = done {
            // The body breaks off, so that the client sees that it is not whole.
            let _ = exporter.body.send(Err(error)).await;
        }
    });
    let stream = stream::unfold(written, async |mut written| Some((written.recv().await?, written)));
    Ok(Body::from_stream(stream))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Whether to say what would be imported, and import nothing.
    dry_run: Option<bool>,
    /// Of a table: what its columns mean, in their order and with commas between: `title`, `description`, `due_at`,
    /// `status`, `completed_at`, `created_at`, `team_id`, `id`, each at most once, and `-` for one that means nothing here.
    /// When absent, the first line says it.
    #[param(example = "title,-,due_at")]
    columns: Option<String>,
    /// Of a table: in which order its days are written, `ymd` when absent. The year first is always understood.
    #[param(inline)]
    day_order: Option<DayOrder>,
    /// The name of the file. Todoist names a table after its project, so this tells its tasks from equal ones of other projects.
    #[param(
        example = "Work.csv",
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
    )]
    file_name: Option<String>,
}

impl ImportQuery {
    fn check_file_name(&self) -> Result<()> {
        let mut validator = Validator::new();
        if let Some(name) = &self.file_name {
            validator.line("file_name", name, 1, 255);
        }
        validator.finish()
    }

    /// Options for reading a table.
    fn layout(self) -> Result<TableLayout> {
        let columns =
            self.columns.as_deref().map(|names| parse_columns(names.split(',').map(str::trim))).transpose()?;
        let file_name = self.file_name.unwrap_or_default();
        Ok(TableLayout { columns, day_order: self.day_order.unwrap_or_default(), file_name, is_one_of_several: false })
    }

    /// Refuses options for tables when the file isn't one.
    fn check_no_table(&self) -> Result<()> {
        let mut validator = Validator::new();
        for (field, is_there) in [("columns", self.columns.is_some()), ("day_order", self.day_order.is_some())] {
            if is_there {
                validator.reject(field, "only goes with text/csv");
            }
        }
        validator.finish()
    }
}

/// Adds what a file has, all or nothing: the JSON of an export, of a Trello board, of Google Tasks or of Asana; a table of tasks; or the
/// zip file of Vikunja, of Todoist's backup or of Google's Takeout. What was imported before is not added again.
#[utoipa::path(post, path = "/api/import", tag = "Tasks", params(ImportQuery),
    request_body(content((ExportFile = "application/json"), (String = "text/csv"), (Vec<u8> = "application/zip"))),
    responses((status = 200, body = ImportReport), ErrorResponses))]
async fn import_tasks(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> Result<Json<ImportReport>> {
    query.check_file_name()?;
    let is_dry_run = query.dry_run.unwrap_or_default();
    let format = match media_type(request.headers()).as_str() {
        "text/csv" => FileFormat::Csv(query.layout()?),
        kind @ ("application/json" | "application/zip") => {
            query.check_no_table()?;
            if kind == "application/zip" { FileFormat::Zip } else { FileFormat::Json }
        }
        _ => {
            return Err(Error::new(Code::UnsupportedMediaType, "The body has to be JSON, CSV or a zip file")
                .detail("Send Content-Type: application/json, text/csv or application/zip"));
        }
    };
    let (place, body) = place_in_queue(user.id(), request.into_body()).await?;
    let bytes = read_body_up_to(MAX_FILE_BYTES, body).await?;
    Ok(Json(import(&app, &user, format, bytes, is_dry_run, place).await?))
}

/// Takes a place in the queue of imports before the upload is read. When the queue is full, the upload is discarded.
pub async fn place_in_queue(user: UserId, body: Body) -> Result<(Place, Body)> {
    match Place::take(user) {
        Ok(place) => Ok((place, body)),
        Err(error) => {
            discard_body(MAX_UPLOAD_BYTES, body).await;
            Err(error)
        }
    }
}
