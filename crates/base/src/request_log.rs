//! What the log lines of a request say about it: its id, method, path, peer and user.
//!
//! A tracing span would do the same, but is built for every request, logged or not: 5 % of a cached answer. Here the
//! request is kept beside its task and written only into lines that are logged.

use std::{
    fmt::{self, Write},
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::{Method, Uri};
use tokio::{task::JoinHandle, task_local};
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};
use uuid::Uuid;

use crate::in_flight::Permit;
use tallyboard_model::{id::UserId, language};

task_local! {
    static CURRENT: Arc<RequestInfo>;
}

/// The facts about a request.
pub struct RequestInfo {
    /// The `X-Request-Id` of the answer.
    pub id: Uuid,
    /// Its method.
    pub method: Method,
    /// Its address; only the path is logged.
    pub uri: Uri,
    /// The address of the client.
    pub peer: Option<IpAddr>,
    /// The signed-in user, once the token has been checked.
    pub user: OnceLock<UserId>,
    /// The name of the personal token that the user signed in with, if it was one.
    pub token: OnceLock<String>,
    /// When it arrived.
    pub started: Instant,
    /// How long it has waited for the database, in microseconds; work side by side counts twice.
    pub database_micros: AtomicU64,
    /// How long its page took to render, in microseconds.
    pub rendering_micros: AtomicU64,
    /// The request's permit to be answered, one of a limited number.
    pub permit: Permit,
    /// Whether a limit has counted it.
    pub is_counted: AtomicBool,
    /// The limit that it has met.
    pub rate_limit: OnceLock<RateLimit>,
}

/// A limit that a request has met.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// How many are allowed.
    pub limit: u32,
    /// When the next one is, in seconds.
    pub retry_after: u64,
}

/// Runs `work`; the log lines in it name the request.
pub async fn with_request<T>(info: Arc<RequestInfo>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(info, work).await
}

/// Spawns a task whose log lines name the same request, and which speaks its language.
pub fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    let work = language::in_current_scope(work);
    match CURRENT.try_with(Arc::clone) {
        Ok(info) => tokio::spawn(with_request(info, work)),
        Err(_) => tokio::spawn(work),
    }
}

/// The log lines that follow name this user and, if they used one, their personal token.
pub fn set_user(user: UserId, token: Option<&str>) {
    // Outside of a request there is no line to name the user in.
    let _ = CURRENT.try_with(|info| {
        let _ = info.user.set(user);
        if let Some(token) = token {
            let _ = info.token.set(token.to_owned());
        }
    });
}

/// Marks the current request as counted: `true` the first time, and always outside of a request.
pub fn count_once() -> bool {
    CURRENT.try_with(|info| !info.is_counted.swap(true, Ordering::Relaxed)).unwrap_or(true)
}

/// The answer of the current request says this limit in its headers.
pub fn set_rate_limit(limit: RateLimit) {
    let _ = CURRENT.try_with(|info| info.rate_limit.set(limit));
}

/// Adds time that the current request has waited for the database.
pub fn add_database_time(time: Duration) {
    let _ = CURRENT.try_with(|info| info.database_micros.fetch_add(micros(time), Ordering::Relaxed));
}

/// Adds time in which a page of the current request was rendered.
pub fn add_rendering_time(time: Duration) {
    let _ = CURRENT.try_with(|info| info.rendering_micros.fetch_add(micros(time), Ordering::Relaxed));
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The request that is being answered, to run other work as a part of it.
pub fn current() -> Option<Arc<RequestInfo>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Adds the request to each line of `inner`.
pub struct WithRequest<F> {
    /// Formats the rest of the line.
    pub inner: F,
    /// Whether a line is a JSON object.
    pub is_json: bool,
}

impl<S, N, F> FormatEvent<S, N> for WithRequest<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let Ok(info) = CURRENT.try_with(Arc::clone) else { return self.inner.format_event(context, writer, event) };
        let mut line = String::new();
        self.inner.format_event(context, Writer::new(&mut line), event)?;
        let line = line.trim_end();
        if self.is_json {
            writeln!(writer, "{},\"span\":{}}}", line.strip_suffix('}').unwrap_or(line), info.json())
        } else {
            writeln!(writer, "{line} {info}")
        }
    }
}

impl RequestInfo {
    /// The `Server-Timing` header: how long the answer took, and how much of it was the database and the rendering of
    /// the page.
    pub fn timing(&self) -> String {
        let mut text = format!("total;dur={:.2}", self.started.elapsed().as_secs_f64() * 1000.0);
        for (name, micros) in [("db", &self.database_micros), ("render", &self.rendering_micros)] {
            match micros.load(Ordering::Relaxed) {
                0 => {}
                micros => text.push_str(&format!(", {name};dur={:.2}", micros as f64 / 1000.0)),
            }
        }
        text
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "name": "request",
            "id": self.id,
            "method": self.method.as_str(),
            "path": self.uri.path(),
            "peer": self.peer,
            "user": self.user.get(),
            "token": self.token.get(),
        })
    }
}

impl fmt::Display for RequestInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request{{id={} method={} path={}", self.id, self.method, self.uri.path())?;
        if let Some(peer) = self.peer {
            write!(f, " peer={peer}")?;
        }
        if let Some(user) = self.user.get() {
            write!(f, " user={user}")?;
        }
        if let Some(token) = self.token.get() {
            write!(f, " token={token:?}")?;
        }
        f.write_char('}')
    }
}
