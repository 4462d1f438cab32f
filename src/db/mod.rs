//! The databases: pools, transactions that know whose they are, migrations, retries.
//!
//! It knows no feature. A store reaches rows only through a [`Scope`], and a `Scope` is opened
//! only for an [`AuthenticatedUser`](crate::auth::AuthenticatedUser). What has to work before
//! anybody is known (sign-in, migrations, health) shows a [`SystemKey`], which only `auth` and
//! `ops` can make.

mod changes;
mod connect;
mod id;
mod listen;
mod migrate;
mod scope;
#[cfg(test)]
pub mod stranger;

pub use changes::{CHANNEL, Changes, Event, Notice};
pub use connect::{Database, Pools};
pub use listen::Heard;

pub use migrate::{Migration, MigrationState};
pub use scope::{Connection, Hold, Scope, SystemKey, SystemScope};

/// Runs the same body on whichever connection is there: one SQL serves both databases, and only
/// the driver's types differ.
macro_rules! on_both {
    ($connection:expr, $conn:ident => $body:expr) => {
        match $connection {
            $crate::db::Connection::Sqlite($conn) => $body,
            $crate::db::Connection::Postgres($conn) => $body,
        }
    };
}
pub(crate) use on_both;

/// The present instant, cut to what both databases keep.
pub fn now() -> chrono::DateTime<chrono::Utc> {
    use chrono::SubsecRound;
    chrono::Utc::now().trunc_subsecs(6)
}
