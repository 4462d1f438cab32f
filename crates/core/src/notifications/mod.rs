//! Notifications: what somebody wants to be told, how, and what they were told. Whoever chose nothing is told nothing.
//!
//! Not here: the words of the mails that come at a time of the day, which are in the room that they are about.

mod choices;
mod letter;
pub mod schedule;
pub mod service;
mod store;
#[cfg(test)]
mod store_test;
mod words;
