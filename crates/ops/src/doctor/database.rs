//! The database: its version, its migrations, whether it is whole, and what the role of the URL may do.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, SqliteConnection, query_as, query_scalar};

use super::{Finding, counters};
use crate::{backup::server_version, integrity};
use tallyboard_base::config::Config;
use tallyboard_core::statistics::counters::Differences;
use tallyboard_db::{AppRole, Database, OLDEST_POSTGRES, OwnConnection, newest_schema, pooler, role};
use tallyboard_model::error::with_causes;

/// Clocks that differ by more are a warning.
const CLOCK_DIFFERENCE: TimeDelta = TimeDelta::seconds(2);

/// Tables with nobody's data: the owner may read them, and without a dedicated role, users' requests could.
const UNPROTECTED_TABLES: [&str; 2] = ["_sqlx_migrations", "audit_retention"];

pub async fn check(config: &Config, mut connection: OwnConnection) -> Vec<Finding> {
    let mut findings = Vec::new();
    let schema = connection.schema().await;
    let of_engine = match &mut connection {
        OwnConnection::Sqlite(connection) => check_sqlite(connection).await,
        OwnConnection::Postgres(connection) => check_postgres(config, connection).await,
    };
    findings.extend(of_engine.unwrap_or_else(|error| vec![failed("database", &error)]));
    let is_current = schema.as_ref().is_ok_and(|schema| *schema == newest_schema());
    findings.push(migrations(schema));
    if is_current {
        findings.push(match counters::compare(&mut connection).await {
            Ok(found) if found == Differences::default() => {
                Finding::ok("counters", "the dashboard's numbers match a recount")
            }
            Ok(Differences { users, teams, quarters }) => Finding::error(
                "counters",
                format!("numbers of {users} users, {teams} teams, {quarters} quarters of an hour are wrong"),
                "`tallyboard doctor --counters` recounts",
            ),
            Err(error) => failed("counters", &error),
        });
        if !config.database.is_sqlite() {
            findings.push(live(config).await);
        }
    }
    findings
}

fn failed(check: &'static str, error: &dyn std::fmt::Display) -> Finding {
    Finding::error(check, format!("could not be checked: {error}"), "The log of the database may say more")
}

fn migrations(schema: Result<i64, sqlx::Error>) -> Finding {
    let (check, newest) = ("migrations", newest_schema());
    match schema {
        Ok(schema) if schema == newest => Finding::ok(check, format!("schema {schema}, the newest")),
        Ok(schema) if schema < newest => Finding::warning(
            check,
            format!("schema {schema}, this version knows {newest}"),
            "The next start of the server migrates it; make a backup before",
        ),
        Ok(schema) => Finding::error(
            check,
            format!("schema {schema}, this version knows only {newest}"),
            "Start the version that made it, or a later one",
        ),
        Err(_) => Finding::warning(check, "there are no tables yet", "The server creates them when it first starts"),
    }
}

async fn check_sqlite(connection: &mut SqliteConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let version: String = query_scalar("SELECT sqlite_version()").fetch_one(&mut *connection).await?;
    let advice =
        "Stop the server, keep a copy of the file, and restore the newest good backup: `tallyboard backup list`";
    let whole = match integrity::damage(connection).await? {
        None => Finding::ok("integrity", "every page and reference is intact"),
        Some(damage) => Finding::error("integrity", damage, advice),
    };
    let newest: Option<DateTime<Utc>> =
        query_scalar("SELECT max(created_at) FROM tasks").fetch_one(connection).await.unwrap_or_default();
    let clock = match newest {
        Some(newest) if newest - Utc::now() > CLOCK_DIFFERENCE => Finding::warning(
            "clock",
            format!("the newest task is from {newest}, which is in the future"),
            "Set the clock of this machine (timedatectl set-ntp true)",
        ),
        _ => Finding::ok("clock", "no task is from the future"),
    };
    Ok(vec![Finding::ok("database", format!("SQLite {version}")), whole, clock])
}

async fn check_postgres(config: &Config, connection: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let version = match server_version(connection).await? {
        major if major < OLDEST_POSTGRES => Finding::warning(
            "database",
            format!("PostgreSQL {major}"),
            format!("Tallyboard is tested with {OLDEST_POSTGRES} and later"),
        ),
        major => Finding::ok("database", format!("PostgreSQL {major}")),
    };
    let there: DateTime<Utc> = query_scalar("SELECT clock_timestamp()").fetch_one(&mut *connection).await?;
    let difference = (Utc::now() - there).abs();
    let clock = match difference > CLOCK_DIFFERENCE {
        true => Finding::warning(
            "clock",
            format!("this machine and the database differ by {} s", difference.num_seconds()),
            "Let both follow a time server (timedatectl set-ntp true)",
        ),
        false => Finding::ok("clock", "as the database's"),
    };
    let mut findings = vec![version, clock, encryption(config)];
    // A new database has no tables; the check of the migrations says so.
    if let Some(role) = role::current(connection).await? {
        findings.push(app_role(connection, &role).await?);
        findings.push(row_security(connection, &role).await?);
    }
    findings.push(rights(connection).await?);
    Ok(findings)
}

