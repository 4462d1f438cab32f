//! The trend as inline SVG, with the same as text for who can't see it.

use leptos::prelude::*;

use super::TrendDay;

/// Units of the drawing; CSS scales it to the card.
const WIDTH: u64 = 600;
const HEIGHT: u64 = 160;
/// Room between one day's bars and the next's.
const GAP: u64 = 4;

/// Two bars a day: created and completed.
#[component]
pub fn TrendChart(
    /// Oldest first.
    days: Vec<TrendDay>,
) -> impl IntoView {
    let highest = days.iter().map(|day| day.created.max(day.completed)).max().unwrap_or(0).max(1);
    let (created, completed) = days.iter().fold((0, 0), |sum, day| (sum.0 + day.created, sum.1 + day.completed));
    let summary = format!("{created} tasks created and {completed} completed in the last {} days", days.len());
    let slot = WIDTH / days.len().max(1) as u64;
    let bar = (slot.saturating_sub(GAP) / 2).max(1);
    let rect = move |x: u64, count: u64, class: &'static str| {
        // A day with something in it is seen, however high the others are.
        let height = if count == 0 { 0 } else { (count * HEIGHT / highest).max(2) };
        view! { <rect class=class x=x y=HEIGHT - height width=bar height=height rx="1"></rect> }
    };
    let bars = days
        .iter()
        .enumerate()
        .map(|(index, day)| {
            let x = index as u64 * slot;
            let title = format!("{}: {} created, {} completed", day.date, day.created, day.completed);
            view! {
                <g>
                    <title>{title}</title>
                    {rect(x, day.created, "bar-created")}
                    {rect(x + bar, day.completed, "bar-completed")}
                </g>
            }
        })
        .collect_view();
    let ends = days.first().zip(days.last()).map(|(first, last)| (first.date.to_string(), last.date.to_string()));
    let rows = days
        .iter()
        .rev()
        .map(|day| {
            view! {
                <tr>
                    <th scope="row">{day.date.to_string()}</th>
                    <td>{day.created}</td>
                    <td>{day.completed}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <figure>
            <svg class="chart" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=summary.clone() preserveAspectRatio="none">
                {bars}
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
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}
