//! The goals on the dashboard, as one text of HTML: it changes as a whole, and as views its nodes would cost the
//! browser several times the bytes. Numbers have nothing to escape.

use std::fmt::Write;

use super::Goals;
use tallyboard_model::language::{t, t_count, t_with};

/// The user's progress today and this week; empty when there are no goals.
pub fn progress_html(goals: &Goals, completed_today: u64, completed_this_week: u64, streak: u32) -> String {
    let mut html = String::new();
    let parts = [(t("Today"), goals.daily, completed_today), (t("This week"), goals.weekly, completed_this_week)];
    for (label, goal, completed) in parts {
        let Some(goal) = goal else { continue };
        let progress = t_with("{completed} of {goal}", &[("completed", &completed), ("goal", &goal)]);
        let reached = if completed >= u64::from(goal) { " reached" } else { "" };
        let _ = write!(
            html,
            "<div class=\"goal{reached}\"><p>{label} <b>{progress}</b></p>\
             <progress max={goal} value={completed} aria-label=\"{label}\"></progress></div>"
        );
    }
    if !html.is_empty() {
        let _ = write!(html, "<p class=streak>{} <b>{}</b></p>", t("Streak"), days_in_words(streak));
    }
    html
}

/// `1 day`, `5 days`.
pub fn days_in_words(days: u32) -> String {
    t_count(days.into(), "{n} day", "{n} days")
}
