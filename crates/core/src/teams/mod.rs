//! Teams: managing them and their members. Who is what in a team is read through `membership`.

pub mod service;
mod store;
#[cfg(test)]
mod store_test;
