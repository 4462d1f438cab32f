//! The structure of the dashboard. It is rendered here and belongs to the server: the island changes the parts that have
//! an id, and nothing else, so the browser needs no description of the rest.

use leptos::prelude::*;

use super::island::{
    part::{self, texts},
    trend::chart,
};
use crate::ui::icons::{Icon, IconImage};
use tallyboard_model::{
    language::{t, t_with},
    paths,
    statistics::{Dashboard, RANGES},
};

/// The placeholder for the chart.
const NO_CHART: &str = "<div class=\"skeleton chart-skeleton\"></div>";

/// The whole dashboard; without `data`, which is not counted yet, it has skeletons. `hint` says what keeps changes from
/// arriving at once.
pub fn dashboard_view(data: Option<&Dashboard>, days: u32, hint: Option<&'static str>) -> impl IntoView + use<> {
    let texts = data.map(texts);
    let text = |id: &str| texts.as_ref()?.iter().find(|(part, _)| *part == id).map(|(_, text)| text.clone());
    let number = |id| changing(id, "number", text(id));
    let note = |id| changing(id, "stat-note", text(id));
    let card = |label, href, icon, number: AnyView, note: Option<AnyView>| {
        view! {
            <a class="card stat" href=href>
                <span class="stat-label"><IconImage icon />{label}</span>
                {number}
                {note}
            </a>
        }
    };
    let fact = |label, id| view! { <div><dt>{label}</dt><dd>{number(id)}</dd></div> };
    let html = |part: fn(&Dashboard) -> &String| data.map(part).cloned().unwrap_or_default();
    let trend = data.map_or_else(|| NO_CHART.to_owned(), |data| chart(&data.bars, days.into()));
    view! {
        <div class="page-head">
            <h1>{t("Dashboard")}</h1>
            <p class="freshness" id=part::FRESHNESS data-state="polling" title=hint>
                <span class="dot" aria-hidden="true"></span>
                <span id=part::CONNECTION aria-live="polite">{t("Polling")}</span>
                <span class="age" id=part::AGE>{if data.is_some() { t("updated just now") } else { t("loading") }}</span>
            </p>
        </div>
        <div role="status">
            <div class="alert" id=part::ERROR hidden>
                <span id=part::ERROR_TEXT></span>
                <a class="button" id=part::SIGN_IN href="/signin?next=/dashboard" hidden>{t("Sign in")}</a>
                <button class="button" id=part::RETRY type="button" hidden>{t("Retry")}</button>
            </div>
        </div>
        <section class="cards" aria-label=t("Statistics")>
            {card(t("Total tasks"), paths::ALL_TASKS, Icon::List, number("total"), None)}
            {card(t("Pending"), paths::PENDING_TASKS, Icon::Clock, number("pending"), Some(note("pending-note")))}
            {card(t("Completed"), paths::COMPLETED_TASKS, Icon::Check, number("completed"), None)}
            {card(t("Shared with me"), paths::SHARED_TASKS, Icon::Share, number("shared"), Some(note("shared-note")))}
        </section>
        <section class="card goals" id=part::GOALS aria-label=t("Goals") inner_html=html(|data| &data.goals)></section>
        <section class="panels">
            <div class="card">
                <h2>{t("Activity")}</h2>
                <dl class="facts">
                    {fact(t("Created today"), "created-today")}
                    {fact(t("Completed today"), "completed-today")}
                    {fact(t("Created this week"), "created-this-week")}
                    {fact(t("Completed this week"), "completed-this-week")}
                    {fact(t("Completion rate"), "completion-rate")}
                </dl>
            </div>
            <div class="card trend">
                <div class="trend-head">
                    <h2>{t_with("The last {days} days", &[("days", &days)])}</h2>
                    <nav class="ranges" aria-label=t("Days to show")>{RANGES.map(|range| range_link(range, days)).collect_view()}</nav>
                </div>
                <figure id=part::TREND inner_html=trend></figure>
            </div>
        </section>
        <section class="card team-panel" id=part::TEAMS hidden=data.is_none() inner_html=html(|data| &data.teams)></section>
    }
}

/// A text that the island changes. Without it there is a skeleton as long, so that nothing moves when it arrives.
fn changing(id: &'static str, class: &'static str, text: Option<String>) -> AnyView {
    match text {
        Some(text) => view! { <span class=class id=id>{text}</span> }.into_any(),
        None => {
            view! { <span class=class id=id aria-hidden="true"><span class="skeleton">"0"</span></span> }.into_any()
        }
    }
}

/// A link to another range of the trend.
fn range_link(range: u32, shown: u32) -> impl IntoView {
    let label = t_with("{n} days", &[("n", &range)]);
    let href = format!("{}?days={range}", paths::DASHBOARD);
    view! { <a href=href aria-label=label aria-current=(range == shown).then_some("true")>{range}</a> }
}
