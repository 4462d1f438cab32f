//! Tallyboard: a task board that people and their AI assistants share.
//!
//! One crate, compiled twice: with `ssr` to the server, with `hydrate` to the browser's WASM.
//! A feature is a folder (a room) with the same file names in each; `docs/ARCHITECTURE.md` draws
//! the map. What the outside may rely on is the REST API and the settings, not this library.

// Views are types within types, deeply.
#![recursion_limit = "512"]

pub mod auth;
pub mod chat;
pub mod error;
pub mod id;
pub mod list;
pub mod live;
pub mod paths;
pub mod permissions;
pub mod shares;
pub mod statistics;
pub mod tasks;
pub mod teams;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod calendar;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod db;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
pub mod input;
#[cfg(feature = "ssr")]
pub mod openapi;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
pub mod server;

/// Where the browser comes in: finds the islands in the page and brings them to life.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
