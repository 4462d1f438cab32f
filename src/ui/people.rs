//! A list of people who have a role or a permission: the members of a team, the recipients of a task. It has a
//! form to add a person by email address.

use leptos::{ev::SubmitEvent, prelude::*};

use super::rows::{Row, Rows, not_empty};
use crate::{
    error::Error,
    id::UserId,
    language::{t, t_with},
    live::LiveEvent,
    people::ListedPerson,
};

/// What a list of people calls: the server functions, and the addresses and fields of its forms.
pub trait PeopleApi: Clone + Send + Sync + 'static {
    /// The name of the field with the role or permission: `role`.
    const GRANT_FIELD: &'static str;
    /// The name of the field with the team or task: `team_id`.
    const PARENT_FIELD: &'static str;
    /// The server functions that add, change and remove a person.
    const ACTIONS: [&'static str; 3];
    /// The label of the button that adds.
    const ADD_LABEL: &'static str;
    /// The label of the button that removes.
    const REMOVE_LABEL: &'static str;

    /// The id of the team or task.
    fn parent_id(&self) -> String;
    /// Adds a person by email address.
    fn add(&self, email: String, grant: String) -> impl Future<Output = Result<ListedPerson, Error>> + 'static;
    /// Changes the role or permission of a person.
    fn change(&self, who: UserId, grant: String) -> impl Future<Output = Result<ListedPerson, Error>> + 'static;
    /// Everybody in the list; `None` when the user may not see it.
    fn all(&self) -> impl Future<Output = Result<Option<Vec<ListedPerson>>, Error>> + 'static;
    /// Whether an event changes the list.
    fn is_changed_by(&self, event: &LiveEvent) -> bool;
    /// Removes a person.
    fn remove(&self, who: UserId) -> impl Future<Output = Result<(), Error>> + 'static;
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

/// The list, and the form to add a person; no `grants` means that the user may not add anybody.
pub fn people_list<A: PeopleApi>(
    api: A,
    initial: Vec<ListedPerson>,
    grants: Vec<&'static str>,
    typed: String,
    empty: &'static str,
) -> impl IntoView {
    let rows = Rows::new(initial, |one, other| one.user_id == other.user_id);
    let (subscriber, fetcher) = (api.clone(), api.clone());
    let fetch = move || {
        let api = fetcher.clone();
        async move { api.all().await }
    };
    rows.refetch_on(move |event| subscriber.is_changed_by(event), fetch, move |found| rows.show(found, |_| false));
    let add = (!grants.is_empty()).then(|| add_form(rows, api.clone(), grants, typed));
    view! {
        {add}
        {rows.message()}
        <ul class="people">
            <For each=move || rows.get() key=|row| row.key() let:row>
                {person(rows, row, api.clone())}
            </For>
        </ul>
        <p class="empty" hidden=move || !rows.is_empty()>{empty}</p>
    }
}

fn add_form<A: PeopleApi>(rows: Rows<ListedPerson>, api: A, grants: Vec<&'static str>, typed: String) -> impl IntoView {
    let email = RwSignal::new(typed.clone());
    let grant = RwSignal::new(grants.first().copied().unwrap_or_default().to_owned());
    let parent = api.parent_id();
    let field = format!("new-{parent}");
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(wanted) = not_empty(email.get_untracked()) {
            email.set(String::new());
            let answer = api.add(wanted.clone(), grant.get_untracked());
            rows.add(false, t("Nobody was added"), answer, move || email.set(wanted));
        }
    };
    let options = grants.into_iter().map(|grant| view! { <option value=grant>{label(grant)}</option> }).collect_view();
    view! {
        <form class="add-person" method="post" action=action(A::ACTIONS[0]) on:submit=submit>
            <input type="hidden" name=A::PARENT_FIELD value=parent />
            <label class="visually-hidden" for=field.clone()>{t("Email of somebody with an account")}</label>
            <input
                id=field
                name="email"
                type="email"
                placeholder=t("Email of somebody with an account")
                maxlength="254"
                autocomplete="off"
                required
                value=typed
                bind:value=email
            />
            <select
                name=A::GRANT_FIELD
                aria-label=t("What they may do")
                on:change=move |event| grant.set(event_target_value(&event))
            >
                {options}
            </select>
            <button class="button">{t(A::ADD_LABEL)}</button>
        </form>
    }
}

fn person<A: PeopleApi>(rows: Rows<ListedPerson>, row: Row<ListedPerson>, api: A) -> impl IntoView {
    let ListedPerson { user_id, name, email, .. } = row.value.get_untracked();
    let may_remove = Memo::new(move |_| row.value.with(|person| person.may_remove));
    let parent = api.parent_id();
    let choices = Memo::new(move |_| row.value.with(|person| (person.grant.clone(), person.choices.clone())));
    let remove = {
        let (api, parent, name) = (api.clone(), parent.clone(), name.clone());
        move || {
            may_remove.get().then(|| {
                let (api, parent, name) = (api.clone(), parent.clone(), name.clone());
                let submit = move |event: SubmitEvent| {
                    event.prevent_default();
                    rows.remove(row, t("Nobody was removed"), api.remove(user_id));
                };
                view! {
                    <form method="post" action=action(A::ACTIONS[2]) on:submit=submit>
                        <input type="hidden" name=A::PARENT_FIELD value=parent />
                        <input type="hidden" name="user_id" value=user_id.to_string() />
                        <button class="quiet" aria-label=format!("{} {name}", t(A::REMOVE_LABEL))>{t(A::REMOVE_LABEL)}</button>
                    </form>
                }
            })
        }
    };
    let grant = {
        let name = name.clone();
        move || {
            let (grant, choices) = choices.get();
            if choices.len() < 2 {
                return view! { <span class="badge">{label(&grant)}</span> }.into_any();
            }
            choice_form(rows, row, api.clone(), grant, choices, name.clone()).into_any()
        }
    };
    view! {
        <li>
            <div class="person">
                <p>{name}</p>
                <p class="hint">{email}</p>
            </div>
            {grant}
            {remove}
        </li>
    }
}

fn choice_form<A: PeopleApi>(
    rows: Rows<ListedPerson>,
    row: Row<ListedPerson>,
    api: A,
    grant: String,
    choices: Vec<String>,
    name: String,
) -> impl IntoView {
    let user_id = row.value.with_untracked(|person| person.user_id);
    let parent = api.parent_id();
    let change = move |event| {
        let wanted: String = event_target_value(&event);
        let answer = api.change(user_id, wanted.clone());
        rows.change(row, t("It was not changed"), move |person| person.grant = wanted, answer);
    };
    let options = choices
        .into_iter()
        .map(|choice| {
            let chosen = choice == grant;
            view! { <option value=choice.clone() selected=chosen>{label(&choice)}</option> }
        })
        .collect_view();
    view! {
        <form method="post" action=action(A::ACTIONS[1]) class="choice">
            <input type="hidden" name=A::PARENT_FIELD value=parent />
            <input type="hidden" name="user_id" value=user_id.to_string() />
            <select name=A::GRANT_FIELD aria-label=t_with("What {name} may do", &[("name", &name)]) on:change=change>
                {options}
            </select>
            // On a hydrated page, choosing is enough.
            <button class="quiet without-script">{t("Save")}</button>
        </form>
    }
}

fn action(name: &str) -> String {
    format!("/api/ui/{name}")
}
