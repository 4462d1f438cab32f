//! Backups of PostgreSQL, by its own pg_dump and pg_restore.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use sqlx::{AssertSqlSafe, Connection as _, Executor, PgConnection, query_scalar};
use tokio::process::Command;
use url::Url;

use super::{Contents, Failure, restored_roles::RoleNames, row_counts, watched};
use crate::{
    own_connection,
    progress::{Progress, Unit},
};
use tallyboard_base::config::DatabaseConfig;
use tallyboard_db::{AppRole, OwnConnection, now, role::DatabaseInfo};

const NO_POSTGRES: &str = "the database is not PostgreSQL";

/// Where Debian and its relatives keep the programs of each version.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";

/// Writes a dump of the database to `to`.
pub async fn dump(
    config: &DatabaseConfig,
    mut connection: PgConnection,
    to: &Path,
    progress: &Progress,
) -> Result<Contents, Failure> {
    let major = server_version(&mut connection).await?;
    // The dump and our counts see the same moment.
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let snapshot: String = query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut connection).await?;
    let created_at = now();
    let bytes: i64 = query_scalar("SELECT pg_database_size(current_database())").fetch_one(&mut connection).await?;
    progress.step("Dumping the database", u64::try_from(bytes).unwrap_or_default(), Unit::Bytes);
    let mut dump = tool("pg_dump", major, config.url_past_pooler())?;
    // Compressed later, with the manifest. Row security would refuse the owner, too; app.system lifts it.
    dump.args(["--format=custom", "--compress=0", "--enable-row-security"]);
    dump.arg(format!("--snapshot={snapshot}")).arg("--file").arg(to);
    watched(to, progress, async { run(dump).await.map(drop) }).await?;
    let mut connection = OwnConnection::Postgres(connection);
    let contents =
        Contents { schema: connection.schema().await?, created_at, tables: row_counts(&mut connection).await? };
    connection.execute("COMMIT", "COMMIT").await?;
    // In order: a restore waits until nobody is connected.
    connection.close().await?;
    Ok(contents)
}

/// Checks that pg_restore can read a dump.
pub async fn check(file: &Path) -> Result<(), Failure> {
    // The newest reads the dumps of all.
    let newest = programs("pg_restore").pop().ok_or("pg_restore is not installed")?;
    let mut list = Command::new(newest.1);
    list.arg("--list").arg(file);
    run(list).await.map(drop)
}

/// Restores a dump into an empty database. What it grants to the app's role of its own database is granted to `role`, and what
/// was its owner's is ours: the dump may be from elsewhere.
pub async fn load(file: &Path, config: &DatabaseConfig, role: &AppRole) -> Result<(), Failure> {
    let OwnConnection::Postgres(mut connection) = own_connection(config).await? else { return Err(NO_POSTGRES.into()) };
    let major = server_version(&mut connection).await?;
    let owner = DatabaseInfo::of(&mut connection).await?.owner;
    connection.close().await?;

    let definitions = script(file, "pre-data", major).await?;
    let indexes = script(file, "post-data", major).await?;
    let names = RoleNames::of(&indexes, owner, role);
    run_script(config, &names.replace(&definitions)).await?;
    let mut restore = tool("pg_restore", major, config.url_past_pooler())?;
    restore.args(["--exit-on-error", "--no-owner", "--no-privileges", "--section=data"]).arg(file);
    run(restore).await?;
    run_script(config, &names.replace(&indexes)).await
}

/// One section of a dump as SQL, for a server of this version.
async fn script(file: &Path, section: &str, major: i32) -> Result<String, Failure> {
    let mut restore = Command::new(find("pg_restore", major).ok_or_else(|| missing("pg_restore", major))?);
    restore.args(["--no-owner", "--file=-"]).arg(format!("--section={section}")).arg(file);
    String::from_utf8(run(restore).await?).map_err(|_| "the dump is not UTF-8".into())
}

/// Runs SQL in a separate session: a dump's first lines set `search_path` and others.
async fn run_script(config: &DatabaseConfig, sql: &str) -> Result<(), Failure> {
    let OwnConnection::Postgres(mut connection) = own_connection(config).await? else { return Err(NO_POSTGRES.into()) };
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(connection.close().await?)
}

/// The major version of the server.
pub async fn server_version(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    query_scalar("SELECT current_setting('server_version_num')::integer / 10000").fetch_one(connection).await
}

/// One of PostgreSQL's programs, connected to this database. It has to be of the server's version or later.
fn tool(name: &str, major: i32, url: &str) -> Result<Command, Failure> {
    let program = find(name, major).ok_or_else(|| missing(name, major))?;
    let mut command = Command::new(program);
    let mut url = Url::parse(url)?;
    if let Some(password) = url.password() {
        // In the arguments every user of the machine could read it.
        let password = form_urlencoded::parse(format!("p={}", password.replace('+', "%2B")).as_bytes())
            .next()
            .map(|(_, password)| password.into_owned());
        command.env("PGPASSWORD", password.unwrap_or_default());
    }
    let _ = url.set_password(None);
    // sqlx's own parameters mean nothing to these programs.
    let kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| name.starts_with("ssl") || name == "host").collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    command.env("PGOPTIONS", "-c app.system=on").arg("--dbname").arg(url.as_str());
    Ok(command)
}

fn missing(name: &str, major: i32) -> String {
    format!("{name} of PostgreSQL {major} is missing: install postgresql-client-{major}")
}

/// The oldest program of at least this version.
fn find(name: &str, major: i32) -> Option<PathBuf> {
    programs(name).into_iter().find(|(version, _)| *version >= major).map(|(_, path)| path)
}

/// The programs of this name in Debian's folders and in the path, with their versions, oldest first.
fn programs(name: &str) -> Vec<(i32, PathBuf)> {
    let folders = std::fs::read_dir(DEBIAN_FOLDER).into_iter().flatten().filter_map(Result::ok);
    let versions = folders.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut found: Vec<(i32, PathBuf)> = versions
        .map(|version| (version, PathBuf::from(format!("{DEBIAN_FOLDER}/{version}/bin/{name}"))))
        .filter(|(_, path)| path.exists())
        .collect();
    let in_path = || {
        let output = std::process::Command::new(name).arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        // "pg_dump (PostgreSQL) 15.18 (Debian …)"
        let version = text.split(") ").nth(1)?.split(['.', ' ', '\n']).next()?.parse().ok()?;
        Some((version, PathBuf::from(name)))
    };
    found.extend(in_path());
    found.sort_unstable();
    found
}

/// Runs a program; what it prints.
async fn run(mut command: Command) -> Result<Vec<u8>, Failure> {
    let name = Path::new(command.as_std().get_program()).file_name().unwrap_or_default().display().to_string();
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}
