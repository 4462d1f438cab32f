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
    /// At most so many at once.
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

/// One request's place among them.
#[derive(Debug)]
pub struct Place {
    in_flight: Arc<InFlight>,
    is_taken: AtomicBool,
}

impl Place {
    /// A place that is not taken yet.
    pub fn new(in_flight: Arc<InFlight>) -> Self {
        Self { in_flight, is_taken: AtomicBool::new(false) }
    }

    /// Takes the place; `false` when there are too many.
    pub fn take(&self) -> bool {
        let taken = self.in_flight.enter();
        self.is_taken.store(taken, Ordering::Relaxed);
        taken
    }

    /// Gives the place to another request: this one is over, or waits for its client.
    pub fn give_up(&self) {
        if self.is_taken.swap(false, Ordering::Relaxed) {
            self.in_flight.count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_once_whatever_happens_to_it() {
        let in_flight = InFlight::new(2);
        let [a, b, c] = [(); 3].map(|()| Place::new(in_flight.clone()));
        assert!(a.take() && b.take() && !c.take());
        c.give_up();
        assert_eq!(in_flight.count(), 2);
        a.give_up();
        a.give_up();
        assert!(c.take() && !a.take());
        assert_eq!(in_flight.count(), 2);
    }
}
