//! Mails: how a letter looks, the outbox in which mails wait, and the SMTP server that sends them.
//!
//! Not here: the words of a letter, which are in the room that it is about.

pub mod delivery;
pub mod letter;
pub mod outbox;
mod smtp;

pub use smtp::{Mailer, SendError};
