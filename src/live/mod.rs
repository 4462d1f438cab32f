//! Live: what was changed is on every screen at once.
//!
//! A service notes its events inside the transaction (`scope.emit`); the commit makes them known, to
//! this instance directly and to the others by PostgreSQL's NOTIFY. The [`Hub`] drops the counted
//! numbers that are others now and pushes to the sockets of those concerned. Nothing else
//! invalidates, nothing else pushes.

#[cfg(feature = "ssr")]
mod hub;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
mod socket;

#[cfg(feature = "ssr")]
pub use hub::Hub;
