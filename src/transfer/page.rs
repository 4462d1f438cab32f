//! The page that says what an import did, or would do, and how the columns of a table are read. The form for a file is in
//! the settings.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Request, State, multipart::Field},
    response::Response,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::task::spawn_blocking;

use super::views::{ImportPreview, import_view};
use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        shell::{Page, render},
    },
};
use tallyboard_api::transfer::place_in_queue;
use tallyboard_base::http::read_body_up_to;
use tallyboard_core::{
    app::AppState,
    transfer::{
        MAX_UPLOAD_BYTES,
        import::{FileFormat, MAX_FILE_BYTES, import},
        table::{self, Column, DayOrder, TableLayout, TableSample, parse_columns},
    },
};
use tallyboard_model::{
    error::{Code, Error, Result},
    language::t_with,
};

/// The form's fields.
#[derive(Default)]
struct Upload {
    /// The name of the file, which says its format.
    name: String,
    bytes: Bytes,
    /// The meanings of a table's columns, if the form has them.
    columns: Vec<String>,
    day_order: DayOrder,
    is_dry_run: bool,
}

impl Upload {
    fn is_table(&self) -> bool {
        !matches!(self.ending().as_str(), "json" | "zip")
    }

    fn ending(&self) -> String {
        self.name.rsplit('.').next().unwrap_or_default().to_lowercase()
    }

    fn format(&self) -> Result<FileFormat> {
        Ok(match self.ending().as_str() {
            "json" => FileFormat::Json,
            "zip" => FileFormat::Zip,
            _ => {
                let said = !self.columns.is_empty();
                let columns = said.then(|| parse_columns(self.columns.iter().map(String::as_str))).transpose()?;
                let file_name = self.name.clone();
                FileFormat::Csv(TableLayout { columns, day_order: self.day_order, file_name, is_one_of_several: false })
            }
        })
    }
}

/// `POST /settings/import`
pub async fn import_file(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    request: Request,
) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    let (place, body) = place_in_queue(user.id(), body).await?;
    let upload = read_upload(Request::from_parts(parts, body)).await?;
    let (is_table, bytes) = (upload.is_table(), upload.bytes.clone());
    // The outcome has the first line's errors.
    let sample = spawn_blocking(move || if is_table { table::sample(&bytes).ok() } else { None });
    let sample = sample.await.map_err(Error::internal)?;
    let has_title = |sample: &TableSample| sample.guessed.contains(&Some(Column::Title));
    let outcome = match upload.format() {
        Ok(_) if upload.columns.is_empty() && sample.as_ref().is_some_and(|sample| !has_title(sample)) => {
            Err(Error::new(Code::ValidationError, "choose which column is the title")
                .detail("Choose below what each column contains."))
        }
        Ok(format) => import(&app, &user, format, upload.bytes.clone(), upload.is_dry_run, place).await,
        Err(error) => Err(error),
    };
    let status = outcome.as_ref().err().map(|error| error.code.status());
    let page = Page::of(&app, &user, "Import").under("Settings");
    let preview = ImportPreview {
        // After an import nothing has to be sent again.
        content: (upload.is_dry_run || outcome.is_err()).then(|| BASE64_STANDARD.encode(&upload.bytes)),
        name: upload.name,
        sample,
        columns: upload.columns,
        day_order: upload.day_order,
        outcome,
    };
    let body = move || import_view(&preview);
    let mut response = render(&app.assets, page, body);
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    Ok(response)
}

async fn read_upload(request: Request) -> Result<Upload> {
    // Read whole first, with the limits of time and size that every body has.
    let (parts, body) = request.into_parts();
    let bytes = read_body_up_to(MAX_UPLOAD_BYTES, body).await?;
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| no_file())?;
    let mut upload = Upload::default();
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        match field.name() {
            Some("file") => {
                upload.name = field.file_name().unwrap_or_default().to_owned();
                upload.bytes = field.bytes().await.map_err(|_| broken())?;
            }
            // The file again, from the page of the first preview.
            Some("content") => upload.bytes = BASE64_STANDARD.decode(text(field).await?).map_err(|_| broken())?.into(),
            Some("name") => upload.name = text(field).await?,
            Some("columns") => upload.columns.push(text(field).await?),
            Some("day_order") => {
                let said = text(field).await?;
                let known = DayOrder::CHOICES.into_iter().find(|(_, name, _)| *name == said);
                upload.day_order = known.map(|(order, ..)| order).ok_or_else(broken)?;
            }
            Some("dry_run") => upload.is_dry_run = true,
            _ => {}
        }
    }
    check_size(&upload.bytes)?;
    if upload.bytes.is_empty() { Err(no_file()) } else { Ok(upload) }
}

/// The form is larger than the file in it.
fn check_size(bytes: &[u8]) -> Result<()> {
    if bytes.len() <= MAX_FILE_BYTES {
        return Ok(());
    }
    Err(Error::new(Code::PayloadTooLarge, "The file is too large")
        .detail(t_with("At most {n} MiB", &[("n", &(MAX_FILE_BYTES / 1024 / 1024))])))
}

async fn text(field: Field<'_>) -> Result<String> {
    field.text().await.map_err(|_| broken())
}

fn no_file() -> Error {
    Error::invalid("file", "is missing or empty").detail("Choose a file in Settings.")
}

fn broken() -> Error {
    Error::new(Code::BadRequest, "The form could not be read").detail("Choose the file again and resend it.")
}
