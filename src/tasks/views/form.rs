//! The form to edit a task.

use leptos::prelude::*;

use crate::{
    tasks::listed::ListedTask,
    ui::{forms::FormErrors, typed::inside_textarea},
};
use tallyboard_model::{
    language::t,
    membership::ListedTeam,
    permissions::{Access, Role},
    tasks::NO_TEAM,
};

/// The form below its task. Without a task it is the template of that form: the island replaces the `id`, and fills
/// it. Enter saves, Escape closes it.
pub fn edit_form(
    id: &str,
    task: Option<&ListedTask>,
    teams: &[ListedTeam],
    errors: &FormErrors,
) -> impl IntoView + use<> {
    // Only the owner may move a task, and only somebody in a team has a place to move it to.
    let may_move = task.is_none_or(|task| task.access == Access::Owner) && !teams.is_empty();
    let team = may_move.then(|| team_choice(id, task, teams, errors));
    let title = errors.input("title").or_else(|| task.map(|task| task.title.clone()));
    let description = errors.input("description").or_else(|| task?.description.clone());
    let description = description.as_deref().map(inside_textarea);
    let due = errors.input("due_on").or_else(|| Some(task?.due.as_ref()?.0.on.clone()));
    view! {
        <form class="task-form" method="post">
            <input type="hidden" name="form" value="update_task" />
            <input type="hidden" name="id" value=id.to_owned() />
            <div role="status">
                <div class="conflict" hidden>
                    <p></p>
                    <p class="hint"></p>
                    <p>{t("Saving replaces it with your version below.")}</p>
                    <button type="button" class="quiet take-theirs">{t("Use their version")}</button>
                </div>
                <p class="gone" hidden>{t("This task was deleted, or is no longer shared with you. What you typed is still here.")}</p>
            </div>
            <label for=format!("title-{id}")>{t("Title")}</label>
            <input id=format!("title-{id}") name="title" maxlength="200" required value=title />
            <label for=format!("description-{id}")>{t("Description")}</label>
            <textarea
                id=format!("description-{id}")
                name="description"
                maxlength="1000"
                rows="3"
                inner_html=description.unwrap_or_default()
            ></textarea>
            <label for=format!("due-{id}")>{t("Due on")}</label>
            <input id=format!("due-{id}") name="due_on" type="date" value=due />
            {team}
            <button class="button">{t("Save")}</button>
        </form>
    }
}

/// The choice of the task's team, or none.
pub fn team_choice(
    id: &str,
    task: Option<&ListedTask>,
    teams: &[ListedTeam],
    errors: &FormErrors,
) -> impl IntoView + use<> {
    let stored = task.and_then(|task| task.team.as_ref()).map(|team| team.id);
    let chosen = errors.input("team_id").map_or(stored, |typed| typed.parse().ok());
    let options = teams.iter().filter(|team| team.role >= Role::Member || Some(team.id) == chosen);
    let options = options.map(|team| {
        let is_chosen = Some(team.id) == chosen;
        view! { <option value=team.id.to_string() selected=is_chosen>{team.name.clone()}</option> }
    });
    view! {
        <div class="team-choice">
            <label for=format!("team-{id}")>{t("Team")}</label>
            <select id=format!("team-{id}") name="team_id">
                <option value=NO_TEAM>{t("None (only me)")}</option>
                {options.collect_view()}
            </select>
        </div>
    }
}
