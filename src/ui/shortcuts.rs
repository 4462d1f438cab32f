//! The list of keyboard shortcuts, on every page of a user.

use leptos::prelude::*;

use tallyboard_model::language::t;

/// The list; `?` and the account's menu open it.
pub fn shortcuts() -> impl IntoView {
    let keys = [
        ("j, k", t("the next and the previous task")),
        ("c", t("complete or reopen")),
        ("x", t("Select; Shift+X selects a range")),
        ("Enter", t("open; Escape closes")),
        ("e", t("edit; Escape closes")),
        ("t", t("on Today: move to today, or to tomorrow")),
        ("n", t("a new task, on every page")),
        ("z, Ctrl+z", t("undo")),
        ("/", t("search")),
    ];
    let rows = keys.into_iter().map(|(key, what)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div> });
    view! {
        <dialog class="card" id="keys" aria-labelledby="keys-title">
            <div class="dialog-head">
                <h2 id="keys-title">{t("Keyboard shortcuts")}</h2>
                <form method="dialog">
                    <button class="quiet">{t("Close")}</button>
                </form>
            </div>
            <dl class="facts">{rows.collect_view()}</dl>
        </dialog>
    }
}
