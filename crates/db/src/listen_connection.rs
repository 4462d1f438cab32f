//! How the rest of the server talks to the task that owns the listening connection.

use std::sync::{PoisonError, RwLock};

use tokio::sync::{Notify, mpsc, oneshot};

/// A request to the task that owns the listening connection: answered when every notification that
/// PostgreSQL sent before it has been applied.
pub(super) type SyncRequest = oneshot::Sender<()>;

/// Reaches the task that owns the listening connection.
#[derive(Default)]
pub struct ListenConnection {
    /// Where it takes [`SyncRequest`]s; empty while there is no connection.
    requests: RwLock<Option<mpsc::UnboundedSender<SyncRequest>>>,
    renewal: Notify,
}

impl ListenConnection {
    pub(super) fn open(&self) -> mpsc::UnboundedReceiver<SyncRequest> {
        let (sender, requests) = mpsc::unbounded_channel();
        *self.requests.write().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        requests
    }

    pub(super) fn close(&self) {
        *self.requests.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Where to send a request, while there is a connection.
    pub(super) fn sender(&self) -> Option<mpsc::UnboundedSender<SyncRequest>> {
        self.requests.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has the connection replaced by another: the other instances notice, and refetch.
    pub(super) fn renew(&self) {
        self.renewal.notify_one();
    }

    /// Waits for [`ListenConnection::renew`].
    pub(super) async fn renewed(&self) {
        self.renewal.notified().await;
    }
}
