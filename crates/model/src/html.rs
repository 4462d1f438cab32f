//! HTML that no template writes: error pages, mails, parts that a browser gets as one text.

use serde::Serialize;

/// Text for the inside of an element or an attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// JSON for the inside of a script: `</script>` in a text would end the script.
pub fn json_in_script(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c"))
}

/// Text from the inside of an element, as [`escape`] or a sanitizer writes it.
pub fn unescape(text: &str) -> String {
    // `&` last: `&amp;lt;` is `&lt;`.
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ").replace("&amp;", "&")
}
