//! How the rest of the server talks to the task that owns the listening connection.

use std::sync::{PoisonError, RwLock};

use tokio::sync::{mpsc, oneshot};

/// A request to the task that owns the listening connection: answered when every notification that
/// PostgreSQL sent before it has been applied.
pub(super) type SyncRequest = oneshot::Sender<()>;

/// Where the listening connection takes [`SyncRequest`]s; empty while there is no such connection.
#[derive(Default)]
pub struct ListenConnection(RwLock<Option<mpsc::UnboundedSender<SyncRequest>>>);

impl ListenConnection {
    pub(super) fn open(&self) -> mpsc::UnboundedReceiver<SyncRequest> {
        let (sender, requests) = mpsc::unbounded_channel();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        requests
    }

    pub(super) fn close(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Where to send a request, while there is a connection.
    pub(super) fn sender(&self) -> Option<mpsc::UnboundedSender<SyncRequest>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
