//! A server process and clients for it.

mod authenticator;
mod chaos_proxy;
mod client;
pub mod jwt;
mod mcp;
pub mod model;
pub mod oauth;
mod place;
mod pooler;
mod pooler_statements;
mod programs;
mod server;
mod smtp;
mod socket;

pub use authenticator::{Authenticator, from_hex};
pub use chaos_proxy::ChaosProxy;
pub use client::{Answer, Client, PASSWORD, best_times, until};
pub use mcp::{Assistant, STATELESS};
pub use place::{Place, filled};
pub use pooler::{Pooler, Prepared};
pub use programs::{left_out, program, python_packages};
pub use server::{Kind, Server, app_role, binary, database_url, scalar, sql};
pub use smtp::SmtpServer;
pub use socket::{Received, Socket};

/// Makes two tests of each function: one on SQLite, one on PostgreSQL. The function gets a server.
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* async fn $name:ident($server:ident) $body:block)+) => {
        on_both_kinds! {$(
            $(#[$attribute])*
            async fn $name(kind) {
                let $server = crate::support::Server::start(kind, &[]).await;
                $body
            }
        )+}
    };
}

/// The same for a function that starts its server itself: it gets the kind of database.
macro_rules! on_both_kinds {
    ($($(#[$attribute:meta])* async fn $name:ident($kind:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            use crate::support::Kind;

            $(#[$attribute])*
            async fn scenario($kind: Kind) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                scenario(Kind::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                scenario(Kind::Postgres).await;
            }
        }
    )+};
}
