//! Tallyboard: a task board that people and their AI assistants share.
//!
//! One crate, compiled twice: with `ssr` to the server, with `hydrate` to the browser's WASM.
//! Each feature is a folder (a room) with the same file names; `docs/ARCHITECTURE.md` has the map. The public
//! interface is the REST API and the settings, not this library.

// The types of views are deeply nested.
#![recursion_limit = "512"]

pub mod assistant;
pub mod auth;
pub mod chat;
pub mod error;
pub mod id;
pub mod json;
pub mod language;
pub mod list;
pub mod live;
pub mod membership;
pub mod notifications;
pub mod paths;
pub mod people;
pub mod permissions;
pub mod shares;
pub mod statistics;
pub mod tasks;
pub mod teams;
pub mod transfer;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod apps;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod calendar;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod db;
#[cfg(feature = "ssr")]
mod figures;
#[cfg(feature = "ssr")]
mod html;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
mod in_flight;
#[cfg(feature = "ssr")]
pub mod input;
#[cfg(feature = "ssr")]
pub mod invitations;
#[cfg(feature = "ssr")]
pub mod mail;
#[cfg(feature = "ssr")]
pub mod mcp;
#[cfg(feature = "ssr")]
pub mod model;
#[cfg(feature = "ssr")]
mod network;
#[cfg(feature = "ssr")]
pub mod oauth;
#[cfg(feature = "ssr")]
mod once_per_second;
#[cfg(feature = "ssr")]
pub mod openapi;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
pub mod release;
#[cfg(feature = "ssr")]
mod request_log;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod server_fn;

/// The entry point in the browser: hydrates the islands of the page.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
