//! The scripts of pages, for what works without an island or before it. They're JavaScript with types in comments, sent as they are
//! but for the comments; `make check` runs TypeScript and oxlint over them, and over `public/`. `tests/http/scripts.rs` compares what
//! they name with the HTML.

use std::sync::LazyLock;

use leptos::{nonce::use_nonce, prelude::*};
use tallyboard_base::script::compact;

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {$(
        $(#[$doc])*
        pub static $name: LazyLock<String> = LazyLock::new(|| compact(include_str!($file)));
    )*};
}

scripts! {
    /// Asks the browser to show notifications.
    ASK_BROWSER = "ask_browser.js";
    /// Keeps the count of the bell, and shows what is new.
    BELL = "bell.js";
    /// What the other scripts use; in the head of every page.
    COMMON = "common.js";
    /// Buttons that copy a text.
    COPY = "copy.js";
    /// Ignores the second click of a double click on a row that has moved.
    DOUBLE_CLICK = "double_click.js";
    /// Drags tasks to another day.
    DRAG = "drag.js";
    /// The count at Today, the theme and the list of shortcuts; at the end of every page of a user.
    HEADER = "header.js";
    /// Gives each key of the page its one owner; in the head of every page of a user.
    KEYS = "keys.js";
    /// The full screen of the dashboard, which is in `public/kiosk.js`.
    KIOSK_BUTTON = "kiosk_button.js";
    /// The panel in which a task opens, and its fields.
    OPEN_TASK = "open_task.js";
    /// Makes passkeys and signs in with them.
    PASSKEYS = "passkeys.js";
    /// The form of every page that adds a task.
    QUICK_ADD = "quick_add.js";
    /// Many tasks at once: ranges, and no new page after a change.
    SELECTION = "selection.js";
    /// The choice whether single keys act.
    SINGLE_KEYS = "single_keys.js";
    /// The keys of the lists of tasks.
    TASK_KEYS = "task_keys.js";
    /// Fills in the time zone of a new account.
    TIME_ZONE = "time_zone.js";
    /// Takes back what the user did on the page.
    UNDO = "undo.js";
    /// Shows how far an upload is.
    UPLOAD = "upload.js";
}

/// A script in the page, with the nonce that the content security policy asks for.
pub fn inline_script(text: &'static str) -> impl IntoView {
    view! { <script nonce=use_nonce()>{text}</script> }
}
