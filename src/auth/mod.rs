//! The pages and forms of accounts: sign in, sign up, settings.

mod app_views;
mod assistant_setup;
pub mod assistants_page;
mod browser_session;
mod calendar_page;
pub mod confirm_page;
pub mod forgot_page;
pub mod oidc;
pub mod page;
mod page_user;
pub mod passkeys;
pub mod reset_page;
pub mod settings_forms;
pub mod settings_page;
mod token_views;
pub mod two_step;
mod views;

pub use browser_session::sign_up as sign_up_with_form;
pub use page_user::{
    PageUser, server_fn_context, server_fn_user, sign_in_code_then, sign_in_then, sign_in_with_identity_then,
};
pub use views::{password_again, revocable_row};
