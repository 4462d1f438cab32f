//! The errors of a form that was sent without script, on its page.

use std::collections::BTreeMap;

use leptos::prelude::{ClassAttribute, ElementChild, GlobalAttributes, IntoView, view};

pub use tallyboard_base::form_address::{EDIT, SignText, accepted_form, list_query, only, rejected_form};
use tallyboard_base::form_address::{input_of, read_rejected_form};
use tallyboard_model::error::Error;

/// The errors of a rejected form and its input, as the page shows them.
#[derive(Clone, Default)]
pub struct FormErrors {
    error: Option<Error>,
    input: BTreeMap<String, String>,
}

impl FormErrors {
    /// Reads them from the address of a page; an error that we did not sign is ignored.
    pub fn read(signer: &impl SignText, path: &str, query: Option<&str>) -> Self {
        let (error, input) = read_rejected_form(signer, path, query);
        Self { error, input }
    }

    /// The error with its fields, for a page whose fields show no errors themselves.
    pub fn message(&self) -> impl IntoView + use<> {
        alert(self.error.as_ref().map(ToString::to_string))
    }

    /// The error alone, for a page whose fields show their own.
    pub fn headline(&self) -> impl IntoView + use<> {
        alert(self.error.as_ref().map(|error| error.message.clone()))
    }

    /// The input of a field, else the page's own parameter of this name.
    pub fn input(&self, name: &str) -> Option<String> {
        input_of(&self.input, name).cloned()
    }

    /// Why a field was rejected.
    pub fn field(&self, name: &str) -> Option<String> {
        self.error.as_ref()?.fields.get(name).cloned()
    }
}

fn alert(message: Option<String>) -> impl IntoView + use<> {
    message.map(|message| view! { <p class="alert" role="alert">{message}</p> })
}
