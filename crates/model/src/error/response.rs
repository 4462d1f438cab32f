//! Turns an error into an HTTP answer, and a database error into one of ours.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use sqlx::{error::DatabaseError, sqlite::SqliteError};

use super::{Code, Error};
use crate::{language::translated, once_per_second::OncePerSecond};

/// A pooler that forgets what was prepared.
pub const FORGETS_PREPARED: &str = "the connection pooler doesn't keep prepared statements: \
     it has to be PgBouncer 1.21 or later with max_prepared_statements above 0, for example 200";

/// Whether PostgreSQL says that a prepared statement is there twice, or not at all: it was another client's.
pub fn is_forgotten_statement(error: &sqlx::Error) -> bool {
    let outage = error.as_database_error().and_then(Outage::of);
    matches!(outage, Some(Outage::ForgottenStatement))
}

/// Whether failed work may be repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retry {
    /// No: it would fail again, or it may have been done.
    #[default]
    No,
    /// Yes: the database reported that nothing of it was done.
    Safe,
}

impl Code {
    /// The HTTP status of this kind.
    pub fn status(self) -> StatusCode {
        match self {
            Code::BadRequest => StatusCode::BAD_REQUEST,
            Code::Unauthorized => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Code::Conflict => StatusCode::CONFLICT,
            Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Code::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::ValidationError => StatusCode::UNPROCESSABLE_ENTITY,
            Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Code::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A JSON answer with the headers that belong to the kind of error.
pub fn json_response(error: &Error) -> Response {
    let mut response = (error.code.status(), Json(error)).into_response();
    add_headers(error.code, response.headers_mut());
    response
}

/// Adds the headers that belong to the kind of error.
pub fn add_headers(code: Code, headers: &mut HeaderMap) {
    match code {
        Code::Unauthorized => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Code::Unavailable => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        _ => {}
    }
}

impl Error {
    /// The same in the language of the page: errors say what is wrong in English, as the API does.
    #[must_use]
    pub fn translated(self) -> Self {
        Self {
            message: translated(&self.message),
            detail: self.detail.as_deref().map(translated),
            fields: self.fields.into_iter().map(|(name, why)| (name, translated(&why))).collect(),
            ..self
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        json_response(&self)
    }
}

impl Error {
    /// The database is away or overloaded.
    pub fn unavailable() -> Self {
        Self::new(Code::Unavailable, "The database isn't responding right now")
            .detail("Nothing was lost; try again in a moment")
    }

    /// More requests at once than the server answers.
    pub fn overloaded() -> Self {
        Self::new(Code::Unavailable, "The server is overloaded right now")
            .detail("Nothing was done; try again in a moment")
    }

    /// A bug or a broken environment. The cause is logged, the answer has only a request id.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(Code::InternalError, "Something went wrong on the server")
            .detail("It has been logged under the request id in the X-Request-Id header")
    }

    /// Another transaction changed the row between our read and our write: the work is repeated.
    pub fn concurrent_change() -> Self {
        Self::new(Code::Conflict, "Someone else changed it at the same time").detail("Try again").safe_to_retry()
    }

    fn safe_to_retry(mut self) -> Self {
        self.retry = Retry::Safe;
        self
    }
}

/// Database errors, and constraint violations that no service has handled. The driver's message is only logged.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            // A connection that is cut while it is opened is reported as a protocol error.
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                static LINES: OncePerSecond = OncePerSecond::new();
                if let Some(skipped) = LINES.next() {
                    tracing::warn!(%error, skipped, "the database connection failed");
                }
                Self::unavailable().safe_to_retry()
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                static LINES: OncePerSecond = OncePerSecond::new();
                if let Some(skipped) = LINES.next() {
                    tracing::warn!(%error, skipped, "no database connection is available");
                }
                Self::unavailable()
            }
            sqlx::Error::Database(database) => match Outage::of(database.as_ref()) {
                Some(Outage::Repeat) => Self::unavailable().safe_to_retry(),
                Some(Outage::Overload) => {
                    static LINES: OncePerSecond = OncePerSecond::new();
                    if let Some(skipped) = LINES.next() {
                        tracing::warn!(%error, skipped, "the database is overloaded");
                    }
                    Self::unavailable()
                }
                Some(Outage::ForgottenStatement) => {
                    static LINES: OncePerSecond = OncePerSecond::new();
                    if let Some(skipped) = LINES.next() {
                        tracing::error!(%error, skipped, "{}", FORGETS_PREPARED);
                    }
                    Self::unavailable()
                }
                Some(Outage::DiskFull) => {
                    tracing::error!(%error, "the disk of the database is full");
                    Self::new(Code::Unavailable, "The server has no disk space left")
                        .detail("Nothing was saved. Reading still works; try again when there is space")
                }
                None if database.is_unique_violation() => Self::new(Code::Conflict, "That exists already"),
                None => Self::internal(&error),
            },
            _ => Self::internal(&error),
        }
    }
}

/// Database errors that the statement didn't cause.
enum Outage {
    /// The database reported that nothing was done, and will work again within moments.
    Repeat,
    /// Too much to do, or a passing failure.
    Overload,
    /// No space left.
    DiskFull,
    /// A connection pooler mixes up prepared statements.
    ForgottenStatement,
}

impl Outage {
    fn of(error: &dyn DatabaseError) -> Option<Self> {
        let code = error.code().unwrap_or_default();
        if error.try_downcast_ref::<SqliteError>().is_some() {
            // An extended result code holds the primary code in its lowest byte: https://sqlite.org/rescode.html
            return match code.parse::<u32>().unwrap_or_default() & 0xff {
                // SQLITE_BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CANTOPEN.
                5..=10 | 14 => Some(Self::Overload),
                // SQLITE_FULL.
                13 => Some(Self::DiskFull),
                _ => None,
            };
        }
        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        match &*code {
            // Shutting down or starting; serialization failure, deadlock; class 08: connection failures.
            "57P01" | "57P02" | "57P03" | "40001" | "40P01" => Some(Self::Repeat),
            // The server ended a session that was idle for too long, or a transaction that took too long.
            "57P05" | "25P03" | "25P04" => Some(Self::Repeat),
            code if code.starts_with("08") => Some(Self::Repeat),
            "53100" => Some(Self::DiskFull),
            // duplicate_prepared_statement, invalid_sql_statement_name: it was another client's.
            "42P05" | "26000" => Some(Self::ForgottenStatement),
            // Out of memory, too many connections; statement timeout.
            code if code.starts_with("53") || code == "57014" => Some(Self::Overload),
            _ => None,
        }
    }
}
