//! People who were given something, a role in a team or a permission on a task: the list of them,
//! and the line to add one by their address.

use leptos::{ev::SubmitEvent, prelude::*};
use serde::{Deserialize, Serialize};

use super::rows::{Row, Rows, not_empty};
use crate::{
    error::Error,
    id::UserId,
    live::{self, Happened},
};

/// Somebody in such a list. What its reader may do with them was decided on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub user_id: UserId,
    /// What they are called.
    pub name: String,
    /// Where they are reached.
    pub email: String,
    /// What they were given: `member`, `edit`.
    pub given: String,
    /// What else the reader may give them, `given` among it; empty: nothing.
    pub choices: Vec<String>,
    /// Whether the reader may take it away.
    pub may_remove: bool,
}

/// The doors to such a list: the forms' addresses, and the same as functions.
pub trait Circle: Clone + Send + Sync + 'static {
    /// The field that says what is given: `role`.
    const GIVEN: &'static str;
    /// The field that says of what: `team_id`.
    const OF: &'static str;
    /// Server functions to add, change and remove.
    const ACTIONS: [&'static str; 3];
    /// What to call the button that adds.
    const ADD: &'static str;
    /// What to call the button that takes away.
    const REMOVE: &'static str;

    /// Of what, as text.
    fn of(&self) -> String;
    /// Adds somebody by their address.
    fn add(&self, email: String, given: String) -> impl Future<Output = Result<Person, Error>> + 'static;
    /// Gives somebody something else.
    fn change(&self, who: UserId, given: String) -> impl Future<Output = Result<Person, Error>> + 'static;
    /// Everybody in it, as it is now; none when the reader may not know.
    fn all(&self) -> impl Future<Output = Result<Option<Vec<Person>>, Error>> + 'static;
    /// Whether something that happened changes it.
    fn concerns(&self, happened: &Happened) -> bool;
    /// Takes it away.
    fn remove(&self, who: UserId) -> impl Future<Output = Result<(), Error>> + 'static;
}

/// What a role or a permission is called.
pub fn label(given: &str) -> &'static str {
    match given {
        "owner" => "Owner",
        "admin" => "Admin",
        "member" => "Member",
        "viewer" => "Viewer",
        "edit" => "Can edit",
        _ => "Can view",
    }
}

/// The list, and the line to add to it where there is anything to give.
pub fn people<C: Circle>(
    circle: C,
    initial: Vec<Person>,
    to_give: Vec<&'static str>,
    typed: String,
    empty: &'static str,
) -> impl IntoView {
    let rows = Rows::new(initial, |one, other| one.user_id == other.user_id);
    let (concerned, asking) = (circle.clone(), circle.clone());
    let fetch = move || {
        let circle = asking.clone();
        async move { circle.all().await }
    };
    live::follow(move |happened| concerned.concerns(happened), fetch, move |found| rows.follow(found, |_| false));
    let add = (!to_give.is_empty()).then(|| add_form(rows, circle.clone(), to_give, typed));
    view! {
        {add}
        {rows.message()}
        <ul class="people">
            <For each=move || rows.get() key=|row| row.key() let:row>
                {person(rows, row, circle.clone())}
            </For>
        </ul>
        <p class="empty" hidden=move || !rows.is_empty()>{empty}</p>
    }
}

fn add_form<C: Circle>(rows: Rows<Person>, circle: C, to_give: Vec<&'static str>, typed: String) -> impl IntoView {
    let email = RwSignal::new(typed.clone());
    let given = RwSignal::new(to_give.first().copied().unwrap_or_default().to_owned());
    let of = circle.of();
    let field = format!("new-{of}");
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(wanted) = not_empty(email.get_untracked()) {
            email.set(String::new());
            let answer = circle.add(wanted.clone(), given.get_untracked());
            rows.add(false, "Nobody was added", answer, move || email.set(wanted));
        }
    };
    let options = to_give.into_iter().map(|given| view! { <option value=given>{label(given)}</option> }).collect_view();
    view! {
        <form class="add-person" method="post" action=action(C::ACTIONS[0]) on:submit=submit>
            <input type="hidden" name=C::OF value=of />
            <label class="visually-hidden" for=field.clone()>"Email of somebody with an account"</label>
            <input
                id=field
                name="email"
                type="email"
                placeholder="Email of somebody with an account"
                maxlength="254"
                autocomplete="off"
                required
                value=typed
                bind:value=email
            />
            <select
                name=C::GIVEN
                aria-label="What they may do"
                on:change=move |event| given.set(event_target_value(&event))
            >
                {options}
            </select>
            <button class="button">{C::ADD}</button>
        </form>
    }
}

fn person<C: Circle>(rows: Rows<Person>, row: Row<Person>, circle: C) -> impl IntoView {
    let Person { user_id, name, email, .. } = row.value.get_untracked();
    let may_remove = Memo::new(move |_| row.value.with(|person| person.may_remove));
    let of = circle.of();
    let choices = Memo::new(move |_| row.value.with(|person| (person.given.clone(), person.choices.clone())));
    let remove = {
        let (circle, of, name) = (circle.clone(), of.clone(), name.clone());
        move || {
            may_remove.get().then(|| {
                let (circle, of, name) = (circle.clone(), of.clone(), name.clone());
                let submit = move |event: SubmitEvent| {
                    event.prevent_default();
                    rows.remove(row, "Nobody was removed", circle.remove(user_id));
                };
                view! {
                    <form method="post" action=action(C::ACTIONS[2]) on:submit=submit>
                        <input type="hidden" name=C::OF value=of />
                        <input type="hidden" name="user_id" value=user_id.to_string() />
                        <button class="quiet" aria-label=format!("{} {name}", C::REMOVE)>{C::REMOVE}</button>
                    </form>
                }
            })
        }
    };
    let given = {
        let name = name.clone();
        move || {
            let (given, choices) = choices.get();
            if choices.len() < 2 {
                return view! { <span class="badge">{label(&given)}</span> }.into_any();
            }
            choice_form(rows, row, circle.clone(), given, choices, name.clone()).into_any()
        }
    };
    view! {
        <li>
            <div class="person">
                <p>{name}</p>
                <p class="hint">{email}</p>
            </div>
            {given}
            {remove}
        </li>
    }
}

fn choice_form<C: Circle>(
    rows: Rows<Person>,
    row: Row<Person>,
    circle: C,
    given: String,
    choices: Vec<String>,
    name: String,
) -> impl IntoView {
    let user_id = row.value.with_untracked(|person| person.user_id);
    let of = circle.of();
    let change = move |event| {
        let wanted: String = event_target_value(&event);
        let answer = circle.change(user_id, wanted.clone());
        rows.change(row, "It was not changed", move |person| person.given = wanted, answer);
    };
    let options = choices
        .into_iter()
        .map(|choice| {
            let chosen = choice == given;
            view! { <option value=choice.clone() selected=chosen>{label(&choice)}</option> }
        })
        .collect_view();
    view! {
        <form method="post" action=action(C::ACTIONS[1]) class="choice">
            <input type="hidden" name=C::OF value=of />
            <input type="hidden" name="user_id" value=user_id.to_string() />
            <select name=C::GIVEN aria-label=format!("What {name} may do") on:change=change>
                {options}
            </select>
            // With the page alive, choosing is enough.
            <button class="quiet without-script">"Save"</button>
        </form>
    }
}

fn action(name: &str) -> String {
    format!("/api/ui/{name}")
}
