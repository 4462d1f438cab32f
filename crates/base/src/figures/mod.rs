//! Figures of this process: how many requests, how long they took, which queries were slow.
//!
//! The last hour is always kept, for `GET /api/performance`. Prometheus' metrics cost more; they are recorded once
//! [`record_metrics`] was called. A metric's labels are routes, methods, states: never an id, a name or a path.

use std::{
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use metrics::{counter, histogram};

use last_hour::LastHour;
use tallyboard_model::once_per_second::OncePerSecond;

mod last_hour;

pub use last_hour::Performance;

/// Slower requests are logged.
pub const SLOW_REQUEST: Duration = Duration::from_secs(1);

static LAST_HOUR: LazyLock<Mutex<LastHour>> = LazyLock::new(Mutex::default);
static CACHE_HITS: AtomicU64 = AtomicU64::new(0);
static CACHE_MISSES: AtomicU64 = AtomicU64::new(0);
static HAS_METRICS: AtomicBool = AtomicBool::new(false);
/// In microseconds.
static SLOW_QUERY: AtomicU64 = AtomicU64::new(100_000);

fn last_hour<T>(use_it: impl FnOnce(&mut LastHour) -> T) -> T {
    use_it(&mut LAST_HOUR.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Queries that take longer are logged.
pub fn set_slow_query(limit: Duration) {
    SLOW_QUERY.store(u64::try_from(limit.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// From now on figures are recorded for Prometheus, too: a recorder was installed.
pub fn record_metrics() {
    HAS_METRICS.store(true, Ordering::Relaxed);
}

/// Whether somebody wants Prometheus' metrics.
pub fn has_metrics() -> bool {
    HAS_METRICS.load(Ordering::Relaxed)
}

/// A request was answered. `route` names the route, not the path, and is computed only when it's recorded.
pub fn request_answered(method: &str, route: impl FnOnce() -> String, status: u16, elapsed: Duration) {
    last_hour(|hour| hour.add_request(elapsed));
    if has_metrics() {
        let labels = [("method", method.to_owned()), ("route", route()), ("status", status.to_string())];
        histogram!("tallyboard_http_request_duration_seconds", &labels).record(elapsed);
    }
}

/// The numbers of a dashboard were in the cache, or not.
pub fn cache_read(was_hit: bool) {
    let (count, result) = if was_hit { (&CACHE_HITS, "hit") } else { (&CACHE_MISSES, "miss") };
    count.fetch_add(1, Ordering::Relaxed);
    if has_metrics() {
        counter!("tallyboard_statistics_cache_reads_total", "result" => result).increment(1);
    }
}

/// A transaction has ended.
pub fn transaction_ended(mode: &'static str, elapsed: Duration) {
    if has_metrics() {
        histogram!("tallyboard_database_transaction_duration_seconds", "mode" => mode).record(elapsed);
    }
}

/// An event was published to the sockets of this instance.
pub fn event_published(event_type: &str) {
    if has_metrics() {
        counter!("tallyboard_events_total", "type" => event_type.to_owned()).increment(1);
    }
}

/// Records the delay between another instance's notification and its arrival here.
pub fn change_arrived(lag: Duration) {
    if has_metrics() {
        histogram!("tallyboard_live_lag_seconds").record(lag);
    }
}

/// A backup has ended.
pub fn backup_ended(succeeded: bool) {
    if has_metrics() {
        counter!("tallyboard_backups_total", "result" => if succeeded { "success" } else { "failure" }).increment(1);
        if succeeded {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            metrics::gauge!("tallyboard_backup_last_success_timestamp_seconds").set(now.as_secs_f64());
        }
    }
}

/// An attempt to send a mail has ended.
pub fn count_mail(succeeded: bool) {
    if has_metrics() {
        counter!("tallyboard_mails_total", "result" => if succeeded { "success" } else { "failure" }).increment(1);
    }
}

/// The figures of the last hour, or since the start when that was later.
pub fn performance() -> Performance {
    last_hour(|hour| hour.performance())
}

/// The timing of a transaction's start, including the wait for a connection.
pub const BEGIN: &str = "db::begin";

/// Times a query until it is dropped, and reports it when it was slow: by its name, never by its values.
pub struct QueryTimer {
    /// The path of the function that it is in.
    name: &'static str,
    started: Instant,
}

impl QueryTimer {
    /// Begins.
    pub fn start(name: &'static str) -> Self {
        Self { name, started: Instant::now() }
    }
}

impl Drop for QueryTimer {
    fn drop(&mut self) {
        let elapsed = self.started.elapsed();
        if u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX) < SLOW_QUERY.load(Ordering::Relaxed) {
            return;
        }
        // In an outage every request waits for a connection and never gets one.
        static BEGINNINGS: OncePerSecond = OncePerSecond::new();
        let name = query_name(self.name);
        if self.name != BEGIN || BEGINNINGS.next().is_some() {
            tracing::warn!(target: "slow_query", query = name, milliseconds = elapsed.as_millis(), "a query was slow");
        }
        last_hour(|hour| hour.add_slow_query(&name, elapsed));
        if has_metrics() {
            counter!("tallyboard_slow_queries_total", "query" => name).increment(1);
        }
    }
}

/// `tallyboard_core::tasks::store::list::{{closure}}::here` is `tasks::store::list`.
fn query_name(path: &str) -> String {
    let path = path.strip_prefix("tallyboard_").and_then(|path| path.split_once("::")).map_or(path, |(_, path)| path);
    path.strip_suffix("::here").unwrap_or(path).replace("::{{closure}}", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_named_by_its_function() {
        async fn list() -> &'static str {
            fn here() {}
            std::any::type_name_of_val(&here)
        }
        let name = futures::executor::block_on(list());
        assert_eq!(query_name(name), "figures::tests::a_query_is_named_by_its_function::list");
    }
}
