//! Whether a PostgreSQL database can hold our tables: asked before the first migration, answered in one sentence.

use sqlx::{PgConnection, query_as};

/// The oldest PostgreSQL that is tested.
pub const OLDEST_POSTGRES: i32 = 15;

/// Refuses a database in which migrations would fail half-way, or work and go wrong later.
///
/// # Errors
/// A sentence that names the setting and says what to do, or the database does not answer.
pub(super) async fn check(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let sql = "SELECT current_setting('server_version_num')::integer / 10000, current_setting('server_encoding'),
                      coalesce(current_schema()::text, ''), current_setting('search_path'),
                      current_setting('transaction_read_only') = 'on', pg_is_in_recovery(),
                      has_schema_privilege(to_regnamespace('public'), 'CREATE'), current_database()::text";
    type Row = (i32, String, String, String, bool, bool, Option<bool>, String);
    let (version, encoding, schema, search_path, is_read_only, is_replica, may_create, database): Row =
        query_as(sql).fetch_one(connection).await?;
    let problem = if version < OLDEST_POSTGRES {
        format!("PostgreSQL {version} is too old: Tallyboard needs {OLDEST_POSTGRES} or later")
    } else if encoding != "UTF8" {
        format!(
            "the encoding of the database {database} is {encoding}, and Tallyboard needs UTF8: make another one with \
             CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        )
    } else if is_replica {
        "this PostgreSQL is a replica, which can't be written to: use the address of the primary".to_owned()
    } else if is_read_only {
        format!(
            "default_transaction_read_only is on, so nothing can be written: ALTER DATABASE \"{database}\" RESET \
             default_transaction_read_only (or the same for the role)"
        )
    } else if schema != "public" {
        format!(
            "search_path is {search_path}, so the tables would not go into the schema public, where Tallyboard needs \
             them: ALTER ROLE … SET search_path = public"
        )
    } else if may_create == Some(false) {
        format!(
            "the database role may not create tables in the schema public: ALTER DATABASE \"{database}\" OWNER TO it, or \
             GRANT CREATE ON SCHEMA public TO it"
        )
    } else {
        return Ok(());
    };
    Err(sqlx::Error::Configuration(problem.into()))
}
