//! Buttons that copy a text of the page, for pages without islands.

use leptos::prelude::*;

use super::script::inline_script;

/// Puts a button before every element with `data-copy`, which names what is copied.
const COPY_BUTTONS: &str = "document.querySelectorAll('[data-copy]').forEach(text => {
    if (!navigator.clipboard) return;
    const button = document.createElement('button');
    button.type = 'button'; button.className = 'quiet copy'; button.textContent = say('Copy');
    button.setAttribute('aria-label', say('Copy: {what}', { what: text.dataset.copy }));
    button.onclick = () => navigator.clipboard.writeText(text.textContent).then(() => {
        button.textContent = say('Copied'); setTimeout(() => { button.textContent = say('Copy') }, 2000);
    });
    text.before(button);
})";

/// The script of the buttons; it comes after what it copies.
pub fn copy_script() -> impl IntoView {
    inline_script(COPY_BUTTONS)
}
