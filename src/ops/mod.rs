//! What keeps it running: health, repeated requests, demo data.

pub mod demo;
pub mod health;
pub mod idempotency;
pub mod migrations;

/// The way past a user's scope, for this room only.
pub struct DatabaseKey(());
