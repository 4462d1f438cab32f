//! JSON in the browser, by its own parser.
//!
//! Readers that serde makes say in words and numbers what is wrong with an answer. A page needs none of that of its own
//! server, and would fetch three times the code for it (docs/PERFORMANCE.md).

/// On the server nothing is read.
#[cfg(feature = "hydrate")]
mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "browser_stub.rs"]
mod browser;

pub use browser::{Json, fetch_json};
