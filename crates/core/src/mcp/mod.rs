//! The subscriptions of assistants that speak a revision of MCP before 2026-07-28.

pub mod store;
#[cfg(test)]
mod store_test;
