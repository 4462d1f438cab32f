//! How many requests are being answered at once. Beyond the limit the server says so instead of letting everybody wait.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// The requests that are being answered.
#[derive(Debug)]
pub struct InFlight {
    most: usize,
    count: AtomicUsize,
}

impl InFlight {
    /// The limit on concurrent requests.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, count: AtomicUsize::new(0) })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    fn enter(&self) -> bool {
        let entered = self.count.fetch_add(1, Ordering::Relaxed) < self.most;
        if !entered {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        entered
    }
}

/// One request's permit to be among them.
#[derive(Debug)]
pub struct Permit {
    in_flight: Arc<InFlight>,
    is_held: AtomicBool,
}

impl Permit {
    /// A permit that is not held yet.
    pub fn new(in_flight: Arc<InFlight>) -> Self {
        Self { in_flight, is_held: AtomicBool::new(false) }
    }

    /// Acquires the permit; `false` when there are too many requests.
    pub fn try_acquire(&self) -> bool {
        let acquired = self.in_flight.enter();
        self.is_held.store(acquired, Ordering::Relaxed);
        acquired
    }

    /// Releases it for another request: this one is done, or waits for its client. Releasing twice is harmless.
    pub fn release(&self) {
        if self.is_held.swap(false, Ordering::Relaxed) {
            self.in_flight.count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_is_counted_once_whatever_happens_to_it() {
        let in_flight = InFlight::new(2);
        let [a, b, c] = [(); 3].map(|()| Permit::new(in_flight.clone()));
        assert!(a.try_acquire() && b.try_acquire() && !c.try_acquire());
        c.release();
        assert_eq!(in_flight.count(), 2);
        a.release();
        a.release();
        assert!(c.try_acquire() && !a.try_acquire());
        assert_eq!(in_flight.count(), 2);
    }
}
