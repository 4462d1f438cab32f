//! The databases: pools, scopes (transactions of one user), migrations, notifications.
//!
//! `db` knows no feature. A store reaches rows only through a [`Scope`], and a user's `Scope` is opened
//! only for a user whose token `auth` has checked. What has to work without a user (sign-in, health) opens
//! a `Scope<System>`; clippy.toml keeps both openers to `auth` and `ops`.

use connect::{BUSY_TIMEOUT, Pools};

mod audit;
mod changes;
mod connect;
mod environment;
mod idle;
mod ids;
/// Not only for the tests of this crate: those of every room's store use it. No release has it.
#[cfg(debug_assertions)]
pub mod isolation_test;
mod last_use;
mod listen;
mod listen_connection;
mod lock;
mod migrate;
mod notifier;
mod own_connection;
pub mod pooler;
mod retry;
pub mod role;
mod scope;
mod sqlite_pool;
mod sqlite_writer;
mod transaction;
#[cfg(test)]
mod transaction_test;

pub use audit::{AuditEntry, Target};
pub use changes::{CHANNEL, Changes, CredentialKind, Event, Notification, Via};
pub use connect::Database;
pub use environment::OLDEST_POSTGRES;
pub use ids::push_ids;
pub use listen::ListenEvent;
pub use lock::{DatabaseLock, beside};
pub use migrate::{Migration, MigrationState, newest_schema};
pub use own_connection::{HasConnection, OwnConnection};
pub use role::AppRole;
pub use scope::{Actor, Scope, Scopes, System, VerifiedUser};
pub use tallyboard_base::figures::QueryTimer;
pub use transaction::{Connection, Lock};

/// A directive for the log: PostgreSQL says at every start that the table of the migrations exists.
pub const QUIET_NOTICES: &str = "sqlx::postgres::notice=warn";

/// Runs the same body on either connection: one SQL text serves both databases, only the driver's types
/// differ. A slow query is logged.
#[macro_export]
macro_rules! on_both {
    ($connection:expr, $conn:ident => $body:expr) => {{
        // The function that the query is in names it.
        fn here() {}
        let _timer = $crate::QueryTimer::start(std::any::type_name_of_val(&here));
        match $connection {
            $crate::Connection::Sqlite($conn) => $body,
            $crate::Connection::Postgres($conn) => $body,
        }
    }};
}

/// Reads a struct from a row of either database, each field from the column of the same name. sqlx's derive
/// would compile sqlx and both drivers a second time, for the macro: 90 s of every first build.
#[macro_export]
macro_rules! from_row {
    ($name:ident { $first:ident $(, $field:ident)* }) => {
        $crate::from_row!(@impl sqlx::sqlite::SqliteRow, $name, $first $(, $field)*);
        $crate::from_row!(@impl sqlx::postgres::PgRow, $name, $first $(, $field)*);
        impl $crate::Columns for $name {
            const COLUMNS: &'static str = concat!(stringify!($first) $(, ", ", stringify!($field))*);
        }
    };
    (@impl $row:ty, $name:ident, $($field:ident),+) => {
        impl sqlx::FromRow<'_, $row> for $name {
            fn from_row(row: &$row) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?),+ })
            }
        }
    };
}

/// A struct that [`from_row`] reads.
pub trait Columns {
    /// The names of its columns, as SQL.
    const COLUMNS: &'static str;
}

/// The current time, cut to the microseconds that both databases store.
pub fn now() -> chrono::DateTime<chrono::Utc> {
    use chrono::SubsecRound;
    chrono::Utc::now().trunc_subsecs(6)
}
