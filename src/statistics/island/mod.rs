//! The island of the dashboard: four cards, recent activity, a trend, the teams.

#![allow(missing_docs)] // of what the macro generates

mod trend;

use std::time::Duration;

use leptos::prelude::*;

use super::{Dashboard, actions};
use crate::{
    error::{Code, Error},
    language::{t, t_with},
    live::{self, LiveUpdate},
    paths,
    ui::{
        icons::{Icon, IconImage},
        polling::{Connection, Polling},
        polling_loop::use_polling,
    },
};
use trend::TrendChart;

/// The cards; they poll every `poll_seconds`.
#[island(lazy)]
pub fn DashboardCards(
    /// What the server counted for the page; without it the cards are skeletons at first.
    initial: Option<Dashboard>,
    /// Seconds from an answer to the next request.
    poll_seconds: u32,
    /// The range of the trend.
    days: u32,
    /// The heading of the trend with links to the other ranges, as HTML: the island has nothing to do with them.
    trend_head: String,
) -> impl IntoView {
    let fetch = move || actions::dashboard(Some(days));
    let polling = use_polling(initial, Duration::from_secs(poll_seconds.into()), fetch, keep_pushed);
    live::subscribe(move |update| apply_update(polling, update));
    let number = move |pick: fn(&Dashboard) -> u64| {
        Memo::new(move |_| polling.data.with(|data| data.as_ref().map(pick).map(|number| number.to_string())))
    };
    let rate = Memo::new(move |_| polling.data.with(|data| data.as_ref().map(|data| data.completion_rate.clone())));
    let teams = Memo::new(move |_| polling.data.with(|data| data.as_ref().map(|data| data.teams.clone())));
    let split = Memo::new(move |_| {
        polling.data.with(|data| {
            data.as_ref().map(|data| {
                t_with("{edit} to edit, {view} to view", &[("edit", &data.can_edit), ("view", &data.view_only)])
            })
        })
    });
    let due = Memo::new(move |_| polling.data.with(|data| data.as_ref().map(|data| data.pending_note.clone())));
    let goals = Memo::new(move |_| polling.data.with(|data| data.as_ref().map(|data| data.goals.clone())));
    let bars = Memo::new(move |_| polling.data.with(|data| data.as_ref().map(|data| data.bars.clone())));

    view! {
        <div class="page-head">
            <h1>{t("Dashboard")}</h1>
            <Freshness polling />
        </div>
        <ErrorBanner polling />
        <section class="cards" aria-label=t("Statistics")>
            <Card label=t("Total tasks") href=paths::TASKS icon=Icon::List number=number(|data| data.total_tasks) />
            <Card
                label=t("Pending")
                href=paths::PENDING_TASKS
                icon=Icon::Clock
                number=number(|data| data.pending_tasks)
                note=due
            />
            <Card
                label=t("Completed")
                href=paths::COMPLETED_TASKS
                icon=Icon::Check
                number=number(|data| data.completed_tasks)
            />
            <Card
                label=t("Shared with me")
                href=paths::SHARED_TASKS
                icon=Icon::Share
                number=number(|data| data.shared_tasks)
                note=split
            />
        </section>
        <section class="card goals" aria-label=t("Goals") inner_html=move || goals.get().unwrap_or_default()></section>
        <section class="panels">
            <div class="card">
                <h2>{t("Lately")}</h2>
                <dl class="facts">
                    <Fact label=t("Created today") value=number(|data| data.created_today) />
                    <Fact label=t("Completed today") value=number(|data| data.completed_today) />
                    <Fact label=t("Created this week") value=number(|data| data.created_this_week) />
                    <Fact label=t("Completed this week") value=number(|data| data.completed_this_week) />
                    <Fact label=t("Completion rate") value=rate />
                </dl>
            </div>
            <div class="card trend">
                <div class="trend-head" inner_html=trend_head></div>
                {move || match bars.get() {
                    Some(bars) => view! { <TrendChart bars days /> }.into_any(),
                    None => view! { <div class="skeleton chart-skeleton"></div> }.into_any(),
                }}
            </div>
        </section>
        <section
            class="card team-panel"
            hidden=move || teams.with(Option::is_none)
            inner_html=move || teams.get().unwrap_or_default()
        ></section>
    }
}

/// A `statistics` event has the four numbers; what else changes with them is fetched.
fn apply_update(polling: Polling<Dashboard>, update: &LiveUpdate) {
    match update {
        LiveUpdate::Connected => polling.live.set(true),
        LiveUpdate::Disconnected => polling.live.set(false),
        LiveUpdate::Refetch => polling.refetch(),
        LiveUpdate::Event(event) if event.event_type == "statistics" => polling.push(|shown| {
            shown.total_tasks = event.data.total_tasks;
            shown.pending_tasks = event.data.pending_tasks;
            shown.completed_tasks = event.data.completed_tasks;
            shown.shared_tasks = event.data.shared_tasks;
        }),
        // The four numbers do not include a team's tasks, which the panel below them counts.
        LiveUpdate::Event(event) if event.data.team_id.is_some() => polling.refetch(),
        LiveUpdate::Event(_) => {}
    }
}

