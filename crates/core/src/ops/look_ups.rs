//! Failed look-ups. Trying many email addresses, in a share or a sign-up, would show which of them have accounts.

use std::{
    hash::Hash,
    time::{Duration, Instant},
};

use moka::{ops::compute::Op, sync::Cache};

/// For how long a failed look-up counts.
const WINDOW: Duration = Duration::from_secs(3600);
/// How many people and networks are remembered.
const MAX_ENTRIES: u64 = 100_000;

/// The failed look-ups of the last hour, by who asked.
pub struct LookUps<K> {
    limit: u32,
    failed: Cache<K, (u32, Instant)>,
}

impl<K: Copy + Eq + Hash + Send + Sync + 'static> LookUps<K> {
    /// Allows this many within an hour.
    pub fn new(limit: u32) -> Self {
        Self { limit, failed: Cache::builder().time_to_live(WINDOW).max_capacity(MAX_ENTRIES).build() }
    }

    /// How many within an hour.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// How long to wait before the next look-up.
    pub fn check(&self, who: K) -> Result<(), Duration> {
        match self.failed.get(&who) {
            Some((count, since)) if count >= self.limit => {
                let wait = WINDOW.saturating_sub(since.elapsed());
                if wait.is_zero() { Ok(()) } else { Err(wait) }
            }
            _ => Ok(()),
        }
    }

    /// Counts one that has found nobody, or that an address is taken.
    pub fn count(&self, who: K) {
        self.failed.entry(who).and_compute_with(|entry| match entry.map(|entry| *entry.value()) {
            Some((count, since)) if since.elapsed() < WINDOW => Op::Put((count + 1, since)),
            _ => Op::Put((1, Instant::now())),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_unsuccessful_lookups_have_to_wait() {
        let look_ups = LookUps::new(3);
        for _ in 0..3 {
            assert_eq!(look_ups.check(1), Ok(()));
            look_ups.count(1);
        }
        assert!(look_ups.check(1).is_err_and(|wait| wait <= WINDOW && wait > WINDOW / 2));
        assert_eq!(look_ups.check(2), Ok(()));
    }
}
