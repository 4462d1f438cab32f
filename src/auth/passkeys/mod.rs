//! The page of a user's passkeys, and what forms with passkeys share.

pub mod page;
mod views;

pub use views::{SIGN_IN_FORM, passkey_button};
