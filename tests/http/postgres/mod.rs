//! PostgreSQL as people get it: an ordinary owner on every version, its own role for each database, transaction poolers,
//! restarts, and settings that don't fit.

mod environment;
mod outages;
mod pgbouncer;
mod poolers;
mod restarts;
mod roles;
mod without_role;

use std::{
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;

use crate::support::{Kind, Server};

/// The superuser of the tests' cluster.
pub fn admin_url() -> String {
    std::env::var("TEST_POSTGRES_ADMIN_URL").expect("TEST_POSTGRES_ADMIN_URL: run the tests with `make test-rust`")
}

/// Runs statements one by one as the superuser, in the database of `url` or in `postgres`.
pub async fn as_admin(url: Option<&str>, statements: &[String]) {
    let mut connection = PgConnection::connect(&as_admin_url(url)).await.unwrap();
    for statement in statements {
        connection
            .execute(AssertSqlSafe(statement.clone()))
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    connection.close().await.unwrap();
}

fn as_admin_url(url: Option<&str>) -> String {
    let admin = admin_url();
    match url {
        Some(url) => format!("{}/{}", admin.rsplit_once('/').unwrap().0, url.rsplit_once('/').unwrap().1),
        None => admin,
    }
}

/// A new owner with these rights, and an empty database of theirs with these options; the database's URL.
pub async fn database_of_new_owner(rights: &str, options: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("owner_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let statements = [
        format!("CREATE ROLE {name} LOGIN {rights}"),
        format!("CREATE DATABASE {name} OWNER {name} TEMPLATE template0 {options}"),
    ];
    as_admin(None, &statements).await;
    let admin = admin_url();
    let host = admin.split('@').nth(1).unwrap().split('/').next().unwrap();
    format!("postgres://{name}@{host}/{name}")
}

/// Whether the version distinguishes membership in a role and the right to set it.
pub async fn is_at_least_16(url: &str) -> bool {
    let version = "SELECT current_setting('server_version_num')::bigint";
    crate::support::scalar(url, version).await >= 160_000
}

/// A server on an existing database.
pub fn serve(url: &str, variables: &[(&str, &str)]) -> Server {
    Server::start_on(Kind::Postgres, TempDir::new().unwrap(), url.to_owned(), variables)
}

/// The same with its log in a file; the path.
pub fn serve_with_log(url: &str, variables: &[(&str, &str)]) -> (Server, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let file = Stdio::from(std::fs::File::create(&log).unwrap());
    let variables = [&[("TALLYBOARD_LOG_LEVEL", "warn")], variables].concat();
    (Server::start_with_log(folder, Kind::Postgres, url.to_owned(), &variables, file), log)
}

/// What the doctor found in one check: its level, and all that it says.
pub fn doctor(url: &str, variables: &[(&str, &str)], check: &str) -> (String, String) {
    let folder = TempDir::new().unwrap();
    let output = crate::support::binary(&folder)
        .args(["doctor", "--json"])
        .env("DATABASE_URL", url)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let findings = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let found = findings.into_iter().find(|finding| finding["check"] == check);
    let found = found.unwrap_or_else(|| panic!("no check {check}: {text}"));
    (found["level"].as_str().unwrap().to_owned(), found.to_string())
}
