//! Tallyboard: a task board that people and their AI assistants share.
//!
//! The Leptos app: pages, islands, server functions, and the server that answers them. It's compiled twice: with `ssr` to the
//! server, with `hydrate` to the browser's WASM. Rules, SQL and REST are in `crates/`; `docs/ARCHITECTURE.md` has the map. The
//! public interface is the REST API and the settings, not this library.

// The types of views are deeply nested.
#![recursion_limit = "512"]

pub mod assistant;
pub mod chat;
pub mod json;
pub mod live;
pub mod shares;
pub mod statistics;
pub mod tasks;
pub mod teams;
pub mod transfer;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod auth;
#[cfg(feature = "ssr")]
pub mod blocks;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod invitations;
#[cfg(feature = "ssr")]
pub mod notifications;
#[cfg(feature = "ssr")]
pub mod oauth;
#[cfg(feature = "ssr")]
pub mod openapi;
#[cfg(feature = "ssr")]
pub mod received_invitations;
#[cfg(feature = "ssr")]
pub mod scripts;
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
