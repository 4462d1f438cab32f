//! Axum extractors of the REST handlers: each rejection has the contract's error shape and names the field.

use std::{future::poll_fn, pin::pin, str::FromStr, task::Poll, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{
        HeaderMap,
        header::{self, AsHeaderName},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use serde::{
    Deserializer, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

use crate::request_log;
use tallyboard_model::{
    error::{Code, Error, Result},
    language::t_with,
};

pub use tallyboard_model::list::List;

/// The largest request body, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;
/// How long a body of up to 64 KiB may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// In bytes a second: a larger one may take as much longer as the uplink of a phone needs.
const SLOWEST_UPLOAD: usize = 32 * 1024;

/// A JSON body.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        check_media_type(request.headers())?;
        let bytes = read_body(request.into_body()).await?;
        parse_json(&bytes).map(Self)
    }
}

/// An answer in JSON, written into a `Vec`: axum's own buffer took 5 % of a list of 50 tasks.
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
            Err(error) => Error::internal(error).into_response(),
        }
    }
}

/// The text of a header; `None` when it is missing or is not text.
pub fn header_text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Reads a whole body, or answers 413.
pub async fn read_body(body: Body) -> Result<Bytes> {
    read_body_up_to(BODY_LIMIT, body).await
}

/// Reads a whole body up to this many bytes, or answers 413. A request that waits for its body releases its permit.
pub async fn read_body_up_to(limit: usize, body: Body) -> Result<Bytes> {
    let mut reading = pin!(to_bytes(body, limit));
    let read = match poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await {
        Poll::Ready(read) => read,
        Poll::Pending => {
            let info = request_log::current();
            if let Some(info) = &info {
                info.permit.release();
            }
            let longer = limit.saturating_sub(BODY_LIMIT) / SLOWEST_UPLOAD;
            let time = BODY_TIMEOUT + Duration::from_secs(longer as u64);
            let read = tokio::time::timeout(time, reading).await.map_err(|_| {
                Error::new(Code::BadRequest, "The body took too long to arrive")
                    .detail(t_with("Send it within {n} seconds", &[("n", &time.as_secs())]))
            })?;
            if info.is_some_and(|info| !info.permit.try_acquire()) {
                return Err(Error::overloaded());
            }
            read
        }
    };
    read.map_err(|error| {
        // axum wraps the error of the limit; any other error means that the client disconnected.
        if std::error::Error::source(&error).is_some_and(|source| source.to_string().contains("length limit")) {
            Error::new(Code::PayloadTooLarge, "The body is too large")
                .detail(t_with("At most {n} KiB", &[("n", &(limit / 1024))]))
        } else {
            Error::new(Code::BadRequest, "The request body ended early")
        }
    })
}

/// Reads a body of a refused request and throws it away: a client that still sends wouldn't see the answer.
pub async fn discard_body(limit: usize, body: Body) {
    let (mut parts, mut left) = (body.into_data_stream(), limit);
    let all = async {
        while let (1.., Some(Ok(part))) = (left, parts.next().await) {
            left = left.saturating_sub(part.len());
        }
    };
    let _ = tokio::time::timeout(BODY_TIMEOUT, all).await;
}

/// The type of a body, without parameters, in lower case; empty when the header is missing.
pub fn media_type(headers: &HeaderMap) -> String {
    let media_type = header_text(headers, header::CONTENT_TYPE).unwrap_or_default();
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn check_media_type(headers: &HeaderMap) -> Result<()> {
    let media_type = media_type(headers);
    if media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json")) {
        return Ok(());
    }
    Err(Error::new(Code::UnsupportedMediaType, "The body has to be JSON").detail("Send Content-Type: application/json"))
}

/// Reads JSON; the error names the field.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // serde would take the items of an array for the fields in their order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| not_json(&error))?;
        return Err(Error::validation().detail("The body has to be an object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() { wrong_field(&path, &error.to_string()) } else { not_json(&error) }
    })?;
    deserializer.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// Reads a JSON value; the error names the field.
pub fn parse_value<T: DeserializeOwned>(value: &serde_json::Value) -> Result<T> {
    parse(value)
}

fn parse<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T> {
    serde_path_to_error::deserialize(deserializer)
        .map_err(|error| wrong_field(&error.path().to_string(), &error.inner().to_string()))
}

fn not_json(error: &serde_json::Error) -> Error {
    Error::new(Code::BadRequest, "The body isn't valid JSON").detail(format!(
        "The error is at line {}, column {}",
        error.line(),
        error.column()
    ))
}

/// Chrono's error for a text that isn't a time.
const NOT_A_TIME: [&str; 6] = [
    "input is out of range",
    "no possible date and time matching input",
    "input is not enough for unique date and time",
    "input contains invalid characters",
    "premature end of input",
    "trailing input",
];

