//! One task of a list. Each control is a form or a link that works without script, too. The button of a form names it.

use chrono::SecondsFormat;
use leptos::prelude::RenderHtml;
use maud::{Markup, PreEscaped, html};

use super::{TaskRows, form::edit_form};
use crate::tasks::listed::{ListedTask, TODAY};
use tallyboard_core::tasks::due_words::ListedDue;
use tallyboard_model::{
    language::{t, t_with, text},
    paths,
    permissions::Access,
};

/// The check, the title, a line of notes, and what the user may do.
pub fn task_row(task: &ListedTask, list: &TaskRows) -> Markup {
    // An id has nothing to escape.
    let id = PreEscaped(task.id.to_string());
    let may_change = task.may_change;
    let (is_done, other_status) = if task.done { ("true", "pending") } else { ("false", "completed") };
    let about = |words: &'static str| t_with(words, &[("title", &task.title)]);
    let why_not = (!may_change).then(|| match &task.shared_by {
        Some((_, name)) => t_with("{name} lets you view this task only", &[("name", name)]),
        None => t("You can view this task only").to_owned(),
    });
    let is_editing = may_change && list.editing == Some(task.id);
    html! {
        li.task.done[task.done] id={ "task-" (id) } tabindex="-1" {
            @if may_change {
                input.select type="checkbox" form="selection" name="ids[]" value=(id) aria-label=(about(text("Select {title}")));
            }
            form method="post" {
                input type="hidden" name="id" value=(id);
                input type="hidden" name="status" value=(other_status);
                button.check name="form" value="change_task" role="checkbox" aria-checked=(is_done) aria-label=(about(text("Completed: {title}"))) title=[why_not] disabled[!may_change] {}
            }
            div.task-words {
                a.task-title href=(paths::task(task.id)) { (task.title) }
                p.task-notes { (notes(task)) }
            }
            (actions(task, list, &id, is_editing))
            @if may_change && let Some(day) = list.move_to {
                form method="post" {
                    input type="hidden" name="id" value=(id);
                    input type="hidden" name="due_on" value=(day);
                    button.quiet.move name="form" value="change_task" aria-label=(about(text("Move to another day: {title}"))) {
                        (if day == TODAY { t("today") } else { t("tomorrow") })
                    }
                }
            }
            @if is_editing {
                (PreEscaped(edit_form(&id.0, Some(task), &list.teams, &list.errors).to_html()))
            }
        }
    }
}

/// When it is due, whose it is, and what else there is to say.
fn notes(task: &ListedTask) -> Markup {
    let may = match task.access {
        Access::SharedEdit => Some(t("Can edit")),
        // In a team's list everybody who may do more knows it from their role.
        Access::Owner | Access::TeamOwner | Access::TeamAdmin => None,
        Access::TeamMember if task.may_change => None,
        Access::SharedView | Access::TeamViewer | Access::TeamMember => Some(t("View only")),
    };
    html! {
        @if let Some((ListedDue { on, words, late }, at)) = &task.due {
            time.late[*late] datetime=(on) data-at=(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)) title=(on) { (words) }
        }
        @if let Some(team) = &task.team {
            a.badge href=(paths::team_tasks(team.id)) { (team.name) }
        }
        @if let Some((_, name)) = &task.shared_by {
            span { (t_with("Shared by {name}", &[("name", name)])) }
        }
        @if task.shared_with > 0 {
            span.badge { (t_with("Shared with {n}", &[("n", &task.shared_with)])) }
        }
        @if let Some(may) = may {
            span.badge { (may) }
        }
        @if let Some(description) = &task.description {
            span.task-description { (description) }
        }
    }
}

/// Where the actions lie beside the row, their button is hidden; elsewhere it opens them as a menu.
fn actions(task: &ListedTask, list: &TaskRows, id: &Markup, is_editing: bool) -> Markup {
    let (may_change, may_manage) = (task.may_change, task.access.may_manage());
    let sharer = task.shared_by.as_ref().filter(|_| !may_manage);
    if !(may_change || may_manage || sharer.is_some()) {
        return Markup::default();
    }
    let about = |words: &'static str| t_with(words, &[("title", &task.title)]);
    // The form that the island makes needs to know these two.
    let team = task.team.as_ref().map(|team| team.id.to_string());
    let is_owner = (task.access == Access::Owner).then_some("");
    html! {
        button.more type="button" popovertarget={ "actions-" (id) } aria-label=(about(text("Actions for {title}"))) { "⋯" }
        div.task-actions id={ "actions-" (id) } popover {
            @if may_change {
                a.quiet.edit
                    href=(paths::edit_task(&list.query, task.id))
                    aria-label=(about(text("Edit {title}")))
                    aria-expanded=(if is_editing { "true" } else { "false" })
                    data-team=[team]
                    data-owner=[is_owner]
                { (t("Edit")) }
            }
            @if may_manage {
                a.quiet.share href=(paths::task_shares(task.id)) aria-label=(about(text("Share {title}"))) { (t("Share")) }
                form method="post" {
                    input type="hidden" name="id" value=(id);
                    button.quiet name="form" value="delete_task" aria-label=(about(text("Delete {title}"))) { (t("Delete")) }
                }
            }
            @if let Some((sharer, name)) = sharer {
                form method="post" {
                    input type="hidden" name="task_id" value=(id);
                    button.quiet name="form" value="give_up_share" aria-label=(about(text("Give up {title}"))) { (t("Give up")) }
                }
                a.quiet href=(paths::block(*sharer)) aria-label=(t_with("Block {name}", &[("name", name)])) { (t("Block…")) }
            }
        }
    }
}
