//! Shared by all pages: the document around them, forms, lists, polling. It knows no room.

#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
mod bell;
/// Browser-only functions; on the server they do nothing.
#[cfg(feature = "hydrate")]
#[path = "browser.rs"]
pub mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "browser_stub.rs"]
pub mod browser;
#[cfg(feature = "ssr")]
pub mod copy;
#[cfg(feature = "hydrate")]
pub mod dom;
#[cfg(feature = "ssr")]
pub mod error_page;
#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
mod header;
#[cfg(feature = "hydrate")]
pub mod html_list;
pub mod icons;
#[cfg(feature = "ssr")]
pub mod invitation_note;
#[cfg(feature = "ssr")]
mod layout;
/// The forms of lists; on the server nobody sends one.
#[cfg(feature = "hydrate")]
#[path = "list_forms.rs"]
pub mod list_forms;
#[cfg(not(feature = "hydrate"))]
#[path = "list_forms_stub.rs"]
pub mod list_forms;
#[cfg(feature = "ssr")]
pub mod list_frame;
pub mod list_island;
#[cfg(feature = "ssr")]
pub mod pager;
#[cfg(feature = "ssr")]
pub mod people;
#[cfg(feature = "ssr")]
pub mod policy;
pub mod polling;
/// The polling loop; on the server nothing is fetched.
#[cfg(feature = "hydrate")]
#[path = "polling_loop.rs"]
pub mod polling_loop;
#[cfg(not(feature = "hydrate"))]
#[path = "polling_stub.rs"]
pub mod polling_loop;
#[cfg(feature = "ssr")]
pub mod quick_add;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
mod shortcuts;
pub mod typed;
#[cfg(feature = "ssr")]
pub mod upload;
