//! Leptos.toml and the environment, made into a [`Config`]. What is unknown or wrong stops the
//! start with a message that names the setting and where it came from.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use serde::Deserialize;

mod assistant;
mod limits;
mod mail;
mod oidc;
mod origin;
mod retention;
mod settings;

pub use assistant::{AssistantConfig, LEAST_CONTEXT_TOKENS};
pub use limits::LimitsConfig;
pub use mail::{Encryption, MailConfig, is_this_machine};
pub use oidc::OidcConfig;
pub use retention::{BackupConfig, RetentionConfig};

/// Every setting.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The folder for the SQLite database and the signing key.
    pub data_dir: PathBuf,
    /// `[server]`
    pub server: ServerConfig,
    /// `[database]`
    pub database: DatabaseConfig,
    /// `[auth]`
    pub auth: AuthConfig,
    /// `[limits]`
    pub limits: LimitsConfig,
    /// `[sharing]`
    pub sharing: SharingConfig,
    /// `[dashboard]`
    pub dashboard: DashboardConfig,
    /// `[assistant]`
    pub assistant: AssistantConfig,
    /// `[mail]`
    pub mail: MailConfig,
    /// `[oidc]`
    pub oidc: OidcConfig,
    /// `[audit]`
    pub audit: RetentionConfig,
    /// `[trash]`
    pub trash: RetentionConfig,
    /// `[backup]`
    pub backup: BackupConfig,
    /// `[metrics]`
    pub metrics: MetricsConfig,
    /// `[log]`
    pub log: LogConfig,
}

/// Where the server listens and what it is called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port.
    pub address: SocketAddr,
    /// The outside address; empty when there is none.
    pub public_url: String,
    /// The folder with the built scripts and styles.
    pub site_root: String,
    /// The proxies that are trusted to state the client's address.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// The other sites whose pages may call the API.
    pub cors_origins: Vec<String>,
}

impl ServerConfig {
    /// Whether people reach it by https.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// Which database, and how many connections to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:` or `postgres:`.
    pub url: String,
    /// Past a pooler.
    #[serde(deserialize_with = "empty_is_none")]
    pub direct_url: Option<String>,
    /// PostgreSQL connections.
    pub max_connections: u32,
    /// SQLite readers.
    pub max_readers: u32,
    acquire_timeout_seconds: u64,
    /// Whether background work uses the database while nobody uses the board.
    pub keep_awake: bool,
}

impl DatabaseConfig {
    /// How long to wait for a connection.
    pub fn acquire_timeout(&self) -> Duration {
        Duration::from_secs(self.acquire_timeout_seconds)
    }

    /// Whether the URL names a SQLite database.
    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// The URL past a pooler.
    pub fn url_past_pooler(&self) -> &str {
        self.direct_url.as_deref().unwrap_or(&self.url)
    }

    /// Another database with the same settings, or this one.
    #[must_use]
    pub fn with_url(&self, url: String) -> Self {
        let direct_url = self.direct_url.clone().filter(|_| url == self.url);
        Self { url, direct_url, ..self.clone() }
    }

    /// The URL without its password.
    pub fn masked_url(&self) -> String {
        match (self.url.split_once("://"), self.url.rsplit_once('@')) {
            (Some((scheme, _)), Some((credentials, rest))) => {
                let user = credentials.trim_start_matches(scheme).trim_start_matches("://");
                let user = user.split(':').next().unwrap_or_default();
                format!("{scheme}://{user}:***@{rest}")
            }
            _ => self.url.clone(),
        }
    }
}

/// Accounts and sessions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// The key that signs tokens; `None` to keep it in the data folder.
    #[serde(deserialize_with = "empty_is_none")]
    pub signing_key: Option<String>,
    /// How long a sign-in lasts.
    pub session_hours: u32,
    /// Whether anybody may create an account.
    pub allow_signup: bool,
}

/// Adding people to teams and sharing tasks with them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharingConfig {
    /// Whether people confirm before they join a team or get a share.
    pub acceptance: Acceptance,
}

/// Which people are invited and have to accept, and which are added at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Acceptance {
    /// Nobody; it takes effect immediately.
    Off,
    /// People who have no team and no share in common with the sender.
    Strangers,
}

/// The dashboard's freshness.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DashboardConfig {
    /// How long numbers may be served from memory.
    pub cache_ttl_seconds: u64,
    /// How often a browser asks.
    pub poll_seconds: u32,
}

