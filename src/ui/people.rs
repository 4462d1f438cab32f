//! A list of people who have a role or a permission: the members of a team, the recipients of a task. It has a
//! form to add a person by email address.

use leptos::prelude::*;
use maud::{Markup, html};

use super::list_frame::ListFrame;
use tallyboard_model::{
    language::{t, t_with},
    people::ListedPerson,
};

/// What a list of people calls: the server functions, and the fields of its forms.
pub struct PeopleKind {
    /// The name of the field with the role or permission: `role`.
    pub grant_field: &'static str,
    /// The name of the field with the team or task: `team_id`.
    pub parent_field: &'static str,
    /// The server function that answers the rows.
    pub rows: &'static str,
    /// The server functions that add, change and remove a person.
    pub actions: [&'static str; 3],
    /// The label of the button that adds.
    pub add_label: &'static str,
    /// The label of the button that removes.
    pub remove_label: &'static str,
    /// How the names of the events end that change the list.
    pub changed_by: &'static str,
    /// The text when there's nobody.
    pub empty: &'static str,
}

/// The label of a role or a permission.
pub fn label(grant: &str) -> &'static str {
    match grant {
        "owner" => t("Owner"),
        "admin" => t("Admin"),
        "member" => t("Member"),
        "viewer" => t("Viewer"),
        "edit" => t("Can edit"),
        _ => t("Can view"),
    }
}

/// The people in one team or task.
pub struct People {
    /// What the list calls.
    pub kind: &'static PeopleKind,
    /// The id of the team or task.
    pub parent: String,
    /// The people, in order.
    pub people: Vec<ListedPerson>,
}

impl People {
    /// The rows alone, as HTML.
    pub fn rows_html(&self) -> String {
        html! { @for person in &self.people { (person_row(self.kind, &self.parent, person)) } }.into_string()
    }

    /// The list, and the form to add a person; no `grants` means that the user may not add anybody. `typed` is the email
    /// address of a rejected form.
    pub fn view(&self, grants: &[&'static str], typed: String) -> impl IntoView + use<> {
        let PeopleKind { rows, parent_field, changed_by, empty, .. } = *self.kind;
        let parent = self.parent.clone();
        let add = (!grants.is_empty()).then(|| add_form(self.kind, &parent, grants, typed));
        let frame = ListFrame {
            class: "row-list",
            rows_class: "people",
            address: format!("/api/ui/{rows}?{parent_field}={parent}"),
            changed_by: Some(changed_by),
            about: Some(parent),
            empty: t(empty),
        };
        frame.around(self.rows_html(), add)
    }
}

fn add_form(kind: &PeopleKind, parent: &str, grants: &[&'static str], typed: String) -> impl IntoView + use<> {
    let field = format!("new-{parent}");
    let options = grants.iter().map(|grant| view! { <option value=*grant>{label(grant)}</option> }).collect_view();
    view! {
        <form class="add-person" method="post" data-answer="add" data-failed=t("Couldn't add this person")>
            <input type="hidden" name="form" value=kind.actions[0] />
            <input type="hidden" name=kind.parent_field value=parent.to_owned() />
            <label class="visually-hidden" for=field.clone()>{t("Email address")}</label>
            <input
                id=field
                name="email"
                type="email"
                placeholder=t("Email address")
                maxlength="254"
                autocomplete="off"
                required
                value=typed
            />
            <select name=kind.grant_field aria-label=t("Permission")>{options}</select>
            <button class="button">{t(kind.add_label)}</button>
        </form>
    }
}

fn person_row(kind: &PeopleKind, parent: &str, person: &ListedPerson) -> Markup {
    let user_id = person.user_id.to_string();
    let ids = || {
        html! {
            input type="hidden" name=(kind.parent_field) value=(parent);
            input type="hidden" name="user_id" value=(user_id);
        }
    };
    let remove = t(kind.remove_label);
    html! {
        li id={ "person-" (user_id) } {
            div.person {
                p { (person.name) }
                p.hint { (person.email) }
            }
            @if person.choices.len() < 2 {
                span.badge { (label(&person.grant)) }
            } @else {
                form.choice method="post" data-answer="change" data-failed=(t("Couldn't change it")) {
                    input type="hidden" name="form" value=(kind.actions[1]);
                    (ids())
                    select name=(kind.grant_field) aria-label=(t_with("What {name} may do", &[("name", &person.name)])) {
                        @for choice in &person.choices {
                            option value=(choice) selected[*choice == person.grant] { (label(choice)) }
                        }
                    }
                    // With script, choosing is enough.
                    button.quiet.without-script { (t("Save")) }
                }
            }
            @if person.may_remove {
                form method="post" data-answer="remove" data-failed=(t("Couldn't remove this person")) {
                    input type="hidden" name="form" value=(kind.actions[2]);
                    (ids())
                    button.quiet aria-label={ (remove) " " (person.name) } { (remove) }
                }
            }
        }
    }
}
