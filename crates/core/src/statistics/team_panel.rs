//! The numbers of each team on the dashboard, as one text of HTML, like the goals: it changes as a whole, and as views its
//! nodes would cost the browser several times the bytes.

use std::fmt::Write;

use tallyboard_model::{
    html::escape,
    language::{t, t_with},
    paths,
    statistics::TeamNumbers,
};

/// The heading, and a line for each team; they are not part of the four cards.
pub fn team_panel_html(teams: &[TeamNumbers]) -> String {
    let mut html = format!("<h2>{}</h2><ul>", t("Teams"));
    for TeamNumbers { team_id, name, pending, completed, total } in teams {
        let numbers = t_with(
            "{pending} pending, {completed} completed, {total} in all",
            &[("pending", pending), ("completed", completed), ("total", total)],
        );
        // Writing to a string cannot fail.
        let _ = write!(
            html,
            "<li><a href=\"{}\">{}</a><span class=hint>{numbers}</span>\
             <progress max={} value={completed} aria-label=\"{}\"></progress></li>",
            paths::team_tasks(*team_id),
            escape(name),
            total.max(&1),
            t("Completed"),
        );
    }
    html += "</ul>";
    if teams.is_empty() {
        let _ = write!(
            html,
            "<p class=hint>{}<a href=\"{}\">{}</a></p>",
            t("You're not in a team yet. "),
            paths::TEAMS,
            t("Create a team")
        );
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyboard_model::id::TeamId;

    #[test]
    fn the_name_of_a_team_is_text() {
        let name = "<b>Tom & \"Jerry\"</b>".to_owned();
        let html = team_panel_html(&[TeamNumbers { team_id: TeamId::new(), name, pending: 1, completed: 0, total: 1 }]);
        assert!(html.contains("&lt;b&gt;Tom &amp; &quot;Jerry&quot;&lt;/b&gt;") && !html.contains("<b>"), "{html}");
        assert!(html.contains("1 pending, 0 completed, 1 in all"), "{html}");
        assert!(team_panel_html(&[]).contains("You're not in a team yet."));
    }
}
