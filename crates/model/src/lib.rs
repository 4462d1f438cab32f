//! Types shared by both sides: ids, permissions, the types of every room as they are sent, errors, calendar, languages.
//!
//! No I/O. With the feature `server` the types are columns and answers, too.

pub mod assistant;
pub mod auth;
pub mod chat;
pub mod error;
pub mod id;
pub mod language;
pub mod list;
pub mod live;
pub mod membership;
pub mod notifications;
pub mod paths;
pub mod people;
pub mod permissions;
pub mod quick_add;
pub mod shares;
pub mod statistics;
pub mod tasks;
pub mod teams;

#[cfg(feature = "server")]
pub mod calendar;
#[cfg(feature = "server")]
pub mod html;
#[cfg(feature = "server")]
pub mod input;
#[cfg(feature = "server")]
pub mod once_per_second;
