//! The one error type: REST, server functions, pages and the WebSocket all answer with its shape.
//!
//! The message says what went wrong, `detail` what to do about it, `fields` which input was wrong. What the
//! database or the operating system reported is only in the log.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};

use crate::language::t;

#[cfg(feature = "server")]
mod documentation;
#[cfg(feature = "server")]
mod response;

#[cfg(feature = "server")]
pub use documentation::ErrorResponses;
#[cfg(feature = "server")]
pub use response::{FORGETS_PREPARED, Retry, add_headers, is_forgotten_statement, json_response};

/// The result of every use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error; each has one HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)] // the names are the contract's own
pub enum Code {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    PreconditionFailed,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationError,
    RateLimited,
    InternalError,
    Unavailable,
}

/// An error, as clients receive it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Error {
    /// What went wrong, in a short sentence.
    #[serde(rename = "error")]
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The kind.
    pub code: Code,
    /// The invalid inputs, each with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Whether the work may be repeated: the database reported that nothing of it was done.
    #[cfg(feature = "server")]
    #[serde(skip)]
    pub retry: Retry,
}

impl Error {
    /// An error with a code and a message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            detail: None,
            code,
            fields: BTreeMap::new(),
            #[cfg(feature = "server")]
            retry: Retry::No,
        }
    }

    /// Adds what the client can do about it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds an invalid input.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, why: impl Into<String>) -> Self {
        self.fields.insert(name.into(), why.into());
        self
    }

    /// Invalid input; [`Error::field`] names the fields.
    pub fn validation() -> Self {
        Self::new(Code::ValidationError, "The input is not valid")
    }

    /// One invalid input.
    pub fn invalid(field: &str, why: impl Into<String>) -> Self {
        Self::validation().field(field, why)
    }

    /// It does not exist.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("{what} not found"))
    }

    /// It belongs to somebody else, or the user's role does not allow it.
    pub fn forbidden(why: &str) -> Self {
        Self::new(Code::Forbidden, why)
    }

    /// There is no valid session.
    pub fn unauthorized(why: &str) -> Self {
        Self::new(Code::Unauthorized, why).detail("Sign in and try again")
    }
}

/// Turns 403 and 404 into `None`: a list that is refetched after a change may no longer be accessible, which
/// is not an attempt to reach somebody else's data.
pub fn none_if_inaccessible<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Err(error) if matches!(error.code, Code::Forbidden | Code::NotFound) => Ok(None),
        found => found.map(Some),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for (name, why) in &self.fields {
            write!(f, "; {name}: {why}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// How the browser sees errors of the server functions' transport.
impl FromServerFnError for Error {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new(Code::Unavailable, t("The server is unreachable")),
            // The cause may quote the input, which must not be shown as our own words.
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::validation().detail(t("A form field is missing or has the wrong format"))
            }
            _ => Self::new(Code::InternalError, t("The server's answer could not be read")),
        }
    }
}

/// The words of an error and of all its causes, for the log.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| {
        let cause = cause.to_string();
        if text.ends_with(&cause) { text } else { format!("{text}: {cause}") }
    })
}
