//! The island of the dashboard: it polls, listens, and shows what has changed.
//!
//! It doesn't have its own view. What the server has rendered (`statistics/views.rs`) stays, and the island changes the parts
//! that have an id: describing them again would cost the browser bytes and time.

#![allow(missing_docs)] // of what the macro generates

pub mod part;
pub mod trend;

use std::time::Duration;

use leptos::prelude::*;
use serde::Serialize;

use crate::{
    json::{Json, fetch_json},
    live,
    ui::{
        browser,
        polling::{Connection, Polling},
        polling_loop::use_polling,
    },
};
use tallyboard_model::{
    error::{Code, Error},
    language::{t, t_with},
    live::LiveUpdate,
    statistics::{Dashboard, TrendBar},
};

/// Keeps the dashboard of the page up to date. What it needs to know is embedded in the page ([`PageState`]): the reader of an
/// island's own properties would be serde's.
#[island(lazy)]
pub fn DashboardUpdates() -> impl IntoView {
    let PageState { shown, poll_seconds, days } = PageState::read();
    let fetch = move || async move {
        let path = format!("/api/ui/dashboard?days={days}");
        fetch_json(path).await.map(|json| read_dashboard(&json))
    };
    let polling = use_polling(shown, Duration::from_secs(poll_seconds), fetch);
    live::subscribe(move |update| apply_update(polling, update)).for_island();
    let show_data = move |data: &Option<Dashboard>, before: Option<&Option<Dashboard>>, _: Option<()>| {
        if let Some(data) = data {
            show(data, before.and_then(Option::as_ref), days);
        }
    };
    Effect::watch(move || polling.data.get(), show_data, false);
    Effect::watch(move || polling.connection.get(), |connection, _, _| show_connection(*connection), true);
    let age = move || polling.data.with(Option::is_some).then(|| polling.age.get());
    Effect::watch(age, |age, _, _| browser::set_text(part::AGE, &age_words(*age)), true);
    Effect::watch(move || polling.error.get(), |error, _, _| show_error(error.as_ref()), false);
    browser::on_click(part::RETRY, move || polling.refetch());
}

/// The page's state as JSON.
#[derive(Serialize)]
pub struct PageState {
    /// The data already on the page; `None` if it shows skeletons.
    pub shown: Option<Dashboard>,
    /// Seconds from an answer to the next request.
    pub poll_seconds: u64,
    /// The range of the trend.
    pub days: u64,
}

impl PageState {
    fn read() -> Self {
        let state = browser::text(part::PAGE_STATE).as_deref().and_then(Json::parse);
        let number = |name: &str| state.as_ref().map_or(0, |state| state.number(name));
        let shown = state.as_ref().map(|state| state.get("shown")).filter(Json::is_object);
        Self {
            shown: shown.map(|shown| read_dashboard(&shown)),
            poll_seconds: number("poll_seconds").max(1),
            days: number("days"),
        }
    }
}

/// Reads an answer of the server.
fn read_dashboard(json: &Json) -> Dashboard {
    let string = |name: &str| json.text(name).unwrap_or_default();
    let bar = |bar: &Json| TrendBar {
        label: bar.text("label").unwrap_or_default(),
        created: bar.number("created"),
        completed: bar.number("completed"),
    };
    Dashboard {
        total_tasks: json.number("total_tasks"),
        pending_tasks: json.number("pending_tasks"),
        pending_note: string("pending_note"),
        completed_tasks: json.number("completed_tasks"),
        shared_tasks: json.number("shared_tasks"),
        view_only: json.number("view_only"),
        can_edit: json.number("can_edit"),
        created_today: json.number("created_today"),
        completed_today: json.number("completed_today"),
        created_this_week: json.number("created_this_week"),
        completed_this_week: json.number("completed_this_week"),
        completion_rate: string("completion_rate"),
        goals: string("goals"),
        bars: json.items("bars").iter().map(bar).collect(),
        teams: string("teams"),
    }
}

/// A `statistics` event has the four numbers. They're fetched with their notes, so that all of them change at once.
fn apply_update(polling: Polling<Dashboard>, update: &LiveUpdate) {
    match update {
        LiveUpdate::Connected => polling.live.set(true),
        LiveUpdate::Disconnected => polling.live.set(false),
        LiveUpdate::Refetch => polling.refetch(),
        LiveUpdate::Event(event) if event.event_type == "statistics" => polling.refetch(),
        // The four numbers do not include a team's tasks, which the panel below them counts.
        LiveUpdate::Event(event) if event.data.team_id.is_some() => polling.refetch(),
        LiveUpdate::Event(_) => {}
    }
}

/// Shows what differs from what was shown before; `None` if skeletons were shown.
fn show(data: &Dashboard, before: Option<&Dashboard>, days: u64) {
    let old = before.map(part::texts);
    for (index, (id, text)) in part::texts(data).into_iter().enumerate() {
        let shown = old.as_ref().map(|old| &old[index].1);
        if shown != Some(&text) {
            browser::set_text(id, &text);
            if shown.is_some() && !id.ends_with("-note") {
                browser::highlight_number(id);
            }
        }
    }
    let differs = |part: fn(&Dashboard) -> &String| before.map(part) != Some(part(data));
    if before.map(|before| &before.bars) != Some(&data.bars) {
        browser::set_html(part::TREND, &trend::chart(&data.bars, days));
    }
    if differs(|data| &data.goals) {
        browser::set_html(part::GOALS, &data.goals);
    }
    if differs(|data| &data.teams) {
        browser::set_hidden(part::TEAMS, false);
        browser::set_html(part::TEAMS, &data.teams);
    }
}

/// In words as well as in colour.
fn show_connection(connection: Connection) {
    let (state, word) = match connection {
        Connection::Live => ("live", t("Live")),
        Connection::Polling => ("polling", t("Polling")),
        Connection::Retrying => ("retrying", t("Retrying")),
        Connection::Offline => ("offline", t("Offline")),
    };
    browser::set_attribute(part::FRESHNESS, "data-state", state);
    browser::set_text(part::CONNECTION, word);
}

/// How old the numbers are; `None` if there are none yet.
fn age_words(age: Option<u32>) -> String {
    match age {
        None => t("loading").to_owned(),
        Some(0) => t("updated just now").to_owned(),
        Some(seconds @ ..60) => t_with("updated {seconds} s ago", &[("seconds", &seconds)]),
        Some(seconds) => t_with("updated {minutes} min ago", &[("minutes", &(seconds / 60))]),
    }
}

/// What went wrong and what to do about it; the old numbers stay below it.
fn show_error(error: Option<&Error>) {
    browser::set_hidden(part::ERROR, error.is_none());
    let Some(error) = error else { return };
    let is_signed_out = error.code == Code::Unauthorized;
    let text = if is_signed_out {
        t("You're signed out.").to_owned()
    } else {
        let error = error.message.trim_end_matches('.');
        t_with("{error}. The numbers below may be out of date.", &[("error", &error)])
    };
    browser::set_text(part::ERROR_TEXT, &text);
    browser::set_hidden(part::SIGN_IN, !is_signed_out);
    browser::set_hidden(part::RETRY, is_signed_out);
}
