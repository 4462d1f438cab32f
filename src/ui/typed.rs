//! What somebody types.

/// The trimmed text; `None` when nothing is left.
pub fn not_empty(text: String) -> Option<String> {
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// The content of a `<textarea>` as HTML: `bind:value` alone renders nothing on the server.
pub fn inside_textarea(text: &str) -> String {
    // HTML ignores a line break at the start.
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}
