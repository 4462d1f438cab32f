//! The connected apps of /settings.

use leptos::prelude::*;

use crate::apps::ConnectedApp;

/// The section of /settings.
pub fn app_section(apps: &[ConnectedApp]) -> impl IntoView + use<> {
    let none =
        apps.is_empty().then(|| view! { <p class="hint">"None yet. An app that speaks MCP asks you by itself."</p> });
    view! {
        <section class="card" id="apps">
            <h2>"Connected apps"</h2>
            <ul class="sessions">{apps.iter().map(app_row).collect_view()}</ul>
            {none}
        </section>
    }
}

fn app_row(app: &ConnectedApp) -> impl IntoView + use<> {
    let can = if app.can_write { "Reads and changes" } else { "Reads only" };
    let from = app.host.as_ref().map_or_else(|| "named by itself".to_owned(), |host| format!("from {host}"));
    let since = app.created_at.format("%Y-%m-%d");
    let used = app
        .last_used_at
        .map_or("not used yet".to_owned(), |time| format!("last used {}", time.format("%Y-%m-%d %H:%M UTC")));
    let note = format!("{can} · {from} · connected {since} · {used}");
    let (id, name, label) = (app.id.to_string(), app.name.clone(), format!("Revoke {}", app.name));
    view! {
        <li>
            <div>
                <p class="token-name">{name}</p>
                <p class="hint">{note}</p>
            </div>
            <form method="post" action="/api/ui/revoke_app">
                <input type="hidden" name="id" value=id />
                <button class="quiet" aria-label=label>"Revoke"</button>
            </form>
        </li>
    }
}
