//! What everything on the server stands on: settings, log, figures, and help with HTTP.

pub mod config;
pub mod figures;
pub mod http;
pub mod in_flight;
pub mod network;
pub mod release;
pub mod request_log;
