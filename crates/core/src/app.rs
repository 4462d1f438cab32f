//! The server's state, shared by all handlers.

use std::{ops::Deref, sync::Arc};

use metrics_exporter_prometheus::PrometheusHandle;

use crate::{
    assets::Assets,
    auth::{Auth, oidc::IdentityProvider},
    live::Hub,
    mail::Mailer,
    model::ModelClient,
    ops::limits::Limits,
    statistics::service::StatisticsCache,
};
use tallyboard_base::{config::Config, in_flight::InFlight};
use tallyboard_db::Database;
use tallyboard_model::error::{Error, Result};

/// State shared by all handlers. axum clones it several times a request, so it is one pointer.
#[derive(Clone)]
pub struct AppState(Arc<AppStateInner>);

/// The shared state behind [`AppState`].
pub struct AppStateInner {
    /// The settings.
    pub config: Config,
    /// Opens transactions.
    pub db: Database,
    /// Accounts and sessions.
    pub auth: Arc<Auth>,
    /// The service whose accounts can sign in, when one is set up.
    pub identity_provider: Option<IdentityProvider>,
    /// Rate limits per user and address.
    pub limits: Limits,
    /// The requests that are being answered.
    pub in_flight: Arc<InFlight>,
    /// The statistics and their cache.
    pub statistics: StatisticsCache,
    /// The model that answers in conversations, when one is set up.
    pub model: Option<ModelClient>,
    /// Sends mails, when an SMTP server is set up.
    pub mail: Option<Mailer>,
    /// The WebSocket subscriptions.
    pub hub: Hub,
    /// Prometheus' metrics, when they are on.
    pub metrics: Option<PrometheusHandle>,
    /// The built scripts and styles.
    pub assets: Assets,
}

impl AppState {
    /// The state of one server.
    pub fn new(inner: AppStateInner) -> Self {
        Self(Arc::new(inner))
    }

    /// Rejects requests for mails on a server that doesn't send any; `field` names the request's field.
    ///
    /// # Errors
    /// 422 when the server sends no mail.
    pub fn check_sends_mail(&self, field: &'static str) -> Result<()> {
        if self.mail.is_some() {
            Ok(())
        } else {
            Err(Error::invalid(field, "cannot be used: this server sends no mail"))
        }
    }

    /// Has a mail sent at once that was put into the outbox.
    pub fn wake_mailer(&self) {
        if let Some(mailer) = &self.mail {
            mailer.wake();
        }
    }
}

impl Deref for AppState {
    type Target = AppStateInner;

    fn deref(&self) -> &AppStateInner {
        &self.0
    }
}