/// Prometheus' metrics.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// Where they are served to everybody.
    #[serde(deserialize_with = "empty_is_none")]
    pub address: Option<String>,
    /// The token for requests at the server's own address.
    #[serde(deserialize_with = "empty_is_none")]
    pub token: Option<String>,
}

impl MetricsConfig {
    /// Whether somebody wants them.
    pub fn is_on(&self) -> bool {
        self.address.is_some() || self.token.is_some()
    }
}

/// The log's level and format.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// A level or a filter.
    pub level: String,
    /// Its form.
    pub format: LogFormat,
    slow_query_ms: u64,
}

impl LogConfig {
    /// Queries that take longer are logged.
    pub fn slow_query(&self) -> Duration {
        Duration::from_millis(self.slow_query_ms)
    }
}

/// The log's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// A setting that can't be used.
#[derive(Debug)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// The folder for backups.
    pub fn backup_folder(&self) -> PathBuf {
        if self.backup.folder.is_empty() { self.data_dir.join("backups") } else { PathBuf::from(&self.backup.folder) }
    }

    /// The setting that cannot be used, and why.
    fn check(mut self) -> Result<Self, (String, String)> {
        let wrong = |key: &str, why: &str| Err((key.to_owned(), why.to_owned()));
        if self.database.url.is_empty() {
            self.database.url = format!("sqlite://{}", self.data_dir.join("tallyboard.db").display());
        }
        let schemes = ["sqlite:", "postgres:", "postgresql:"];
        if !schemes.iter().any(|scheme| self.database.url.starts_with(scheme)) {
            return wrong("database.url", "has to begin with sqlite:// or postgres://");
        }
        if self.auth.signing_key.as_ref().is_some_and(|key| key.len() < 32) {
            return wrong("auth.signing_key", "has to be at least 32 bytes long");
        }
        if !(1..=8760).contains(&self.auth.session_hours) {
            return wrong("auth.session_hours", "has to be from 1 to 8760");
        }
        if self.dashboard.cache_ttl_seconds > 5 {
            return wrong("dashboard.cache_ttl_seconds", "has to be from 0 to 5: older numbers would be wrong");
        }
        if !(1..=3600).contains(&self.dashboard.poll_seconds) {
            return wrong("dashboard.poll_seconds", "has to be from 1 to 3600");
        }
        if self.database.max_connections == 0 || self.database.max_readers == 0 {
            return wrong("database.max_connections", "has to be at least 1, as has max_readers");
        }
        if let Err((key, why)) = self.assistant.check() {
            return wrong(key, why);
        }
        for (key, kept) in [("audit.keep_days", &self.audit), ("trash.keep_days", &self.trash)] {
            if !(1..=36_500).contains(&kept.keep_days) {
                return wrong(key, "has to be from 1 to 36500");
            }
        }
        if self.backup.keep == 0 || !(1..=36_500).contains(&self.backup.keep_days) {
            return wrong("backup.keep", "has to be at least 1, and keep_days from 1 to 36500");
        }
        if self.metrics.address.as_deref().is_some_and(|address| address.parse::<SocketAddr>().is_err()) {
            return wrong("metrics.address", "has to be an address and a port, like 127.0.0.1:9464");
        }
        if self.metrics.token.as_ref().is_some_and(|token| token.len() < 16) {
            return wrong("metrics.token", "has to be at least 16 characters long");
        }
        if !self.server.public_url.is_empty() {
            match origin::normalised(&self.server.public_url) {
                Ok(origin) => self.server.public_url = origin,
                Err(why) => return wrong("server.public_url", &why),
            }
        }
        if let Err((key, why)) = self.mail.check(&self.server.public_url) {
            return wrong(key, why);
        }
        if let Err((key, why)) = self.oidc.check(&self.server.public_url) {
            return wrong(key, why);
        }
        for allowed in &mut self.server.cors_origins {
            match origin::normalised(allowed) {
                Ok(origin) => *allowed = origin,
                Err(why) => return wrong("server.cors_origins", &format!("{allowed}: {why}")),
            }
        }
        if self.log.level.parse::<tracing_subscriber::EnvFilter>().is_err() {
            return wrong("log.level", "isn't a log level or a filter");
        }
        Ok(self)
    }
}

