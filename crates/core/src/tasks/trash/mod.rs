//! The trash: deleted tasks, until somebody restores them, deletes them for good, or their time is up.

pub mod service;
mod store;
#[cfg(test)]
mod store_test;
