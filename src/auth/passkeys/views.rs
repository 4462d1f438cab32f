//! The shared parts of pages with passkeys: the button that signs in, and the script that speaks to the device.

use leptos::prelude::*;

use crate::scripts::{self, inline_script};
use tallyboard_model::{language::t, paths};

/// The name of the form that signs in.
pub const SIGN_IN_FORM: &str = "sign_in_with_passkey";

/// The script of the forms with `data-passkey`; it comes after them.
pub fn passkey_script() -> impl IntoView {
    inline_script(&scripts::PASSKEYS)
}

/// The fields that the script fills in, and the place for its errors.
pub fn passkey_fields() -> impl IntoView {
    view! {
        <input type="hidden" name="state" value="" />
        <input type="hidden" name="credential" value="" />
        <p class="alert" role="alert" hidden></p>
    }
}

/// Signs in and leads to the page `next`. The script shows the button where the browser has passkeys.
pub fn passkey_button(next: Option<String>) -> impl IntoView {
    view! {
        <form
            method="post"
            data-passkey="get"
            data-options=paths::SIGN_IN_WITH_PASSKEY
            hidden
        >
            <input type="hidden" name="form" value=SIGN_IN_FORM />
            <input type="hidden" name="next" value=next.unwrap_or_default() />
            {passkey_fields()}
            <button class="quiet">{t("Sign in with a passkey")}</button>
        </form>
        {passkey_script()}
    }
}
