//! A server process and clients for it.

mod chaos_proxy;
mod client;
mod mcp;
pub mod model;
pub mod oauth;
mod place;
mod server;
mod socket;

pub use chaos_proxy::ChaosProxy;
pub use client::{Answer, Client, PASSWORD, until};
pub use mcp::{Assistant, STATELESS};
pub use place::{Place, filled};
pub use server::{Kind, Server, binary, database_url, scalar, sql};
pub use socket::{Received, Socket};

/// Makes two tests of each function: one on SQLite, one on PostgreSQL.
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* async fn $name:ident($server:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            use crate::support::{Kind, Server};

            $(#[$attribute])*
            async fn scenario($server: Server) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                scenario(Server::start(Kind::Sqlite, &[]).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                scenario(Server::start(Kind::Postgres, &[]).await).await;
            }
        }
    )+};
}
