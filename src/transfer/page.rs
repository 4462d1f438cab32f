//! The page that says what an import did, or would do. The form is in the settings.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{
    MAX_UPLOAD_BYTES,
    import::{FileFormat, ImportReport, import},
};
use crate::{
    app::AppState,
    auth::PageUser,
    error::{Code, Error, Result},
    http::read_body_up_to,
    paths,
    ui::{error_page::PageError, shell::render},
};

/// How many titles the page lists.
const LISTED: usize = 100;

/// What the form sends.
struct Upload {
    format: FileFormat,
    bytes: Bytes,
    is_dry_run: bool,
}

/// `POST /settings/import`
pub async fn import_file(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    request: Request,
) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    let upload = read_upload(Request::from_parts(parts.clone(), body)).await?;
    let outcome = import(&app, &user, upload.format, upload.bytes, upload.is_dry_run).await;
    let status = outcome.as_ref().err().map(|error| error.code.status());
    let page = user.page("Import");
    let body = move || {
        view! {
            <p class="back"><a href=paths::SETTINGS>"Settings"</a></p>
            <h1>"Import"</h1>
            <div class="settings">
                <section class="card">
                    {match &outcome {
                        Ok(report) => report_view(report).into_any(),
                        Err(error) => error_view(error).into_any(),
                    }}
                    <p><a href=paths::TASKS>"To the tasks"</a></p>
                </section>
            </div>
        }
    };
    let mut response = render(&app.assets, Request::from_parts(parts, Body::empty()), page, body).await;
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
    let (mut file, mut is_dry_run) = (None, false);
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        match field.name() {
            Some("file") => {
                let name = field.file_name().unwrap_or_default().to_lowercase();
                let format = match name.rsplit('.').next() {
                    Some("json") => FileFormat::Json,
                    Some("zip") => FileFormat::Vikunja,
                    _ => FileFormat::Csv,
                };
                file = Some((format, field.bytes().await.map_err(|_| broken())?));
            }
            Some("dry_run") => is_dry_run = true,
            _ => {}
        }
    }
    let (format, bytes) = file.filter(|(_, bytes)| !bytes.is_empty()).ok_or_else(no_file)?;
    Ok(Upload { format, bytes, is_dry_run })
}

fn no_file() -> Error {
    Error::invalid("file", "is missing or empty").detail("Choose a file in Settings.")
}

fn broken() -> Error {
    Error::new(Code::BadRequest, "The form could not be read").detail("Choose the file once more and send it again.")
}

fn report_view(report: &ImportReport) -> impl IntoView + use<> {
    let count = report.tasks.len();
    let tasks = if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") };
    let headline = if report.dry_run { format!("{tasks} would be imported.") } else { format!("{tasks} imported.") };
    let notes = [
        (report.already_there, "are here already and not added again"),
        (report.without_team, "become personal: you may not add tasks to their team, or are not in it"),
        (report.conversations_left_out, "conversations are not imported"),
    ];
    let notes = notes.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
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