/// Finds the field in serde's message: unknown, missing and duplicate ones are in backquotes there, for
/// all others the path names the field.
fn wrong_field(path: &str, message: &str) -> Error {
    let message = message.split(" at line ").next().unwrap_or(message);
    let named = message.split('`').nth(1);
    let by_name =
        ["unknown field", "missing field", "duplicate field"].into_iter().find(|kind| message.starts_with(kind));
    let place = |name| place_of(path, name);
    match (by_name, named, path) {
        (Some("unknown field"), Some(name), _) => Error::invalid(&place(name), "is unknown"),
        (Some("missing field"), Some(name), _) => Error::invalid(&place(name), "is missing"),
        (Some(_), Some(name), _) => Error::invalid(&place(name), "is given twice"),
        // The parser of UUIDs goes into details.
        _ if message.starts_with("UUID parsing failed") => Error::invalid(path, "is not an id: ids are UUIDs"),
        _ if NOT_A_TIME.contains(&message) => {
            Error::invalid(path, "has to be a time like 2026-12-24T18:00:00Z (RFC 3339)")
        }
        (_, _, "." | "") => Error::validation().detail(message.to_owned()),
        _ => Error::invalid(path, message),
    }
}

/// Where a field is that serde names without its path, for example `tasks[0].colour`.
fn place_of(path: &str, field: &str) -> String {
    // serde writes `?` for a key that it was still reading.
    let inside = path.trim_end_matches('?').trim_end_matches('.');
    match inside.strip_suffix(field).map(|before| before.trim_end_matches('.')).unwrap_or(inside) {
        "" => field.to_owned(),
        before => format!("{before}.{field}"),
    }
}

/// A query string. Unknown parameters are rejected, so that a misspelt filter does not list everything.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parse_query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// Reads a query string.
pub fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T> {
    parse(serde_urlencoded::Deserializer::new(form_pairs(query)))
}

fn form_pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

/// Rejects any query parameter.
pub struct NoQuery;

impl<S: Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        match form_pairs(parts.uri.query().unwrap_or_default()).next() {
            Some((name, _)) => Err(Error::invalid(&name, "is unknown")),
            None => Ok(Self),
        }
    }
}

/// The id in the path.
pub struct Id<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| malformed_path())?;
        parse_id(&text).map(Self)
    }
}

/// The two ids in the path: of a resource, and of a person in it.
pub struct Ids<T, U>(pub T, pub U);

impl<T: FromStr, U: FromStr, S: Send + Sync> FromRequestParts<S> for Ids<T, U> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Path((resource, person)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(|_| malformed_path())?;
        Ok(Self(parse_id(&resource)?, parse_id(&person)?))
    }
}

fn malformed_path() -> Error {
    Error::new(Code::BadRequest, "The path is malformed")
}

fn parse_id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| {
        Error::new(Code::BadRequest, "The id in the path isn't valid").detail("Ids are UUIDs in lower case")
    })
}

/// The `updated_at` in the `If-Match` header, if there is one.
pub struct IfMatch(pub Option<DateTime<Utc>>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        // A proxy that compresses makes an ETag weak; here each still stands for one version.
        let text = text.strip_prefix("W/").unwrap_or(text);
        text.strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .and_then(|time| DateTime::parse_from_rfc3339(time).ok())
            .map(|time| Self(Some(time.to_utc())))
            .ok_or_else(|| {
                Error::new(Code::BadRequest, "The If-Match header is malformed")
                    .detail("Use the task's updated_at in double quotes")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyboard_model::tasks::{NewTask, TaskFilter};

    fn error_of<T: DeserializeOwned>(json: &str) -> String {
        parse_json::<T>(json.as_bytes()).err().map(|error| format!("{:?} {error}", error.code)).unwrap_or_default()
    }

    #[test]
    fn a_rejection_names_the_field() {
        assert_eq!(error_of::<NewTask>("{"), "BadRequest The body isn't valid JSON");
        assert_eq!(error_of::<NewTask>(r#"{"title":"a"} x"#), "BadRequest The body isn't valid JSON");
        assert_eq!(error_of::<NewTask>("{}"), "ValidationError The input is not valid; title: is missing");
        assert_eq!(
            error_of::<NewTask>(r#"{"title":"a","colour":1}"#),
            "ValidationError The input is not valid; colour: is unknown"
        );
        assert!(error_of::<NewTask>(r#"{"title":5}"#).contains("; title: invalid type"));
        for time in ["tomorrow", "2026-02-30T00:00:00Z", "24.12.", "2026-12-24", ""] {
            let error = error_of::<NewTask>(&format!(r#"{{"title":"a","due_at":"{time}"}}"#));
            assert!(error.contains("; due_at: has to be a time like 2026-12-24T18:00:00Z"), "{time}: {error}");
        }
        assert!(error_of::<NewTask>("[]").starts_with("ValidationError"));
    }

    #[test]
    fn a_query_is_checked_like_a_body() {
        let error_of =
            |query| parse_query::<TaskFilter>(query).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(error_of("status=pending&q=&limit=5"), "");
        assert_eq!(error_of("page=2"), "The input is not valid; page: is unknown");
        assert!(error_of("limit=many").contains("; limit: invalid digit"), "{}", error_of("limit=many"));
        assert!(error_of("status=done").contains("; status: unknown variant"), "{}", error_of("status=done"));
    }
}
