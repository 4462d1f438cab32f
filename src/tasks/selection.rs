//! Many tasks at once: a box in each row, and a bar that says what happens to those that are selected. It is one form,
//! which works without script.

use leptos::prelude::*;

use crate::scripts::{self, inline_script};
use tallyboard_model::{language::t, membership::ListedTeam, tasks::NO_TEAM};

/// Shows the boxes of all rows.
#[component]
pub fn SelectSwitch() -> impl IntoView {
    view! {
        <label class="select-switch">
            <input id="selecting" type="checkbox" class="visually-hidden" autocomplete="off" />
            <span>{t("Select")}</span>
        </label>
    }
}

/// The bar at the lower edge, which the boxes of the rows belong to.
#[component]
pub fn SelectionBar(
    /// The teams of the user, into which tasks can be moved.
    teams: Vec<ListedTeam>,
) -> impl IntoView {
    let options = teams.into_iter().map(|team| view! { <option value=team.id.to_string()>{team.name}</option> });
    view! {
        <form id="selection" class="card selection" method="post">
            <input type="hidden" name="form" value="change_tasks" />
            <span role="status"></span>
            <button class="quiet clear" type="button">{t("Cancel")}</button>
            <button class="quiet" name="action" value="complete">{t("Complete")}</button>
            <button class="quiet" name="action" value="reopen">{t("Reopen")}</button>
            <button class="quiet" name="action" value="delete">{t("Delete")}</button>
            <span class="selection-move">
                <input name="due_on" type="date" aria-label=t("Day to move to") />
                <select name="team_id" aria-label=t("Team to move to")>
                    <option value="">{t("Same team")}</option>
                    <option value=NO_TEAM>{t("No team")}</option>
                    {options.collect_view()}
                </select>
                <button class="quiet" name="action" value="move">{t("Move")}</button>
            </span>
        </form>
        {inline_script(&scripts::SELECTION)}
    }
}
