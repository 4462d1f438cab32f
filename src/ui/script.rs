//! Small inline scripts.

use leptos::{nonce::use_nonce, prelude::*};

pub use tallyboard_base::script::compact;

/// A script in the page, with the nonce that the content security policy asks for.
pub fn inline_script(text: &'static str) -> impl IntoView {
    view! { <script nonce=use_nonce()>{text}</script> }
}
