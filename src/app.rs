//! The server's state, shared by all handlers.

use std::sync::Arc;

use crate::{
    auth::Auth, config::Config, db::Database, live::Hub, statistics::service::StatisticsCache, ui::assets::Assets,
};

/// State shared by all handlers. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
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
