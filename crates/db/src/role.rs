//! The PostgreSQL role that users' transactions run as, and how a database gets its own.
//!
//! The role owns nothing, so the row-level policies hold it to the rows of `app.user_id`. Each database has a role of its
//! own: roles belong to the whole cluster, and anyone who may set a shared one could read another database. Where no role can
//! be made, users' transactions run as the tables' owner, and policies for the owner take over.

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, query_as, query_scalar};

/// The name of the role in the migrations' SQL; [`AppRole::apply_to`] replaces it. Until schema 24 every database of a
/// cluster shared the role of this name.
const PLACEHOLDER: &str = "tallyboard_app";
/// PostgreSQL cuts names after 63 bytes.
const LONGEST_NAME: usize = 63;
/// Moves the policies and all grants to another role.
const ADOPTION: &str = include_str!("role.sql");
/// By default every role of the cluster may connect to every database. Only the database's owner can change that.
const CLOSE_TO_STRANGERS: &str = "DO $$ BEGIN
    IF (SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()) THEN
        EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());
    END IF;
END $$";
/// From this version on, membership in a role and the right to set it are two things.
const SET_OPTION: i32 = 16;

/// The role that users' transactions run as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppRole {
    /// The database's own role. The name needs no quotes.
    Own(String),
    /// The tables' owner.
    Owner(String),
}

impl AppRole {
    /// The statements that make a transaction this user's. `user` is a typed id: no text of a request gets into them.
    pub(super) fn identity(&self, user: tallyboard_model::id::UserId) -> String {
        match self {
            Self::Own(_) => format!("SET LOCAL ROLE {}; SET LOCAL app.user_id = '{user}'", self.quoted()),
            // A pooler may hand over a connection whose session has been the system's.
            Self::Owner(_) => format!("SET LOCAL app.system = ''; SET LOCAL app.user_id = '{user}'"),
        }
    }

    /// The name as an identifier in SQL.
    fn quoted(&self) -> String {
        quote_identifier(self.name())
    }

    /// The name.
    pub fn name(&self) -> &str {
        match self {
            Self::Own(name) | Self::Owner(name) => name,
        }
    }

    /// The SQL of a migration, for this role.
    pub(super) fn apply_to(&self, sql: &str) -> String {
        let (literal, identifier) = (format!("'{PLACEHOLDER}'"), self.quoted());
        let parts: Vec<_> = sql.split(&literal).map(|part| part.replace(PLACEHOLDER, &identifier)).collect();
        parts.join(&format!("'{}'", self.name()))
    }
}

/// A name of a role or a database as an identifier in SQL.
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name of the role of this database: lower-case letters, digits and `_` only, so that it never needs quotes.
pub fn role_name(database: &str) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let whole = format!("{PLACEHOLDER}_{database}");
    if database.chars().all(is_plain) && whole.len() <= LONGEST_NAME {
        return whole;
    }
    let plain: String = whole.to_lowercase().chars().map(|c| if is_plain(c) { c } else { '_' }).take(48).collect();
    let hash: String = Sha256::digest(database).iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    format!("{plain}_{hash}")
}

/// A database, its owner and its version, on which its app role depends.
pub struct DatabaseInfo {
    /// The name of the database.
    pub database: String,
    /// The role that we connected as.
    pub owner: String,
    /// PostgreSQL's major version.
    pub major_version: i32,
}

impl DatabaseInfo {
    /// Asks the database.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn of(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let sql = "SELECT current_database()::text, session_user::text, current_setting('server_version_num')::integer / 10000";
        let (database, owner, major_version) = query_as(sql).fetch_one(connection).await?;
        Ok(Self { database, owner, major_version })
    }

    /// The statements by which an administrator gives the database its role.
    pub fn statements_for_administrator(&self) -> String {
        let role = role_name(&self.database);
        format!("CREATE ROLE {role} NOLOGIN; {};", self.grant(&role, &quote_identifier(&self.owner)))
    }

    /// Lets `to` set the role, and nothing else. INHERIT FALSE: members don't inherit the role's rights.
    fn grant(&self, role: &str, to: &str) -> String {
        let options = if self.major_version >= SET_OPTION { " WITH INHERIT FALSE, SET TRUE" } else { "" };
        format!("GRANT {role} TO {to}{options}")
    }
}

/// The role that the policies of this database name, or `None` where there are no tables yet.
///
/// # Errors
/// The database does not answer.
pub async fn current(connection: &mut PgConnection) -> Result<Option<AppRole>, sqlx::Error> {
    let sql = "SELECT roles[1]::text, roles[1] = session_user FROM pg_policies
               WHERE schemaname = 'public' AND tablename = 'users' AND policyname = 'own'";
    let found: Option<(String, bool)> = query_as(sql).fetch_optional(connection).await?;
    Ok(found.map(|(name, is_owner)| if is_owner { AppRole::Owner(name) } else { AppRole::Own(name) }))
}

