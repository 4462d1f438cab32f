//! Conversations with an assistant and their messages. Only the owner can see them.

mod answer;
pub mod answers;
pub mod imported;
pub mod service;
mod store;
#[cfg(test)]
mod store_test;
