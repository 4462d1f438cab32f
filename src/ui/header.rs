//! The header of every page: the places, what's new, and the account's menu. On a phone the places are at the bottom.

use leptos::prelude::*;

use super::{
    bell::bell,
    icons::{Icon, IconImage},
    quick_add::quick_add_button,
};
use crate::scripts::{self, inline_script};
use tallyboard_model::{
    id::UserId,
    language::{t, text},
    paths,
};

/// What the document needs to know about the signed-in user.
#[derive(Clone)]
pub struct Account {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// Whether their email address is not confirmed yet.
    pub needs_confirmation: bool,
    /// Whether to offer them the notifications that new accounts have.
    pub is_offered_notifications: bool,
    /// Whether the server has a language model.
    pub has_model: bool,
}

/// What conversations are called: without a model they only take commands.
pub fn chat_label(has_model: bool) -> &'static str {
    if has_model { text("Chat") } else { text("Commands") }
}

/// The header; without an account it has the brand alone.
pub fn site_header(title: &'static str, place: &'static str, account: Option<&Account>) -> impl IntoView + use<> {
    view! {
        <header class="site-header">
            <div class="site-bar">
                <a class="brand" href=paths::HOME><IconImage icon=Icon::Logo /><span translate="no">"Tallyboard"</span></a>
                {account.cloned().map(|account| view! {
                    {places(title, place, account.has_model)}
                    <div class="header-end">
                        {quick_add_button()}
                        {bell(place == "Notifications")}
                        {account_menu(title, place, account)}
                    </div>
                })}
            </div>
        </header>
    }
}

/// Keeps the count at Today, and has the menu's actions that need a script; it comes behind the header.
pub fn header_script() -> impl IntoView {
    inline_script(&scripts::HEADER)
}

/// A page of the place itself is the current page; one of its parts only belongs to it.
fn current(label: &'static str, title: &'static str, place: &'static str) -> Option<&'static str> {
    (label == place).then_some(if label == title { "page" } else { "true" })
}

fn places(title: &'static str, place: &'static str, has_model: bool) -> impl IntoView {
    let link = move |label: &'static str, path: &'static str, icon: Icon| {
        view! {
            <a href=path aria-current=current(label, title, place)>
                <IconImage icon />
                {t(label)}
                {(path == paths::TODAY).then(|| view! {
                    <span id="due" class="count" data-address="/api/ui/due_count" hidden>
                        <b></b>
                        <span class="visually-hidden">{t("due")}</span>
                    </span>
                })}
            </a>
        }
    };
    view! {
        <nav class="places" aria-label=t("Main")>
            {link(text("Dashboard"), paths::DASHBOARD, Icon::Dashboard)}
            {link(text("Today"), paths::TODAY, Icon::Today)}
            {link(text("Tasks"), paths::TASKS, Icon::Check)}
            {link(text("Teams"), paths::TEAMS, Icon::People)}
            {link(chat_label(has_model), paths::CHAT, Icon::Chat)}
        </nav>
    }
}

/// A popover, which opens without script too; the arrow keys and the theme need one.
fn account_menu(title: &'static str, place: &'static str, account: Account) -> impl IntoView {
    let Account { name, email, has_model, .. } = account;
    let chat = chat_label(has_model);
    let link = move |label: &'static str, path: &'static str| {
        view! { <a href=path aria-current=current(label, title, place)>{t(label)}</a> }
    };
    let theme = |value: &'static str, label: &'static str| {
        view! { <button type="button" data-theme=value aria-pressed="false">{label}</button> }
    };
    view! {
        <button class="avatar" id="account" popovertarget="account-menu" aria-haspopup="true" aria-label=t("Your account")>
            {initials(&name)}
        </button>
        <div class="menu" id="account-menu" popover role="group" aria-label=t("Your account")>
            <p class="menu-person"><b>{name}</b><span class="hint">{email}</span></p>
            <a class="on-phone" href=paths::CHAT aria-current=current(chat, title, place)>{t(chat)}</a>
            {link(text("Notifications"), paths::NOTIFICATIONS)} {link(text("Settings"), paths::SETTINGS)}
            <button type="button" id="open-keys" hidden>{t("Keyboard shortcuts")}</button>
            <div class="themes" id="themes" role="group" aria-label=t("Theme") hidden>
                {theme("", t("System"))} {theme("light", t("Light"))} {theme("dark", t("Dark"))}
            </div>
            <form method="post" action=paths::SIGN_OUT>
                <button>{t("Sign out")}</button>
            </form>
        </div>
    }
}

/// The first letters of the first and the last part of a name.
fn initials(name: &str) -> String {
    let mut parts = name.split_whitespace();
    let letters = [parts.next(), parts.next_back()];
    let letters = letters.into_iter().flatten().filter_map(|part| part.chars().find(|letter| letter.is_alphanumeric()));
    letters.flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_two_letters_at_most() {
        let names = ["Ada Lovelace", "ada", "Jean-Luc (the) Picard", "李 小龍", "  ", "“Eve” 7"];
        assert_eq!(names.map(initials), ["AL", "A", "JP", "李小", "", "E7"]);
    }
}
