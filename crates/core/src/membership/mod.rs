//! Who is what in a team. Every room above reads it; only `teams` changes it.

pub mod service;
mod store;
#[cfg(test)]
mod store_test;
