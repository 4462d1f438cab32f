//! The trend as inline SVG, and as a table for people who cannot see the chart.

use leptos::prelude::*;

use crate::statistics::DashboardDay;

/// The size of the drawing in its own units; CSS scales it to the card.
const WIDTH: u64 = 600;
const HEIGHT: u64 = 160;
/// Space between the bars of two days.
const GAP: u64 = 4;

/// Two bars for each day: created and completed.
#[component]
pub fn TrendChart(
    /// Oldest first.
    days: Vec<DashboardDay>,
) -> impl IntoView {
    let highest = days.iter().map(|day| day.created.max(day.completed)).max().unwrap_or(0).max(1);
    let (created, completed) = days.iter().fold((0, 0), |sum, day| (sum.0 + day.created, sum.1 + day.completed));
    let summary = format!("{created} tasks created and {completed} completed in the last {} days", days.len());
    let slot = WIDTH / days.len().max(1) as u64;
    let bar = (slot.saturating_sub(GAP) / 2).max(1);
    // One path for each series: a node for every bar rendered up to a ninth slower (docs/PERFORMANCE.md).
    let bars = |offset: u64, count: fn(&DashboardDay) -> u64| {
        let mut path = String::new();
        for (index, day) in days.iter().enumerate().filter(|(_, day)| count(day) > 0) {
            // Every day with a task is visible, however high the other bars are.
            let height = (count(day) * HEIGHT / highest).max(2);
            let x = index as u64 * slot + offset;
            path += &format!("M{x} {HEIGHT}v-{height}h{bar}v{height}z");
        }
        path
    };
    let (created_bars, completed_bars) = (bars(0, |day| day.created), bars(bar, |day| day.completed));
    let ends = days.first().zip(days.last()).map(|(first, last)| (first.date.clone(), last.date.clone()));
    // Only numbers and dates: nothing has to be escaped.
    let rows: String = days
        .iter()
        .rev()
        .map(|day| format!("<tr><th scope=\"row\">{}<td>{}<td>{}", day.date, day.created, day.completed))
        .collect();
    view! {
        <figure>
            <svg class="chart" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=summary.clone() preserveAspectRatio="none">
                <path class="bar-created" d=created_bars></path>
                <path class="bar-completed" d=completed_bars></path>
            </svg>
            <p class="chart-ends" aria-hidden="true">
                {ends.map(|(first, last)| view! { <span>{first}</span><span>{last}</span> })}
            </p>
            <figcaption>
                <span class="key key-created">{format!("{created} created")}</span>
                <span class="key key-completed">{format!("{completed} completed")}</span>
            </figcaption>
            <details>
                <summary>"Show as a table"</summary>
                <div class="table-scroll" tabindex="0" role="group" aria-label=summary>
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">"Day"</th>
                                <th scope="col">"Created"</th>
                                <th scope="col">"Completed"</th>
                            </tr>
                        </thead>
                        <tbody inner_html=rows></tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}
