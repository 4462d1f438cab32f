//! Live events as the browser reads them.

/// An event for a subscriber in the browser.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveUpdate {
    /// The socket is open: events arrive by themselves.
    Connected,
    /// The socket is closed: the page has to poll.
    Disconnected,
    /// Events may have been missed: fetch everything again.
    Refetch,
    /// An event.
    Event(LiveEvent),
}

/// An event of the contract, as far as the browser reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveEvent {
    /// Its name in the contract.
    pub event_type: String,
    /// Its payload.
    pub data: EventData,
}

/// The payload of an event; absent fields have their default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the contract's own names
pub struct EventData {
    pub task_id: Option<String>,
    pub team_id: Option<String>,
    pub conversation_id: Option<String>,
    pub message_id: Option<String>,
    pub text: String,
    pub offset: usize,
    pub total_tasks: u64,
    pub pending_tasks: u64,
    pub completed_tasks: u64,
    pub shared_tasks: u64,
}

impl LiveEvent {
    /// Whether it concerns a task, or who can see one.
    pub fn is_about_tasks(&self) -> bool {
        self.event_type.starts_with("task") || self.event_type == "team_changed"
    }
}
