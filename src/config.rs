//! Leptos.toml and the environment, made into a [`Config`]. What is unknown or wrong stops the
//! start with a message that names the setting and where it came from.

use std::{
    collections::BTreeMap,
    env, fmt, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use toml::{Table, Value};

/// Leptos.toml as it ships: every setting with its default.
const DEFAULTS: &str = include_str!("../Leptos.toml");
const PREFIX: &str = "TALLYBOARD_";

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
    /// `[dashboard]`
    pub dashboard: DashboardConfig,
    /// `[audit]`
    pub audit: AuditConfig,
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
}

impl DatabaseConfig {
    /// How long to wait for a connection.
    pub fn acquire_timeout(&self) -> Duration {
        Duration::from_secs(self.acquire_timeout_seconds)
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
    /// The key that signs tokens; `None`: kept in the data folder.
    #[serde(deserialize_with = "empty_is_none")]
    pub signing_key: Option<String>,
    /// How long a sign-in lasts.
    pub session_hours: u32,
    /// Whether anybody may make an account.
    pub allow_signup: bool,
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

/// The audit log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditConfig {
    /// How long a row is kept.
    pub keep_days: u32,
}

/// What the log says and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// A level or a filter.
    pub level: String,
    /// Its form.
    pub format: LogFormat,
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
    /// Reads `path` (fine when missing, unless `required`) and the process's environment.
    pub fn load(path: &Path, required: bool) -> Result<Self, ConfigError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !required => String::new(),
            Err(error) => return Err(ConfigError(format!("{}: {error}", path.display()))),
        };
        Self::from_parts(&text, &path.display().to_string(), env::vars())
    }

    /// The same from text and a list of variables.
    pub fn from_parts(
        text: &str,
        file: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let defaults: Table = DEFAULTS.parse().map_err(|error| ConfigError(format!("Leptos.toml: {error}")))?;
        let given: Table = text.parse().map_err(|error| ConfigError(format!("{file}: {error}")))?;
        let mut settings = Settings { values: defaults.clone(), origins: BTreeMap::new() };
        for (key, value) in flatten(&given) {
            settings.set(&key, value, file.to_owned());
        }
        settings.read_environment(&defaults, variables)?;
        settings.finish()
    }

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
            return wrong("dashboard.cache_ttl_seconds", "has to be from 0 to 5: older numbers would be untrue");
        }
        if !(1..=3600).contains(&self.dashboard.poll_seconds) {
            return wrong("dashboard.poll_seconds", "has to be from 1 to 3600");
        }
        if self.database.max_connections == 0 || self.database.max_readers == 0 {
            return wrong("database.max_connections", "has to be at least 1, as has max_readers");
        }
        if !(1..=36_500).contains(&self.audit.keep_days) {
            return wrong("audit.keep_days", "has to be from 1 to 36500");
        }
        let url = self.server.public_url.trim_end_matches('/').to_owned();
        if !url.is_empty() && !url.starts_with("https://") && !url.starts_with("http://") {
            return wrong("server.public_url", "has to begin with https:// or http://");
        }
        self.server.public_url = url;
        if self.log.level.parse::<tracing_subscriber::EnvFilter>().is_err() {
            return wrong("log.level", "is neither a level nor a filter");
        }
        Ok(self)
    }
}

/// Values by section, and where each came from.
struct Settings {
    values: Table,
    origins: BTreeMap<String, String>,
}

impl Settings {
    fn set(&mut self, key: &str, value: Value, origin: String) {
        self.origins.insert(key.to_owned(), origin);
        match key.split_once('.') {
            None => {
                self.values.insert(key.to_owned(), value);
            }
            Some((section, key)) => {
                let section = self.values.entry(section).or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(section) = section {
                    section.insert(key.to_owned(), value);
                }
            }
        }
    }