/// An answer to a request that was sent before the shown numbers were pushed: the pushed ones stay.
fn keep_pushed(answer: Dashboard, shown: &Dashboard) -> Dashboard {
    Dashboard {
        total_tasks: shown.total_tasks,
        pending_tasks: shown.pending_tasks,
        completed_tasks: shown.completed_tasks,
        shared_tasks: shown.shared_tasks,
        ..answer
    }
}

/// A number and its CSS class. `tick-a` and `tick-b` are the same animation: changing from one to the other
/// plays it again. The first number is not animated, nor one that stays.
fn tick(value: Memo<Option<String>>) -> Memo<(Option<String>, &'static str)> {
    Memo::new(move |last: Option<&(Option<String>, &'static str)>| {
        let class = match last {
            Some((old, class)) if value.with(|value| value == old) => class,
            Some((Some(_), "number tick-a")) => "number tick-b",
            Some((Some(_), _)) => "number tick-a",
            _ => "number",
        };
        (value.get(), class)
    })
}

#[component]
fn Number(value: Memo<Option<String>>) -> impl IntoView {
    let class = tick(value);
    view! {
        <span class=move || class.get().1 aria-hidden=move || value.with(Option::is_none).then_some("true")>
            <span class:skeleton=move || value.with(Option::is_none)>{move || value.get().unwrap_or_else(|| "0".into())}</span>
        </span>
    }
}

#[component]
fn Card(
    label: &'static str,
    href: &'static str,
    icon: Icon,
    number: Memo<Option<String>>,
    #[prop(optional, into)] note: Option<Memo<Option<String>>>,
) -> impl IntoView {
    view! {
        <a class="card stat" href=href>
            <span class="stat-label"><IconImage icon />{label}</span>
            <Number value=number />
            {note.map(|note| view! { <Note note /> })}
        </a>
    }
}

/// A note about a number. The skeleton is as long, so that nothing moves when the note arrives.
#[component]
fn Note(note: Memo<Option<String>>) -> impl IntoView {
    let missing = move || note.with(Option::is_none);
    view! {
        <span class="stat-note" aria-hidden=move || missing().then_some("true")>
            <span class:skeleton=missing>{move || note.get().unwrap_or_else(|| "0".into())}</span>
        </span>
    }
}

#[component]
fn Fact(label: &'static str, value: Memo<Option<String>>) -> impl IntoView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd><Number value /></dd>
        </div>
    }
}

/// How the page learns of changes and how old the numbers are: in words as well as in colour.
#[component]
fn Freshness(polling: Polling<Dashboard>) -> impl IntoView {
    let state = move || match polling.connection.get() {
        Connection::Live => "live",
        Connection::Polling => "polling",
        Connection::Retrying => "retrying",
        Connection::Offline => "offline",
    };
    let word = move || match polling.connection.get() {
        Connection::Live => t("Live"),
        Connection::Polling => t("Polling"),
        Connection::Retrying => t("Retrying"),
        Connection::Offline => t("Offline"),
    };
    let age = move || match (polling.data.with(Option::is_some), polling.age.get()) {
        (false, _) => t("loading").to_owned(),
        (true, 0) => t("updated just now").to_owned(),
        (true, seconds) if seconds < 60 => t_with("updated {seconds} s ago", &[("seconds", &seconds)]),
        (true, seconds) => t_with("updated {minutes} min ago", &[("minutes", &(seconds / 60))]),
    };
    view! {
        <p class="freshness" data-state=state>
            <span class="dot" aria-hidden="true"></span>
            <span aria-live="polite">{word}</span>
            <span class="age">{age}</span>
        </p>
    }
}

/// What went wrong and what to do about it; the old numbers stay below it.
#[component]
fn ErrorBanner(polling: Polling<Dashboard>) -> impl IntoView {
    let message = |error: Error| match error.code {
        Code::Unauthorized => t("You are signed out.").to_owned(),
        _ => t_with(
            "{error}. The numbers below are the last that came.",
            &[("error", &error.message.trim_end_matches('.'))],
        ),
    };
    view! {
        <div role="status">
            {move || {
                polling
                    .error
                    .get()
                    .map(|error| {
                        let signed_out = error.code == Code::Unauthorized;
                        view! {
                            <div class="alert">
                                <span>{message(error)}</span>
                                {if signed_out {
                                    view! { <a class="button" href="/signin?next=/dashboard">{t("Sign in")}</a> }.into_any()
                                } else {
                                    view! {
                                        <button class="button" on:click=move |_| polling.refetch()>
                                            {t("Retry")}
                                        </button>
                                    }
                                        .into_any()
                                }}
                            </div>
                        }
                    })
            }}
        </div>
    }
}
