//! `tallyboard doctor`: checks the settings, the machine and the database, and says what to do about each finding.

use serde::Serialize;

use super::own_connection;
use tallyboard_base::config::Config;

mod assistant;
mod counters;
mod database;
mod machine;
mod sign_in;
mod smtp;

pub use counters::check_counters;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing to do.
    Ok,
    /// It works, but not as well as it should.
    Warning,
    /// It does not work, or data is in danger.
    Error,
}

/// The result of one check.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The subject of the check.
    pub check: &'static str,
    /// Its severity.
    pub level: Level,
    /// The result.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, message: message.into(), advice: None }
    }

    fn warning(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, level: Level::Warning, message: message.into(), advice: Some(advice.into()) }
    }

    fn error(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, level: Level::Error, message: message.into(), advice: Some(advice.into()) }
    }
}

/// Makes every check. Nothing is changed.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = machine::check(config);
    findings.push(smtp::check(config).await);
    findings.push(sign_in::check(config).await);
    findings.push(assistant::check(config).await);
    let pooler = database::pooler(config).await;
    // Through a transaction pooler nothing else can be found out.
    let is_in_the_way = pooler.as_ref().is_some_and(|finding| finding.level == Level::Error);
    findings.extend(pooler);
    if is_in_the_way {
        return findings;
    }
    match own_connection(&config.database).await {
        Ok(connection) => findings.extend(database::check(config, connection).await),
        Err(error) => findings.push(Finding::error(
            "database",
            format!("{} cannot be opened: {error}", config.database.masked_url()),
            "Check database.url; a new database is made by the first start of the server",
        )),
    }
    findings
}
