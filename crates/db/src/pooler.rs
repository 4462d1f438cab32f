//! Transaction poolers (PgBouncer, Neon's pooler): whether there's one in front of PostgreSQL, and whether it keeps what
//! sqlx prepares.
//!
//! Such a pooler lends a backend to a client for one transaction. A session's state (LISTEN, advisory locks, SET) stays
//! on a backend that the next transaction of another client uses.

use std::{str::FromStr, time::Duration};

use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool, Row, postgres::PgConnectOptions, query_scalar};

use tallyboard_base::config::DatabaseConfig;
use tallyboard_model::error::{FORGETS_PREPARED, is_forgotten_statement};

/// What to do about a transaction pooler where only PostgreSQL itself will do.
pub const NEEDS_DIRECT_URL: &str = "database.url leads through a transaction pooler: \
     set database.direct_url to PostgreSQL's own address";
/// How often two connections are compared. One that is shared shows at the first attempt unless others are busy.
const ATTEMPTS: usize = 3;
/// A backend that doesn't answer after this long has been lent to somebody else.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// Whether a transaction pooler answers at this address: then two open connections share one backend.
///
/// # Errors
/// Nobody answers.
pub async fn is_transaction_pooler(options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let (mut first, mut second) = tokio::try_join!(options.connect(), options.connect())?;
    let mut is_pooler = false;
    for _ in 0..ATTEMPTS {
        let before = backend(&mut first).await?;
        second.execute("BEGIN").await?;
        let lent = backend(&mut second).await?;
        // While the second connection keeps its backend, the first has to get another one.
        let after = tokio::time::timeout(ANSWER_TIMEOUT, backend(&mut first)).await;
        is_pooler = lent == before || !matches!(after, Ok(Ok(after)) if after == before);
        if is_pooler {
            break;
        }
        second.execute("COMMIT").await?;
    }
    // Dropped, not closed in order, where an answer is still to come.
    if !is_pooler {
        tokio::try_join!(first.close(), second.close())?;
    }
    Ok(is_pooler)
}

/// The process that serves a connection. Without a prepared statement: an old pooler would forget it.
async fn backend(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    connection.fetch_one(sqlx::raw_sql("SELECT pg_backend_pid()")).await?.try_get(0)
}

/// Refuses to do what needs PostgreSQL itself through a transaction pooler.
///
/// # Errors
/// [`NEEDS_DIRECT_URL`], or nobody answers.
pub async fn refuse_pooler(config: &DatabaseConfig) -> Result<(), sqlx::Error> {
    if config.is_sqlite() {
        return Ok(());
    }
    match is_transaction_pooler(&options(config.url_past_pooler())?).await? {
        true => Err(sqlx::Error::Configuration(NEEDS_DIRECT_URL.into())),
        false => Ok(()),
    }
}

/// How we connect to the PostgreSQL of this URL.
///
/// # Errors
/// The URL is wrong.
pub fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.application_name("tallyboard").disable_statement_logging();
    // PgBouncer refuses this parameter by default, and since PostgreSQL 12 every float is exact without it.
    Ok(options.extra_float_digits(None))
}

/// Checks that what one connection has prepared disturbs no other one.
///
/// # Errors
/// [`FORGETS_PREPARED`], or nobody answers.
pub async fn check_prepared_statements(pool: &PgPool) -> Result<(), sqlx::Error> {
    let options = pool.connect_options();
    let (mut first, mut second) = tokio::try_join!(pool.acquire(), options.connect())?;
    let tested = async {
        for number in 0..3_i32 {
            // Different texts get the same name on different connections.
            let of_first = query_scalar::<_, i32>("SELECT $1::integer").bind(number).fetch_one(&mut *first).await?;
            let of_second =
                query_scalar::<_, i32>("SELECT $1::integer + 1").bind(number).fetch_one(&mut second).await?;
            if of_second - of_first != 1 {
                return Err(sqlx::Error::Configuration(FORGETS_PREPARED.into()));
            }
        }
        Ok(())
    };
    match tested.await {
        Ok(()) => second.close().await,
        Err(error) => {
            first.close_on_drop();
            Err(if is_forgotten_statement(&error) {
                sqlx::Error::Configuration(FORGETS_PREPARED.into())
            } else {
                error
            })
        }
    }
}
