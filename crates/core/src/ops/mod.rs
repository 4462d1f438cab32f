//! What protects a running server: limits, repeated requests, the audit log of refusals.

pub mod audit;
pub mod idempotency;
pub mod limits;
mod look_ups;
mod wrong_passwords;
