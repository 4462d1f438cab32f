//! The OAuth 2.1 authorization server: how an app elsewhere gets a token for `/mcp` by a person's yes.
//!
//! The protocol's rules are oauth-as': codes with PKCE, rotation of refresh tokens and what their reuse means, devices,
//! registration, revocation, audiences. Here are its storage (`records`), who a client is (`clients`), the pages on
//! which people say yes (`page`, `views`), and the routes (`rest`). oxide-auth was looked at: it has no rotation,
//! registration, devices or resource indicators.

use std::time::{Duration, SystemTime};

use axum::http::HeaderMap;
use oauth_as::{
    cimd::CimdPolicy,
    events::{Event, EventSink},
    grant::GrantType,
    registration::{RegistrationAttempt, RegistrationConfig, RegistrationDecision, RegistrationPolicy},
    scope::ScopeSet,
    server::{AuthorizationServer, ServerConfig},
    store::Storage,
};

use records::Records;
use tallyboard_core::{app::AppState, auth::public_url};
use tallyboard_db::Database;
use tallyboard_model::paths;

pub mod clients;
mod fetch;
pub mod records;
pub mod requests;
pub mod rest;
mod rotation;
mod sealed;
mod store;
pub mod stored;

pub use store::{Record, RecordKind};

/// How long an access token is valid.
const ACCESS_LIFETIME: Duration = Duration::from_secs(3600);
/// How long a code is valid: a browser is redirected at once.
const CODE_LIFETIME: Duration = Duration::from_secs(60);
/// How long a person has to type what a device shows.
const DEVICE_LIFETIME: Duration = Duration::from_secs(600);
/// How long a client that refreshes twice with one token gets the same answer; later it means that the token was stolen.
const REFRESH_GRACE: Duration = Duration::from_secs(60);
/// The longest document that describes a client, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
/// The routes. What a client needs to know of them, it reads from the metadata.
pub const AUTHORIZE: &str = "/oauth/authorize";
const TOKEN: &str = "/oauth/token";
const REVOKE: &str = "/oauth/revoke";
const REGISTER: &str = "/oauth/register";
const DEVICE_AUTHORIZATION: &str = "/oauth/device_authorization";
/// Where people type what a device shows.
pub const DEVICE: &str = "/oauth/device";

/// All scopes: `write` includes `read`.
fn all_scopes() -> ScopeSet {
    ScopeSet::parse("read write").unwrap_or_else(|_| ScopeSet::empty())
}

/// What a client may be, whether it registers itself or has a document.
fn bounds(issuer: &str) -> RegistrationConfig {
    let mut bounds = RegistrationConfig::new();
    bounds.registration_endpoint = Some(format!("{issuer}{REGISTER}"));
    bounds.allowed_grant_types = vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode];
    bounds.allowed_scopes = all_scopes();
    bounds.management_enabled = false;
    bounds
}

/// What a document that describes a client may say.
fn document_policy(issuer: &str) -> CimdPolicy {
    let mut policy = CimdPolicy::new();
    policy.max_document_bytes = MAX_DOCUMENT_BYTES;
    // Programs on people's own computers are redirected to a port there.
    policy.redirect_uris_same_origin = false;
    policy.registration_bounds = bounds(issuer);
    policy
}

/// The authorization server, as this request reaches it.
pub fn server(app: &AppState, headers: &HeaderMap, redirect_uri: Option<&str>) -> AuthorizationServer<Records> {
    let issuer = public_url(app, headers);
    let at = |path: &str| Some(format!("{issuer}{path}"));
    let mut config = ServerConfig::new(issuer.clone(), format!("{issuer}{DEVICE}"));
    config.authorization_endpoint = at(AUTHORIZE);
    config.token_endpoint = at(TOKEN);
    config.revocation_endpoint = at(REVOKE);
    config.device_authorization_endpoint = at(DEVICE_AUTHORIZATION);
    config.registration = Some(Box::new(bounds(&issuer)));
    config.cimd = Some(Box::new(document_policy(&issuer)));
    config.scopes_supported = Some(vec!["read".to_owned(), "write".to_owned()]);
    config.allowed_resources = Some(Box::new([resource(&issuer).into_boxed_str()]));
    config.authorization_code_ttl = CODE_LIFETIME;
    config.access_token_ttl = ACCESS_LIFETIME;
    config.device_code_ttl = DEVICE_LIFETIME;
    // The page shows the code for comparison, whichever way it came.
    config.include_verification_uri_complete = true;
    config.issue_refresh_tokens = true;
    config.refresh_retry_window = REFRESH_GRACE;
    // Each use extends it; see `records`.
    config.refresh_token_ttl = Some(Duration::from_secs(30 * 24 * 3600));
    let records = Records::new(app.db.clone()).with_redirect(redirect_uri);
    AuthorizationServer::new(config, records)
        .with_event_sink(Box::new(SecurityLog))
        .with_registration_policy(Box::new(EverybodyMayRegister))
}

/// How often expired records are deleted.
const SWEEP_INTERVAL: Duration = Duration::from_secs(600);

/// Forgets what has expired, until the future is dropped.
pub async fn forget_expired_forever(db: Database) {
    let records = Records::new(db.clone());
    loop {
        db.awake().await;
        if let Err(error) = records.sweep_expired(SystemTime::now()).await {
            tracing::debug!(%error, "expired records of the authorization server were not deleted");
        }
        tokio::time::sleep(SWEEP_INTERVAL).await;
    }
}

/// The audience of every token: the MCP server.
pub fn resource(issuer: &str) -> String {
    format!("{issuer}{}", paths::MCP)
}

/// Registration only states a name; the person decides on the consent page. `rest` limits how often.
struct EverybodyMayRegister;

impl RegistrationPolicy for EverybodyMayRegister {
    fn authorize(&self, _: &RegistrationAttempt<'_>) -> RegistrationDecision {
        RegistrationDecision::Allow
    }
}

/// Stolen codes and tokens are lines of the security log.
struct SecurityLog;

impl EventSink for SecurityLog {
    fn on_event(&self, event: Event<'_>) {
        match event {
            Event::RefreshTokenReuseDetected { client_id, .. } => {
                tracing::warn!(target: "security", %client_id, "a refresh token was used twice: its app has to be connected again");
            }
            Event::AuthorizationCodeReplayDetected { client_id, .. } => {
                tracing::warn!(target: "security", %client_id, "an authorization code was used twice: its tokens are revoked");
            }
            _ => {}
        }
    }
}