/// Whether a transaction pooler is in front of PostgreSQL, and whether it's usable; `None` on SQLite, and when
/// nobody answers, which the next check says.
pub async fn pooler(config: &Config) -> Option<Finding> {
    let (check, database) = ("pooler", &config.database);
    if database.is_sqlite() {
        return None;
    }
    let is_pooler = pooler::is_transaction_pooler(&pooler::options(&database.url).ok()?).await.ok()?;
    if !is_pooler {
        return Some(Finding::ok(check, "none: database.url connects directly to PostgreSQL"));
    }
    if let Err(error) = Database::connect(database).await {
        let advice = "Set max_prepared_statements = 200 in PgBouncer 1.21 or later";
        return Some(Finding::error(check, with_causes(&error), advice));
    }
    let direct = database.direct_url.as_deref().map(pooler::options).transpose().ok()?;
    let is_past = match direct {
        Some(direct) => !pooler::is_transaction_pooler(&direct).await.ok()?,
        None => false,
    };
    Some(match is_past {
        true => {
            Finding::ok(check, "a transaction pooler that keeps prepared statements; database.direct_url bypasses it")
        }
        false => Finding::error(
            check,
            "a transaction pooler, and no address that bypasses it: changes from other instances arrive late, and backups can't be made",
            "Set database.direct_url to PostgreSQL's own address",
        ),
    })
}

fn encryption(config: &Config) -> Finding {
    let check = "database TLS";
    let url = &config.database.url;
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let is_local = ["", "localhost", "127.0.0.1", "[::1]"].contains(&host.as_str());
    match (is_local, url.contains("sslmode=verify-full")) {
        (true, _) => Finding::ok(check, "not needed: the database is on this machine"),
        (false, true) => Finding::ok(check, "sslmode=verify-full"),
        (false, false) => Finding::warning(
            check,
            "without sslmode=verify-full anybody in between can impersonate the database",
            "Add ?sslmode=verify-full to database.url",
        ),
    }
}

/// Users' transactions run as a dedicated role, or, where none can be created, as the tables' owner.
async fn app_role(connection: &mut PgConnection, role: &AppRole) -> Result<Finding, sqlx::Error> {
    let check = "app role";
    let info = role::DatabaseInfo::of(connection).await?;
    let statements = info.statements_for_administrator();
    let bypasses = "SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = session_user";
    Ok(match role {
        AppRole::Owner(owner) if query_scalar::<_, bool>(bypasses).fetch_one(&mut *connection).await? => {
            Finding::error(
                check,
                format!(
                    "users' requests run as {owner}, without its own role, and no policy holds a role with BYPASSRLS"
                ),
                format!("Have an administrator run once, then restart: {statements}"),
            )
        }
        AppRole::Own(name) if !role::can_set(connection, name).await? => Finding::error(
            check,
            format!("{} may not SET ROLE {name}: every request of a signed-in user fails", info.owner),
            format!("Restart the server, which repairs it where it may; else let an administrator run: {statements}"),
        ),
        AppRole::Own(name) if *name != role::role_name(&info.database) => Finding::warning(
            check,
            format!("users' requests run as {name}, which other databases may share"),
            format!("Restart the server; if it stays, let an administrator run: {statements}"),
        ),
        AppRole::Own(name) => Finding::ok(check, format!("users' requests run as {name}, which owns nothing")),
        AppRole::Owner(owner) => Finding::warning(
            check,
            format!(
                "users' requests run as {owner}, without its own role: the row-level policies hold, and searching a \
                 large board is slower"
            ),
            format!("Have an administrator run once, then restart: {statements}"),
        ),
    })
}

/// Every table of ours has to be under row-level security, for its owner too, unless it is closed to the app's role.
async fn row_security(connection: &mut PgConnection, role: &AppRole) -> Result<Finding, sqlx::Error> {
    let open: Vec<String> = query_scalar(
        "SELECT relname::text FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)
           AND has_table_privilege($1, oid, 'SELECT') AND relname <> ALL ($2)
         ORDER BY relname",
    )
    .bind(role.name())
    .bind(UNPROTECTED_TABLES)
    .fetch_all(connection)
    .await?;
    Ok(match open.is_empty() {
        true => Finding::ok("row-level security", "in force on every table that the app's role may read"),
        false => Finding::error(
            "row-level security",
            format!("not in force on {}", open.join(", ")),
            "ALTER TABLE … ENABLE ROW LEVEL SECURITY; ALTER TABLE … FORCE ROW LEVEL SECURITY",
        ),
    })
}

async fn rights(connection: &mut PgConnection) -> Result<Finding, sqlx::Error> {
    let (role, is_super, bypasses, replicates): (String, bool, bool, bool) = query_as(
        "SELECT rolname::text, rolsuper, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(connection)
    .await?;
    let found = [(is_super, "SUPERUSER"), (bypasses, "BYPASSRLS"), (replicates, "REPLICATION")];
    let found: Vec<_> = found.into_iter().filter_map(|(has, name)| has.then_some(name)).collect();
    Ok(match found.is_empty() {
        true => Finding::ok("database role", format!("{role} may do no more than it needs")),
        false => Finding::warning(
            "database role",
            format!("{role} has {}, more than it needs", found.join(", ")),
            "Give Tallyboard its own role: CREATE ROLE tallyboard LOGIN CREATEROLE, the owner of its database",
        ),
    })
}

/// Whether changes of other instances would arrive.
async fn live(config: &Config) -> Finding {
    let check = "LISTEN";
    let tested = async {
        let db = Database::connect(&config.database).await?;
        let tested = db.test_listening().await;
        db.close().await;
        tested
    };
    match tested.await {
        Ok(()) => Finding::ok(check, "a notification to ourselves has arrived"),
        Err(error) => Finding::error(
            check,
            format!("a notification to ourselves did not arrive: {error}"),
            "Behind a transaction pooler set database.direct_url to an address past it",
        ),
    }
}