fn empty_is_none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(String::deserialize(deserializer)?).filter(|text| !text.is_empty()))
}

/// Networks like 10.0.0.0/8; a single address is a network of one.
fn networks<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let read = |text: String| {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map_err(|_| serde::de::Error::custom(format!("{text:?} isn't an address or a network like 10.0.0.0/8")))
    };
    Vec::<String>::deserialize(deserializer)?.into_iter().map(read).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Config::from_parts(text, "my.toml", variables).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_hold_when_nothing_is_given() {
        let config = load("", &[]).unwrap();
        assert_eq!(config.server.address.to_string(), "127.0.0.1:3000");
        assert_eq!(config.database.url, "sqlite://./data/tallyboard.db");
        assert_eq!((config.dashboard.cache_ttl_seconds, config.dashboard.poll_seconds), (5, 5));
    }

    #[test]
    fn the_environment_wins_over_the_file_and_our_names_over_the_standard_ones() {
        let variables = [("TALLYBOARD_SERVER_ADDRESS", "127.0.0.1:2"), ("LEPTOS_SITE_ADDR", "127.0.0.1:3")];
        let config = load("[server]\naddress = \"127.0.0.1:1\"", &variables).unwrap();
        assert_eq!(config.server.address.port(), 2);
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_origin() {
        assert!(
            load("[server]\nadress = \"x\"", &[]).unwrap_err().starts_with("my.toml: server.adress: unknown field")
        );
        assert!(load("nonsense = 1", &[]).unwrap_err().starts_with("my.toml: nonsense: unknown field"));
        let error = load("", &[("TALLYBOARD_AUTH_SESSION_HOURS", "soon")]).unwrap_err();
        assert!(error.starts_with("TALLYBOARD_AUTH_SESSION_HOURS: auth.session_hours has to be a integer"), "{error}");
        let error = load("", &[("TALLYBOARD_SERVER_PORT", "1")]).unwrap_err();
        assert_eq!(error, "TALLYBOARD_SERVER_PORT: there is no such setting");
        let error = load("", &[("TALLYBOARD_AUTH_SIGNING_KEY", "short")]).unwrap_err();
        assert_eq!(error, "TALLYBOARD_AUTH_SIGNING_KEY: auth.signing_key: has to be at least 32 bytes long");
        let error = load("", &[("TALLYBOARD_DASHBOARD_CACHE_TTL_SECONDS", "60")]).unwrap_err();
        assert!(error.contains("cache_ttl_seconds: has to be from 0 to 5"), "{error}");
    }

    #[test]
    fn a_list_from_the_environment_is_separated_by_commas() {
        let config = load("", &[("TALLYBOARD_SERVER_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1")]).unwrap();
        assert_eq!(config.server.trusted_proxies.len(), 2);
        let error = load("[server]\ntrusted_proxies = [\"10.0.0.0/40\"]", &[]).unwrap_err();
        assert!(error.contains("trusted_proxies") && error.contains("isn't an address or a network"), "{error}");
        let error = load("[server]\ncors_origins = [\"*\"]", &[]).unwrap_err();
        assert!(error.contains("server.cors_origins: *: has to be the address of a server"), "{error}");
        let error = load("[limits]\nwrong_passwords = 0", &[]).unwrap_err();
        assert!(error.contains("limits.wrong_passwords"), "{error}");
    }

    #[test]
    fn credentials_are_masked() {
        let config = load("", &[("DATABASE_URL", "postgres://me:secret@db.example/x?sslmode=verify-full")]).unwrap();
        assert_eq!(config.database.masked_url(), "postgres://me:***@db.example/x?sslmode=verify-full");
    }

    /// cargo-leptos reads Cargo.toml, the server reads Leptos.toml: where they name the same thing
    /// they have to agree.
    #[test]
    fn cargo_toml_and_leptos_toml_agree() {
        let manifest: toml::Table = include_str!("../../../../Cargo.toml").parse().unwrap();
        let leptos = &manifest["package"]["metadata"]["leptos"];
        let config = load("", &[]).unwrap();
        assert_eq!(leptos["site-addr"].as_str(), Some(config.server.address.to_string().as_str()));
        // Empty: the folder that cargo-leptos builds (`release::DEFAULT_SITE_ROOT`).
        assert_eq!((leptos["site-root"].as_str(), config.server.site_root.as_str()), (Some("target/site"), ""));
    }
}
