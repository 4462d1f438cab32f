//! The trend as inline SVG, and as a table for people who cannot see the chart.
//!
//! It is one text of HTML: as views, its nodes would cost the browser several times the bytes, and it only ever
//! changes as a whole. Numbers and dates have nothing to escape.

use std::fmt::Write;

use tallyboard_model::{
    language::{t, t_with},
    statistics::{TrendBar, chart_scale},
};

/// The height of the drawing in its own units; CSS scales it to the card.
const HEIGHT: u64 = 160;
/// The width of a day or a week: two bars and a gap.
const SLOT: u64 = 20;
const BAR: u64 = 8;
/// About how long the HTML of a day or a week is, in bytes.
const BAR_HTML: usize = 160;

/// Two bars for each day, or for each week of a long range: created and completed. `bars`: the oldest first.
pub fn chart(bars: &[TrendBar], days: u64) -> String {
    let highest = bars.iter().map(|bar| bar.created.max(bar.completed)).max().unwrap_or(0);
    let top = chart_scale(highest);
    let half = top / 2;
    let (created, completed) = bars.iter().fold((0, 0), |sum, bar| (sum.0 + bar.created, sum.1 + bar.completed));
    let summary = t_with(
        "{created} tasks created and {completed} completed in the last {days} days",
        &[("created", &created), ("completed", &completed), ("days", &days)],
    );
    let width = SLOT * bars.len() as u64;
    let (mut created_bars, mut completed_bars) = (String::new(), String::new());
    // A radio button a day: the arrow keys go from day to day, and the page needs no script for that.
    let (mut values, mut rows) =
        (String::with_capacity(bars.len() * BAR_HTML), String::with_capacity(bars.len() * BAR_HTML));
    for (index, TrendBar { label, created, completed }) in bars.iter().enumerate() {
        let middle = index as u64 * SLOT + BAR / 2;
        draw_bar(&mut created_bars, middle, *created, top);
        draw_bar(&mut completed_bars, middle + BAR, *completed, top);
        let value = t_with(
            "{label}: {created} created, {completed} completed",
            &[("label", label), ("created", created), ("completed", completed)],
        );
        let value = value.as_str();
        values.extend([
            "<label><input type=radio name=day aria-label=\"",
            value,
            "\"><span>",
            value,
            "</span></label>",
        ]);
    }
    for TrendBar { label, created, completed } in bars.iter().rev() {
        let (created, completed) = (created.to_string(), completed.to_string());
        rows.extend(["<tr><th scope=row>", label, "<td>", &created, "<td>", &completed]);
    }
    let key_created = t_with("{n} created", &[("n", &created)]);
    let key_completed = t_with("{n} completed", &[("n", &completed)]);
    let as_table = t("Show as a table");
    let [first, last] = [bars.first(), bars.last()].map(|bar| bar.map_or("", |bar| &bar.label));
    format!(
        "<div class=chart role=group aria-label=\"{summary}\">\
           <svg viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=none aria-hidden=true>\
             <path class=chart-lines d=\"M0 0h{width}M0 {}h{width}M0 {HEIGHT}h{width}\"/>\
             <g stroke-width={BAR}><path class=bar-created d=\"{created_bars}\"/><path class=bar-completed d=\"{completed_bars}\"/></g>\
           </svg>\
           <span class=chart-top aria-hidden=true>{top}</span><span class=chart-half aria-hidden=true>{half}</span>\
           <div class=chart-days>{values}</div>\
         </div>\
         <p class=chart-ends aria-hidden=true><span>{first}</span><span>{last}</span></p>\
         <figcaption><span class=key>{key_created}</span><span class=\"key key-completed\">{key_completed}</span></figcaption>\
         <details><summary>{as_table}</summary>\
           <div class=table-scroll tabindex=0 role=group aria-label=\"{summary}\"><table>\
             <thead><tr><th scope=col>{}<th scope=col>{}<th scope=col>{}</thead><tbody>{rows}</tbody>\
           </table></div>\
         </details>",
        HEIGHT / 2,
        t("Day"),
        t("Created"),
        t("Completed"),
    )
}

/// A line as thick as a bar is wide, upwards from the bottom.
fn draw_bar(path: &mut String, middle: u64, count: u64, top: u64) {
    if count > 0 {
        // Every day with a task is visible, however high the other bars are.
        let height = (count * HEIGHT / top).max(2);
        let _ = write!(path, "M{middle} {HEIGHT}v-{height}");
    }
}
