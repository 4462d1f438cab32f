//! The link to the next, older page of a list.

use leptos::prelude::*;

/// The link, when there is an older page.
pub fn older_page(href: Option<String>, label: &'static str) -> impl IntoView + use<> {
    href.map(|href| view! { <p class="pager"><a class="button" href=href>{label}</a></p> })
}

/// The address of the older page of a list that has no other parameters.
pub fn with_cursor(path: &str, cursor: Option<String>) -> Option<String> {
    let query = serde_urlencoded::to_string([("cursor", cursor?)]).unwrap_or_default();
    Some(format!("{path}?{query}"))
}
