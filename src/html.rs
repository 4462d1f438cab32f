//! HTML that no template writes: error pages, mails, parts that a browser gets as one text.

/// Text for the inside of an element or an attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text from the inside of an element, as [`escape`] or a sanitizer writes it.
pub fn unescape(text: &str) -> String {
    // `&` last: `&amp;lt;` is `&lt;`.
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ").replace("&amp;", "&")
}
