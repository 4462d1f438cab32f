//! The server's state, shared by all handlers.

use std::{ops::Deref, sync::Arc};

use crate::{
    auth::Auth, config::Config, db::Database, live::Hub, statistics::service::StatisticsCache, ui::assets::Assets,
};

/// State shared by all handlers. axum clones it several times a request, so it is one pointer.
#[derive(Clone)]
pub struct AppState(Arc<AppStateInner>);

/// What [`AppState`] points to.
pub struct AppStateInner {
    /// The settings.
    pub config: Config,
    /// Opens transactions.
    pub db: Database,
    /// Accounts and sessions.
    pub auth: Arc<Auth>,
    /// The statistics and their cache.
    pub statistics: StatisticsCache,
    /// The WebSocket subscriptions.
    pub hub: Hub,
    /// The built scripts and styles.
    pub assets: Assets,
}

impl AppState {
    /// The state of one server.
    pub fn new(inner: AppStateInner) -> Self {
        Self(Arc::new(inner))
    }
}

impl Deref for AppState {
    type Target = AppStateInner;

    fn deref(&self) -> &AppStateInner {
        &self.0
    }
}
