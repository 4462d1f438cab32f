//! Shares: one task, shared with one other person, to view or to edit.

pub mod service;
mod store;
#[cfg(test)]
mod store_test;
