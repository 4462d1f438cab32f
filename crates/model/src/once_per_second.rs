//! Keeps what happens to every request at once, such as an outage of the database, to one log line a second.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The lines of one kind.
#[derive(Debug, Default)]
pub struct OncePerSecond(Mutex<(Option<Instant>, u64)>);

impl OncePerSecond {
    /// No line has been written yet.
    pub const fn new() -> Self {
        Self(Mutex::new((None, 0)))
    }

    /// How many lines were skipped since the last one, when the next may be written; `None` when it has to be skipped.
    pub fn next(&self) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, skipped) = &mut *state;
        if last.is_some_and(|last| last.elapsed() < Duration::from_secs(1)) {
            *skipped += 1;
            return None;
        }
        *last = Some(Instant::now());
        Some(std::mem::take(skipped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_one_second_are_one_line_and_a_count() {
        let lines = OncePerSecond::new();
        assert_eq!(lines.next(), Some(0));
        assert_eq!((lines.next(), lines.next()), (None, None));
        lines.0.lock().unwrap_or_else(PoisonError::into_inner).0 = None;
        assert_eq!(lines.next(), Some(2));
    }
}