    fn read_environment(
        &mut self,
        defaults: &Table,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        let known: BTreeMap<String, (String, Value)> = flatten(defaults)
            .into_iter()
            .map(|(key, value)| (format!("{PREFIX}{}", key.replace('.', "_").to_uppercase()), (key, value)))
            .collect();
        let mut variables: Vec<_> = variables.into_iter().collect();
        // Our own names after the standard ones, so that they win.
        variables.sort_by_key(|(name, _)| name.starts_with(PREFIX));
        for (name, text) in variables {
            let (variable, text) = match name.strip_suffix("_FILE").filter(|stem| known.contains_key(*stem)) {
                Some(stem) => {
                    let content =
                        fs::read_to_string(&text).map_err(|error| ConfigError(format!("{name}: {text}: {error}")))?;
                    (stem.to_owned(), content.trim_end().to_owned())
                }
                None => (name.clone(), text),
            };
            let setting = match variable.as_str() {
                "DATABASE_URL" => known.get("TALLYBOARD_DATABASE_URL"),
                "LEPTOS_SITE_ADDR" => known.get("TALLYBOARD_SERVER_ADDRESS"),
                own if own.starts_with(PREFIX) => match known.get(own) {
                    None => return Err(ConfigError(format!("{name}: there is no such setting"))),
                    found => found,
                },
                _ => None,
            };
            if let Some((key, default)) = setting {
                let value = typed(&text, default).ok_or_else(|| {
                    ConfigError(format!("{name}: {key} has to be a {}, not {text:?}", default.type_str()))
                })?;
                self.set(key, value, name);
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Config, ConfigError> {
        let origins = self.origins;
        let blame = |key: &str, why: &str| {
            let origin = origins.get(key).map_or("Leptos.toml", String::as_str);
            ConfigError(format!("{origin}: {key}: {why}"))
        };
        let config: Config = serde_path_to_error::deserialize(Value::Table(self.values)).map_err(|error| {
            let why = error.inner().message().to_owned();
            // An unknown key is named by the message; its path stops at the section or is the key.
            let mut key = error.path().to_string();
            if let Some(unknown) = why.split('`').nth(1).filter(|_| why.starts_with("unknown field")) {
                key = match key.as_str() {
                    "." => unknown.to_owned(),
                    key if key.ends_with(unknown) => key.to_owned(),
                    section => format!("{section}.{unknown}"),
                };
            }
            blame(&key, &why)
        })?;
        config.check().map_err(|(key, why)| blame(&key, &why))
    }
}

fn flatten(table: &Table) -> Vec<(String, Value)> {
    let mut flat = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(section) => {
                flat.extend(section.iter().map(|(inner, value)| (format!("{key}.{inner}"), value.clone())));
            }
            value => flat.push((key.clone(), value.clone())),
        }
    }
    flat
}

fn typed(text: &str, like: &Value) -> Option<Value> {
    Some(match like {
        Value::Boolean(_) => Value::Boolean(text.parse().ok()?),
        Value::Integer(_) => Value::Integer(text.parse().ok()?),
        _ => Value::String(text.to_owned()),
    })
}

fn empty_is_none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(String::deserialize(deserializer)?).filter(|text| !text.is_empty()))
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
    fn credentials_are_masked() {
        let config = load("", &[("DATABASE_URL", "postgres://me:secret@db.example/x?sslmode=verify-full")]).unwrap();
        assert_eq!(config.database.masked_url(), "postgres://me:***@db.example/x?sslmode=verify-full");
    }

    /// cargo-leptos reads Cargo.toml, the server reads Leptos.toml: where they name the same thing
    /// they have to agree.
    #[test]
    fn cargo_toml_and_leptos_toml_agree() {
        let manifest: Table = include_str!("../Cargo.toml").parse().unwrap();
        let leptos = &manifest["package"]["metadata"]["leptos"];
        let config = load("", &[]).unwrap();
        assert_eq!(leptos["site-addr"].as_str(), Some(config.server.address.to_string().as_str()));
        assert_eq!(leptos["site-root"].as_str(), Some(config.server.site_root.as_str()));
    }
}
