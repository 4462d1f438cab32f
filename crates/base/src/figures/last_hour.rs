//! The figures of the last hour, minute by minute.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use hdrhistogram::Histogram;
use serde::Serialize;
use utoipa::ToSchema;

use super::{CACHE_HITS, CACHE_MISSES};

const MINUTES: usize = 60;

/// The last minutes, oldest first.
pub struct LastHour {
    started: Instant,
    started_at: DateTime<Utc>,
    minutes: VecDeque<Minute>,
}

struct Minute {
    /// Since the start of the process.
    number: u64,
    /// In microseconds, two digits exact.
    requests: Histogram<u32>,
    total: Duration,
    slow_queries: BTreeMap<String, (u64, Duration)>,
    /// The sums at its beginning.
    hits_before: u64,
    misses_before: u64,
}

/// What this instance did in the last hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct Performance {
    /// The beginning of the figures: an hour ago, or the start of the server.
    since: DateTime<Utc>,
    requests: Requests,
    cache: CacheReads,
    /// The queries that took longer than `log.slow_query_ms`, slowest first.
    slow_queries: Vec<SlowQuery>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Requests {
    count: u64,
    average_ms: f64,
    /// The 95th percentile.
    p95_ms: f64,
}

/// The hits and misses of the statistics cache.
#[derive(Debug, Serialize, ToSchema)]
struct CacheReads {
    hits: u64,
    misses: u64,
}

/// A query that was slow.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlowQuery {
    /// The function that it is in.
    name: String,
    count: u64,
    max_ms: f64,
}

impl Default for LastHour {
    fn default() -> Self {
        Self { started: Instant::now(), started_at: Utc::now(), minutes: VecDeque::new() }
    }
}

impl LastHour {
    /// The current minute; minutes that are an hour old are forgotten. `None` if there's no slot for it.
    fn minute(&mut self) -> Option<&mut Minute> {
        let number = self.started.elapsed().as_secs() / 60;
        self.forget_before(number);
        if self.minutes.back().is_none_or(|minute| minute.number != number) {
            self.minutes.push_back(Minute {
                number,
                requests: Histogram::new(2).ok()?,
                total: Duration::ZERO,
                slow_queries: BTreeMap::new(),
                hits_before: CACHE_HITS.load(Ordering::Relaxed),
                misses_before: CACHE_MISSES.load(Ordering::Relaxed),
            });
        }
        self.minutes.back_mut()
    }

    fn forget_before(&mut self, number: u64) {
        while self.minutes.front().is_some_and(|minute| minute.number + MINUTES as u64 <= number) {
            self.minutes.pop_front();
        }
    }

    pub fn add_request(&mut self, elapsed: Duration) {
        if let Some(minute) = self.minute() {
            let _ = minute.requests.record(micros(elapsed).max(1));
            minute.total += elapsed;
        }
    }

    pub fn add_slow_query(&mut self, name: &str, elapsed: Duration) {
        if let Some(minute) = self.minute() {
            let (count, longest) = minute.slow_queries.entry(name.to_owned()).or_default();
            *count += 1;
            *longest = elapsed.max(*longest);
        }
    }

    pub fn performance(&mut self) -> Performance {
        let number = self.started.elapsed().as_secs() / 60;
        self.forget_before(number);
        let mut all = Histogram::<u64>::new(2).ok();
        let (mut total, mut slow) = (Duration::ZERO, BTreeMap::<&str, (u64, Duration)>::new());
        for minute in &self.minutes {
            for value in minute.requests.iter_recorded() {
                let _ =
                    all.as_mut().map(|all| all.record_n(value.value_iterated_to(), u64::from(value.count_at_value())));
            }
            total += minute.total;
            for (name, (count, longest)) in &minute.slow_queries {
                let (sum, max) = slow.entry(name).or_default();
                *sum += count;
                *max = (*longest).max(*max);
            }
        }
        let count = all.as_ref().map_or(0, Histogram::len);
        let p95 = all.as_ref().map_or(0, |all| all.value_at_quantile(0.95));
        let mut slow_queries: Vec<_> = slow
            .into_iter()
            .map(|(name, (count, longest))| SlowQuery { name: name.to_owned(), count, max_ms: milliseconds(longest) })
            .collect();
        slow_queries.sort_by(|one, other| other.max_ms.total_cmp(&one.max_ms));
        let (hits, misses) = (CACHE_HITS.load(Ordering::Relaxed), CACHE_MISSES.load(Ordering::Relaxed));
        let before = self.minutes.front().map_or((hits, misses), |first| (first.hits_before, first.misses_before));
        Performance {
            since: self.started_at.max(Utc::now() - TimeDelta::minutes(MINUTES as i64)),
            requests: Requests {
                count,
                average_ms: if count == 0 {
                    0.0
                } else {
                    milliseconds(total / u32::try_from(count).unwrap_or(u32::MAX))
                },
                p95_ms: milliseconds(Duration::from_micros(p95)),
            },
            cache: CacheReads { hits: hits - before.0, misses: misses - before.1 },
            slow_queries,
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// With three digits after the point.
fn milliseconds(time: Duration) -> f64 {
    micros(time) as f64 / 1000.0
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_those_of_the_last_hour() {
        let mut hour = LastHour::default();
        for milliseconds in 1..=100 {
            hour.add_request(Duration::from_millis(milliseconds));
        }
        hour.add_slow_query("tasks::store::list", Duration::from_millis(300));
        hour.add_slow_query("tasks::store::list", Duration::from_millis(200));
        let found = hour.performance();
        assert_eq!(found.requests.count, 100);
        assert!((found.requests.average_ms - 50.5).abs() < 0.01, "{found:?}");
        assert!((94.0..96.5).contains(&found.requests.p95_ms), "{found:?}");
        assert_eq!((found.slow_queries[0].count, found.slow_queries[0].max_ms), (2, 300.0));
        // An hour later nothing of it is left.
        hour.started = hour.started.checked_sub(Duration::from_secs(3600)).unwrap();
        assert_eq!(hour.performance().requests.count, 0);
    }
}
