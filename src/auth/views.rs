//! What several forms of the account share.

use leptos::prelude::*;

use crate::ui::{field::Field, forms::FormErrors};

/// Why somebody who signed in long ago gives their password again.
pub const AGAIN: &str = "Again, because you signed in more than an hour ago";

/// The field for the password that confirms a change.
pub fn password_field(name: &'static str, hint: &'static str, errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <Field
            name
            label="Your password"
            kind="password"
            autocomplete="current-password"
            error=errors.field(name)
            hint
        />
    }
}

/// The same for somebody who signed in long ago.
pub fn password_again(name: &'static str, errors: &FormErrors) -> impl IntoView + use<> {
    password_field(name, AGAIN, errors)
}
