//! The one error type, in the one shape that every door answers with.
//!
//! A message says what happened, `detail` what to do about it, `fields` which input was wrong.
//! What the database or the system said stays in the log.

use std::{collections::BTreeMap, fmt};

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
mod response;
#[cfg(feature = "ssr")]
pub use response::{Retry, json_response};

/// The result of everything that a user can ask for.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is; each has one HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
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

/// An error as its receiver sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Error {
    /// What happened, in a short sentence.
    #[serde(rename = "error")]
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The kind.
    pub code: Code,
    /// The inputs that were wrong, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Whether the same work may be tried again at once, and the answer not be known to be lost.
    #[cfg(feature = "ssr")]
    #[serde(skip)]
    pub retry: Retry,
}

impl Error {
    /// An error of `code` that says `message`.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            detail: None,
            code,
            fields: BTreeMap::new(),
            #[cfg(feature = "ssr")]
            retry: Retry::No,
        }
    }

    /// Adds what the receiver can do about it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names an input that was wrong.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, why: impl Into<String>) -> Self {
        self.fields.insert(name.into(), why.into());
        self
    }

    /// Input that breaks a rule; name the fields with [`Error::field`].
    pub fn validation() -> Self {
        Self::new(Code::ValidationError, "The input is not valid")
    }

    /// One input that breaks a rule.
    pub fn invalid(field: &str, why: impl Into<String>) -> Self {
        Self::validation().field(field, why)
    }

    /// There is no such thing.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("{what} not found"))
    }

    /// It is somebody else's, or the role does not suffice.
    pub fn forbidden(why: &str) -> Self {
        Self::new(Code::Forbidden, why)
    }

    /// Nobody is signed in, or no longer.
    pub fn unauthorized(why: &str) -> Self {
        Self::new(Code::Unauthorized, why).detail("Sign in and try again")
    }
}

/// `None` for what one may not see (any longer): a list that follows changes asks again for what it
/// showed, which is no try at somebody else's.
pub fn none_if_gone<T>(found: Result<T>) -> Result<Option<T>> {
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

/// How failures of the server functions' own transport look to the browser's code.
impl FromServerFnError for Error {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new(Code::Unavailable, "The server cannot be reached"),
            ServerFnErrorErr::Args(why) | ServerFnErrorErr::MissingArg(why) => Self::validation().detail(why),
            _ => Self::new(Code::InternalError, "The server's answer could not be read"),
        }
    }
}
