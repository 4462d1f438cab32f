//! The base of everything on the server: settings, log, figures, and help with HTTP.

pub mod client_address;
pub mod config;
pub mod figures;
pub mod http;
pub mod in_flight;
pub mod local_path;
pub mod network;
pub mod release;
pub mod request_log;
pub mod script;
