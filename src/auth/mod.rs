//! The pages and forms of accounts: sign in, sign up, settings.

pub mod actions;
#[cfg(feature = "ssr")]
mod app_views;
#[cfg(feature = "ssr")]
mod assistant_setup;
#[cfg(feature = "ssr")]
pub mod assistants_page;
#[cfg(feature = "ssr")]
mod browser_session;
#[cfg(feature = "ssr")]
pub mod calendar_page;
#[cfg(feature = "ssr")]
pub mod confirm_page;
#[cfg(feature = "ssr")]
pub mod forgot_page;
#[cfg(feature = "ssr")]
pub mod oidc;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod page_user;
#[cfg(feature = "ssr")]
pub mod passkeys;
#[cfg(feature = "ssr")]
pub mod reset_page;
#[cfg(feature = "ssr")]
pub mod settings_page;
#[cfg(feature = "ssr")]
mod token_views;
#[cfg(feature = "ssr")]
pub mod two_step;
#[cfg(feature = "ssr")]
mod views;

#[cfg(feature = "ssr")]
pub use page_user::{
    PageUser, server_fn_context, server_fn_user, sign_in_code_then, sign_in_then, sign_in_with_identity_then,
};
#[cfg(feature = "ssr")]
pub use views::{password_again, revocable_row};
