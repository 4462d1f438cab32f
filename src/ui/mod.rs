//! What pages share: the document around them, forms, lists, polling. It knows no room.

pub mod icons;
pub mod people;
pub mod polling;
pub mod rows;

#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
mod bell;
#[cfg(feature = "ssr")]
pub mod copy;
#[cfg(feature = "ssr")]
pub mod error_page;
#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
pub mod local_path;
#[cfg(feature = "ssr")]
pub mod pager;
#[cfg(feature = "ssr")]
pub mod policy;
#[cfg(feature = "ssr")]
mod quick_add;
#[cfg(feature = "ssr")]
pub mod script;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod upload;

/// What only a browser can do; on the server each function does nothing.
#[cfg(feature = "hydrate")]
#[path = "browser.rs"]
pub mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "browser_stub.rs"]
pub mod browser;

/// The keys of a list.
#[cfg(feature = "hydrate")]
#[path = "keyboard.rs"]
pub mod keyboard;
#[cfg(not(feature = "hydrate"))]
#[path = "keyboard_stub.rs"]
pub mod keyboard;

/// The polling loop; on the server nothing is fetched.
#[cfg(feature = "hydrate")]
#[path = "polling_loop.rs"]
pub mod polling_loop;
#[cfg(not(feature = "hydrate"))]
#[path = "polling_stub.rs"]
pub mod polling_loop;
