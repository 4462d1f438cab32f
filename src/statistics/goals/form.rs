//! Reads the goals from a form.

use tallyboard_core::statistics::goals::{Goals, MAX_GOAL, Weekday};
use tallyboard_model::{error::Result, input::Validator, language::t_with};

/// The goals in the texts of a form's fields; an empty one means no goal.
pub fn goals(daily: Option<String>, weekly: Option<String>, days_off: Vec<String>) -> Result<Goals> {
    let mut validator = Validator::new();
    let mut goal = |field: &str, text: Option<String>| {
        let text = text.unwrap_or_default();
        if text.trim().is_empty() {
            return None;
        }
        let goal = text.trim().parse().ok();
        if goal.is_none() {
            validator.reject(field, t_with("has to be a whole number from 1 to {most}", &[("most", &MAX_GOAL)]));
        }
        goal
    };
    let (daily, weekly) = (goal("daily", daily), goal("weekly", weekly));
    let weekday = |name: String| Weekday::ALL.into_iter().find(|day| day.name().eq_ignore_ascii_case(&name));
    let days_off: Vec<_> = days_off.into_iter().map(weekday).collect();
    if days_off.contains(&None) {
        validator.reject("days_off", "has to be the names of weekdays");
    }
    validator.finish()?;
    Ok(Goals { daily, weekly, days_off: days_off.into_iter().flatten().collect() })
}
