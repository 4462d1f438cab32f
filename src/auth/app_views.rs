//! The connected apps of /settings.

use leptos::prelude::*;

use super::views::{last_used, revocable_row};
use tallyboard_core::apps::ConnectedApp;
use tallyboard_model::language::{short_date, t, t_with};

/// The section of /settings.
pub fn app_section(apps: &[ConnectedApp]) -> impl IntoView + use<> {
    let none = apps.is_empty().then(
        || view! { <p class="hint">{t("No apps connected. Apps ask for access when you add the address above.")}</p> },
    );
    view! {
        <section class="card" id="apps">
            <h2>{t("Connected apps")}</h2>
            <ul class="sessions">{apps.iter().map(app_row).collect_view()}</ul>
            {none}
        </section>
    }
}

fn app_row(app: &ConnectedApp) -> impl IntoView + use<> {
    let can = if app.can_write { t("Reads and changes") } else { t("Reads only") };
    let from = app
        .host
        .as_ref()
        .map_or_else(|| t("self-declared name").to_owned(), |host| t_with("from {host}", &[("host", &host)]));
    let since = short_date(app.created_at.date_naive());
    let used = last_used(app.last_used_at);
    let note = t_with(
        "{can} · {from} · connected {since} · {used}",
        &[("can", &can), ("from", &from), ("since", &since), ("used", &used)],
    );
    let (id, name, label) = (app.id.to_string(), app.name.clone(), t_with("Revoke {name}", &[("name", &app.name)]));
    revocable_row(name, note, "revoke_app", id, t("Revoke"), label)
}
