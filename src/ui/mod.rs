//! What pages share: the frame around them, icons, forms that work without script, polling.

pub mod icons;
pub mod people;
pub mod polling;
pub mod rows;

#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
pub mod layout;

/// What only a browser can do; the server's side of each does nothing.
#[cfg(feature = "hydrate")]
#[path = "browser.rs"]
pub mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "no_browser.rs"]
pub mod browser;
