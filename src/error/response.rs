//! How an error becomes an HTTP answer, and how a database's failure becomes an error.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Code, Error};

/// Whether work that failed may be done again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retry {
    /// No: it failed for good, or may have been done.
    #[default]
    No,
    /// Yes: the database says that nothing of it was done.
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

/// A JSON answer with the headers that its kind of error carries.
pub fn json_response(error: &Error) -> Response {
    let mut response = (error.code.status(), Json(error)).into_response();
    let headers = response.headers_mut();
    match error.code {
        Code::Unauthorized => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Code::Unavailable => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        _ => {}
    }
    response
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        json_response(&self)
    }
}

impl Error {
    /// The database is away or overloaded.
    pub fn unavailable() -> Self {
        Self::new(Code::Unavailable, "The database does not answer right now")
            .detail("Nothing was lost; try again in a moment")
    }

    /// Something that should not happen; the log has the cause, the answer only that.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(Code::InternalError, "Something went wrong on the server")
            .detail("It has been logged under the request id in the X-Request-Id header")
    }

    /// Somebody else's change came between reading and writing: the work is done again from the start.
    pub fn changed_meanwhile() -> Self {
        Self::new(Code::Conflict, "It was changed by somebody else at the same moment")
            .detail("Try again")
            .safe_to_retry()
    }

    fn safe_to_retry(mut self) -> Self {
        self.retry = Retry::Safe;
        self
    }
}

/// Constraint violations that a service did not turn into an error of its own, and everything
/// else a database can say. The driver's words go to the log only.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            // Protocol: what a connection says that is cut while it is being made.
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                tracing::warn!(%error, "the database connection failed");
                Self::unavailable().safe_to_retry()
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                tracing::warn!(%error, "no database connection to be had");
                Self::unavailable()
            }
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default();
                match &*code {
                    // Shut down, starting, connection trouble; serialization failure, deadlock.
                    "57P01" | "57P02" | "57P03" | "40001" | "40P01" => Self::unavailable().safe_to_retry(),
                    code if code.starts_with("08") => Self::unavailable().safe_to_retry(),
                    // Too many connections, statement timeout; SQLite: busy, locked, disk full.
                    "53300" | "57014" | "5" | "6" | "13" | "517" => {
                        tracing::warn!(%error, "the database is overloaded");
                        Self::unavailable()
                    }
                    _ if database.is_unique_violation() => Self::new(Code::Conflict, "That exists already"),
                    _ => Self::internal(&error),
                }
            }
            _ => Self::internal(&error),
        }
    }
}
