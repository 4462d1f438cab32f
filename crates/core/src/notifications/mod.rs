//! Notifications: which ones a person wants, by which channel, and which were sent. A new account
//! has what others do to it, in the app; everything else is off until its owner turns it on.
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
