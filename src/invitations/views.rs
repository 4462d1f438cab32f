//! The section of a team's page with its invitations.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::ui::{copy::copy_script, field::Field, forms::FormErrors, people::label};
use tallyboard_core::invitations::{CreatedInvitation, Invitation, InvitationUse};
use tallyboard_model::{
    language::{short_date, t, t_with},
    permissions::{Role, TeamAction, role_allows},
};

/// The invitations section of a team's page.
#[derive(Clone)]
pub struct InvitationSection {
    /// Each with those who have joined by it.
    pub invitations: Vec<(Invitation, Vec<InvitationUse>)>,
    /// The one that was created just now.
    pub created: Option<CreatedInvitation>,
    /// Whether links can be mailed.
    pub sends_mail: bool,
}

/// The section: the link that was created, the invitations, and a form for another.
pub fn invitation_section(
    role: Role,
    InvitationSection { invitations, created, sends_mail }: InvitationSection,
    errors: &FormErrors,
    now: DateTime<Utc>,
) -> impl IntoView + use<> {
    view! {
        <section class="card" id="invitations">
            <h2>{t("Invite by a link")}</h2>
            <p class="hint">{t("Anyone with the link sees the team's name and can join with a new or existing account.")}</p>
            {created.map(created_note)}
            <ul class="sessions">
                {invitations.into_iter().map(|(invitation, joined)| row(&invitation, joined, now)).collect_view()}
            </ul>
            {form(role, sends_mail, &errors.of("create_invitation"))}
        </section>
    }
}

/// The state of a link that was just created.
fn created_note(created: CreatedInvitation) -> impl IntoView {
    match created.url {
        Some(url) => view! {
            <p class="success" role="status">{t("Copy the link now: it won't be shown again.")}</p>
            <pre class="code token" data-copy=t("the link") id="new-link" tabindex="0" aria-label=t("The link")>{url}</pre>
            {copy_script()}
        }
        .into_any(),
        None => {
            let email = created.details.email.unwrap_or_default();
            view! { <p class="success" role="status">{t_with("The link is on its way to {email}.", &[("email", &email)])}</p> }.into_any()
        }
    }
}

fn row(invitation: &Invitation, joined: Vec<InvitationUse>, now: DateTime<Utc>) -> impl IntoView + use<> {
    let kind = match (&invitation.email, invitation.single_use) {
        (Some(email), _) => t_with("mailed to {email}", &[("email", &email)]),
        (None, true) => t("for one person").to_owned(),
        (None, false) => t("for any number of people").to_owned(),
    };
    let day = short_date(invitation.expires_at.date_naive());
    let state = if invitation.single_use && invitation.uses > 0 {
        t("used").to_owned()
    } else if invitation.expires_at <= now {
        t_with("expired {day}", &[("day", &day)])
    } else {
        t_with("valid until {day}", &[("day", &day)])
    };
    let title = format!("{}, {kind}", label(invitation.role.as_str()));
    let names: Vec<_> =
        joined.into_iter().map(|joined| joined.name.unwrap_or_else(|| t("someone who has left").to_owned())).collect();
    let joined = if names.is_empty() {
        t("nobody has joined yet").to_owned()
    } else {
        t_with("joined: {names}", &[("names", &names.join(", "))])
    };
    view! {
        <li>
            <div>
                <p class="token-name">{title.clone()}</p>
                <p class="hint">{format!("{state} · {joined}")}</p>
            </div>
            <form method="post">
                <input type="hidden" name="form" value="revoke_invitation" />
                <input type="hidden" name="id" value=invitation.id.to_string() />
                <button class="quiet" aria-label=t_with("Revoke the invitation: {title}", &[("title", &title)])>{t("Revoke")}</button>
            </form>
        </li>
    }
}

fn form(role: Role, sends_mail: bool, errors: &FormErrors) -> impl IntoView + use<> {
    let roles = [Role::Member, Role::Viewer, Role::Admin].into_iter();
    let roles = roles.filter(|new| role_allows(Some(role), TeamAction::Add(*new))).map(|new| {
        let chosen = errors.input("role").as_deref() == Some(new.as_str());
        view! { <option value=new.as_str() selected=chosen>{label(new.as_str())}</option> }
    });
    let days = [("1", t("A day")), ("7", t("A week")), ("30", t("30 days"))].map(|(value, label)| {
        let selected = errors.input("expires_in_days").as_deref().unwrap_or("7") == value;
        view! { <option value=value selected=selected>{label}</option> }
    });
    let is_for_many = errors.is_chosen("single_use", "false");
    view! {
        <form class="token-form" method="post">
            <input type="hidden" name="form" value="create_invitation" />
            <div class="field">
                <label for="invitation-role">{t("Role")}</label>
                <select id="invitation-role" name="role">{roles.collect_view()}</select>
            </div>
            <div class="field">
                <label for="invitation-for">{t("For")}</label>
                <select id="invitation-for" name="single_use">
                    <option value="true">{t("One person")}</option>
                    <option value="false" selected=is_for_many>{t("Any number of people")}</option>
                </select>
            </div>
            <div class="field">
                <label for="invitation-days">{t("Expires after")}</label>
                <select id="invitation-days" name="expires_in_days">{days}</select>
            </div>
            {sends_mail.then(|| view! {
                <Field
                    name="invitation_email"
                    label=t("Mail it to")
                    kind="email"
                    autocomplete="off"
                    value=errors.input("invitation_email")
                    error=errors.field("email")
                    hint=t("Leave empty to get a link to copy")
                    optional=true
                />
            })}
            <button class="button">{if sends_mail { t("Invite") } else { t("Create a link") }}</button>
        </form>
    }
}