/// The role for a database: its own where it exists or can be made; else the one that its policies name already; else the
/// owner.
///
/// # Errors
/// The database does not answer, or the owner's name can't be used in a policy.
pub(super) async fn choose(connection: &mut PgConnection, database: &str) -> Result<AppRole, sqlx::Error> {
    let info = DatabaseInfo { database: database.to_owned(), ..DatabaseInfo::of(connection).await? };
    let wanted = role_name(database);
    if can_set(connection, &wanted).await? {
        return Ok(AppRole::Own(wanted));
    }
    unless_refused(connection, format!("CREATE ROLE {wanted} NOLOGIN")).await?;
    unless_refused(connection, info.grant(&wanted, "CURRENT_USER")).await?;
    if can_set(connection, &wanted).await? {
        return Ok(AppRole::Own(wanted));
    }
    let statements = info.statements_for_administrator();
    if let Some(AppRole::Own(role)) = current(connection).await?
        && can_set(connection, &role).await?
    {
        tracing::warn!(role, "the database doesn't have its own role; have an administrator run once: {statements}");
        return Ok(AppRole::Own(role));
    }
    let owner = info.owner;
    let bypasses: bool = query_scalar("SELECT rolbypassrls FROM pg_roles WHERE rolname = session_user")
        .fetch_one(&mut *connection)
        .await?;
    if bypasses || owner.contains(['\'', '"', '%', '$', '\\']) {
        let why = if bypasses { "has BYPASSRLS, so no policy holds it" } else { "has a name that policies can't hold" };
        let why = format!("{owner} may not create a role, and {why}: have an administrator run once: {statements}");
        return Err(sqlx::Error::Configuration(why.into()));
    }
    tracing::warn!(
        owner,
        "users' requests run without its own role, because {owner} may not create one. The row-level policies hold; \
         for a second wall have an administrator run once: {statements}"
    );
    Ok(AppRole::Owner(owner))
}

/// Whether `SET ROLE` works, found out by trying. The catalogue's `MEMBER` was true on PostgreSQL 16 where SET was refused.
pub async fn can_set(connection: &mut PgConnection, role: &str) -> Result<bool, sqlx::Error> {
    unless_refused(connection, format!("SET LOCAL ROLE {}; RESET ROLE", quote_identifier(role))).await
}

/// Runs statements of ours; `false`, and nothing done, where PostgreSQL refuses them or somebody else has just done the same.
async fn unless_refused(connection: &mut PgConnection, statements: String) -> Result<bool, sqlx::Error> {
    let mut attempt = connection.begin().await?;
    match attempt.execute(sqlx::raw_sql(AssertSqlSafe(statements))).await {
        Ok(_) => {
            attempt.commit().await?;
            Ok(true)
        }
        Err(error) => {
            attempt.rollback().await?;
            let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
            match &*code {
                // insufficient_privilege; no such role; it exists already, or another session is making it: "tuple
                // concurrently updated" is an internal error.
                "42501" | "22023" | "42704" | "42710" | "23505" | "XX000" => Ok(false),
                _ => Err(error),
            }
        }
    }
}

/// Makes the policies and the grants of a migrated database those of `role`; changes nothing where they already are.
/// `is_new` also closes the database to everyone without a CONNECT grant.
///
/// # Errors
/// The database does not answer, or the signed-in role doesn't own the tables.
pub(super) async fn adopt(connection: &mut PgConnection, role: &AppRole, is_new: bool) -> Result<(), sqlx::Error> {
    let others: Vec<String> = query_scalar(
        "SELECT DISTINCT unnest(roles)::text FROM pg_policies
         WHERE schemaname = 'public' AND policyname <> 'system' AND policyname NOT LIKE 'withheld%'
             AND (roles <> ARRAY[$1::name]
                 OR ($2 AND coalesce(qual, '') || coalesce(with_check, '') NOT LIKE '%app_is_system()%'))",
    )
    .bind(role.name())
    .bind(matches!(role, AppRole::Owner(_)))
    .fetch_all(&mut *connection)
    .await?;
    let moves = !others.is_empty();
    if moves {
        tracing::info!(role = role.name(), ?others, "the row-level policies are now for this role");
        connection.execute(sqlx::raw_sql(AssertSqlSafe(role.apply_to(ADOPTION)))).await?;
    }
    if is_new || moves {
        connection.execute(sqlx::raw_sql(CLOSE_TO_STRANGERS)).await?;
    }
    Ok(())
}
