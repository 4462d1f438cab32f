//! Keeps answers that were requested before a local change from undoing it.
//!
//! A list shows a change at once and sends it to the server. A refetch that was sent before the change, or while
//! it is under way, may answer with the old rows: such an answer is discarded and the list is fetched again
//! when the change is done.

use leptos::prelude::*;

/// Counts the local changes of a list. Cheap to copy.
#[derive(Clone, Copy, Default)]
pub struct LocalChanges(StoredValue<State>);

#[derive(Default)]
struct State {
    /// The number of changes started or finished.
    version: u32,
    in_flight: u32,
    /// Requests the discarded refetch again.
    refetch: Option<Box<dyn Fn() + Send + Sync>>,
    /// Whether rows are missing that the server has.
    is_outdated: bool,
}

impl LocalChanges {
    /// None yet.
    pub fn new() -> Self {
        Self(StoredValue::new(State::default()))
    }

    /// A change was shown and is sent to the server.
    pub fn begin(self) {
        self.0.update_value(|state| {
            state.version += 1;
            state.in_flight += 1;
        });
    }

    /// The server has answered the change.
    pub fn end(self) {
        self.0.update_value(|state| {
            state.version += 1;
            state.in_flight = state.in_flight.saturating_sub(1);
            if state.in_flight == 0 && std::mem::take(&mut state.is_outdated) {
                state.refetch.iter().for_each(|refetch| refetch());
            }
        });
    }

    /// Sets what requests a refetch.
    pub fn on_discarded(self, refetch: impl Fn() + Send + Sync + 'static) {
        self.0.update_value(|state| state.refetch = Some(Box::new(refetch)));
    }

    /// Whether a change is under way, which outdates every answer. Then its end requests the refetch.
    pub fn postpone_refetch(self) -> bool {
        let postpones = self.0.try_update_value(|state| {
            state.is_outdated |= state.in_flight > 0;
            state.in_flight > 0
        });
        postpones.unwrap_or(true)
    }

    /// Nothing is fetched any more: the list has left the page. A change that is under way is still answered.
    pub fn dispose(self) {
        self.0.dispose();
    }

    /// Requests a refetch.
    pub fn refetch(self) {
        self.0.try_with_value(|state| state.refetch.iter().for_each(|refetch| refetch()));
    }

    /// The version to remember when a refetch is sent.
    pub fn version(self) -> u32 {
        self.0.try_with_value(|state| state.version).unwrap_or_default()
    }

    /// Whether the answer of a refetch that was sent at `version` can be shown. If not, another refetch is
    /// requested as soon as no change is under way.
    pub fn accepts(self, version: u32) -> bool {
        let accepts = self.0.try_update_value(|state| {
            let accepts = state.version == version && state.in_flight == 0;
            if !accepts {
                state.is_outdated = state.in_flight > 0;
                if !state.is_outdated {
                    state.refetch.iter().for_each(|refetch| refetch());
                }
            }
            accepts
        });
        accepts.unwrap_or(false)
    }
}
