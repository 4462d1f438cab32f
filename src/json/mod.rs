//! JSON in the browser, by its own parser.
//!
//! A reader that serde makes can say what is wrong with a text. A page does not need that for its own server's answers, and
//! would have to fetch the code for it (docs/PERFORMANCE.md, First load).

/// On the server nothing is read.
#[cfg(feature = "hydrate")]
mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "browser_stub.rs"]
mod browser;

pub use browser::{Json, fetch_json};
#[cfg(feature = "hydrate")]
pub use browser::{function_of, post_form};
