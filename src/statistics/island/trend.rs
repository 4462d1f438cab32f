//! The trend as inline SVG, and as a table for people who cannot see the chart.
//!
//! It is one text of HTML: as views, its nodes would cost the browser several times the bytes, and it only ever
//! changes as a whole. Numbers and dates have nothing to escape.

use std::fmt::Write;

use leptos::prelude::*;

use crate::statistics::DashboardDay;

/// The size of the drawing in its own units; CSS scales it to the card.
const WIDTH: u64 = 600;
const HEIGHT: u64 = 160;
/// Space between the bars of two days.
const GAP: u64 = 4;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Two bars for each day: created and completed.
#[component]
pub fn TrendChart(
    /// Oldest first.
    days: Vec<DashboardDay>,
) -> impl IntoView {
    view! { <figure inner_html=chart(&days)></figure> }
}

fn chart(days: &[DashboardDay]) -> String {
    let highest = days.iter().map(|day| day.created.max(day.completed)).max().unwrap_or(0);
    let top = scale(highest);
    let half = top / 2;
    let (created, completed) = days.iter().fold((0, 0), |sum, day| (sum.0 + day.created, sum.1 + day.completed));
    let summary = format!("{created} tasks created and {completed} completed in the last {} days", days.len());
    let slot = WIDTH / days.len().max(1) as u64;
    let bar = (slot.saturating_sub(GAP) / 2).max(1);
    let (mut created_bars, mut completed_bars) = (String::new(), String::new());
    // A radio button a day: the arrow keys go from day to day, and the page needs no script for that.
    let (mut values, mut rows) = (String::new(), String::new());
    for (index, DashboardDay { date, created, completed }) in days.iter().enumerate() {
        let x = index as u64 * slot;
        draw_bar(&mut created_bars, x, bar, *created, top);
        draw_bar(&mut completed_bars, x + bar, bar, *completed, top);
        let day = day_and_month(date);
        let value = format!("{day}: {created} created, {completed} completed");
        let _ = write!(values, "<label><input type=radio name=day aria-label=\"{value}\"><span>{value}</span></label>");
        rows.insert_str(0, &format!("<tr><th scope=row>{date}<td>{created}<td>{completed}"));
    }
    let [first, last] =
        [days.first(), days.last()].map(|day| day.map(|day| day_and_month(&day.date)).unwrap_or_default());
    format!(
        "<div class=chart role=group aria-label=\"{summary}\">\
           <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=none aria-hidden=true>\
             <path class=chart-lines d=\"M0 0h{WIDTH}M0 {}h{WIDTH}M0 {HEIGHT}h{WIDTH}\"/>\
             <path class=bar-created d=\"{created_bars}\"/><path class=bar-completed d=\"{completed_bars}\"/>\
           </svg>\
           <span class=chart-top aria-hidden=true>{top}</span><span class=chart-half aria-hidden=true>{half}</span>\
           <div class=chart-days>{values}</div>\
         </div>\
         <p class=chart-ends aria-hidden=true><span>{first}</span><span>{last}</span></p>\
         <figcaption><span class=key>{created} created</span><span class=\"key key-completed\">{completed} completed</span></figcaption>\
         <details><summary>Show as a table</summary>\
           <div class=table-scroll tabindex=0 role=group aria-label=\"{summary}\"><table>\
             <thead><tr><th scope=col>Day<th scope=col>Created<th scope=col>Completed</thead><tbody>{rows}</tbody>\
           </table></div>\
         </details>",
        HEIGHT / 2
    )
}

fn draw_bar(path: &mut String, x: u64, width: u64, count: u64, top: u64) {
    if count > 0 {
        // Every day with a task is visible, however high the other bars are.
        let height = (count * HEIGHT / top).max(2);
        let _ = write!(path, "M{x} {HEIGHT}v-{height}h{width}v{height}z");
    }
}

/// The top of the scale: a round number just above the highest, whose half is a whole number.
fn scale(highest: u64) -> u64 {
    let mut unit = 2;
    while unit * 10 < highest {
        unit *= 10;
    }
    highest.max(1).div_ceil(unit) * unit
}

/// `2026-11-09` as people read it: `9 Nov`.
fn day_and_month(date: &str) -> String {
    let month = date.get(5..7).and_then(|month| month.parse::<usize>().ok()).unwrap_or_default();
    let day = date.get(8..).unwrap_or_default().trim_start_matches('0');
    format!("{day} {}", MONTHS.get(month.wrapping_sub(1)).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_above_the_highest_bar_and_its_half_is_whole() {
        for (highest, top) in
            [(0, 2), (1, 2), (2, 2), (3, 4), (13, 14), (20, 20), (21, 40), (99, 100), (101, 120), (999_999, 1_000_000)]
        {
            assert_eq!(scale(highest), top, "{highest}");
        }
    }

    #[test]
    fn dates_are_read_by_people() {
        assert_eq!(day_and_month("2026-11-09"), "9 Nov");
        assert_eq!(day_and_month("2026-01-30"), "30 Jan");
    }
}
