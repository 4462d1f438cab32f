//! The document around every page: head, navigation, main.

use leptos::{nonce::use_nonce, prelude::*, tachys::html::InertElement};

use super::{
    bell::{bell, bell_script},
    icons::{Icon, IconImage},
    quick_add::{quick_add, quick_add_script},
};
use crate::scripts::{self, inline_script};
use tallyboard_core::assets::Assets;
use tallyboard_model::{
    id::UserId,
    language::{self, t, text},
    paths,
};

/// What the document needs to know about a page.
#[derive(Clone, Default)]
pub struct Page {
    /// The title, without the name of the product.
    pub title: &'static str,
    /// The signed-in user and their name.
    pub user: Option<(UserId, String)>,
    /// Whether the page tells the user what is new for them.
    pub has_bell: bool,
    /// Whether the user's email address is not confirmed yet.
    pub needs_confirmation: bool,
    /// Whether the page has islands; without them no script is sent.
    pub islands: bool,
}

impl Page {
    /// The same page with islands.
    #[must_use]
    pub fn with_islands(self) -> Self {
        Self { islands: true, ..self }
    }
}

/// Browsers prefetch a page when a link to it is pressed. Not earlier: the numbers on a page that was fetched
/// long before it is shown are out of date.
const SPECULATION_RULES: &str = r#"{"prefetch":[{"where":{"and":[{"href_matches":"/*"},{"not":{"href_matches":"/api/*"}}]},"eagerness":"conservative"}]}"#;

/// The document around the content of a page.
#[component]
pub fn Layout(
    /// The built scripts and styles.
    assets: Assets,
    /// Title, user, islands.
    page: Page,
    /// The content.
    children: Children,
) -> impl IntoView {
    let Page { title, user, has_bell, needs_confirmation, islands } = page;
    let nonce = use_nonce();
    let language = language::current();
    let texts = language::texts_for_browser(islands);
    let texts = texts.map(|texts| view! { <script nonce=nonce.clone()>{format!("texts={texts}")}</script> });
    let scripts = islands.then(|| InertElement::new(assets.scripts(nonce.as_deref().unwrap_or_default())));
    view! {
        <!DOCTYPE html>
        <html lang=language.tag() dir=language.direction()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                {user.is_none().then(|| view! {
                    <meta name="description" content=t("A self-hosted task board that people and their AI assistants share") />
                })}
                <title>{format!("{} · Tallyboard", t(title))}</title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="apple-touch-icon" href="/icons/apple-touch-180.png" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#181b22" media="(prefers-color-scheme: dark)" />
                // Before the stylesheet, because a script waits for the stylesheets in front of it, and the parser for the script.
                {texts}
                {inline_script(&scripts::COMMON)}
                {user.is_some().then(|| inline_script(&scripts::KEYS))}
                <link rel="stylesheet" href=assets.stylesheet() />
                {scripts}
                <script type="speculationrules" nonce=nonce>
                    {SPECULATION_RULES}
                </script>
            </head>
            <body>
                <a class="skip-link" href="#main">{t("Skip to content")}</a>
                <header class="site-header">
                    <nav aria-label=t("Main") class="site-nav">
                        <a class="brand" href=paths::HOME><IconImage icon=Icon::Logo /><span translate="no">"Tallyboard"</span></a>
                        {user.clone().map(|(user, name)| signed_in_links(title, user, name, has_bell))}
                    </nav>
                </header>
                <main id="main" tabindex="-1" data-offline=t("No connection. This is what was here on {when}.")>
                    {needs_confirmation.then(confirmation_note)}
                    {children()}
                </main>
                // Behind the content: in front of it they would have the browser paint the header alone first.
                {user.is_some().then(quick_add_script)}
                {has_bell.then(bell_script)}
            </body>
        </html>
    }
}

/// Says that a mail waits to be answered; everything works without it but being found by others.
fn confirmation_note() -> impl IntoView {
    view! {
        <div class="confirmation-note" role="note">
            <p>{t("Confirm your email address by the link in our mail. Until then, others can't find you by it.")}</p>
            <form method="post" action=paths::SETTINGS>
                <input type="hidden" name="form" value="send_confirmation" />
                <button class="quiet">{t("Send again")}</button>
            </form>
        </div>
    }
}

fn signed_in_links(title: &'static str, user: UserId, name: String, has_bell: bool) -> impl IntoView {
    let link = move |label: &'static str, path: &'static str| {
        view! { <a href=path aria-current=(label == title).then_some("page")>{t(label)}</a> }
    };
    view! {
        <div class="nav-links">
            {link(text("Dashboard"), paths::DASHBOARD)} {link(text("Today"), paths::TODAY)} {link(text("Tasks"), paths::TASKS)}
            {link(text("Teams"), paths::TEAMS)} {link(text("Chat"), paths::CHAT)} {link(text("Settings"), paths::SETTINGS)}
        </div>
        {quick_add(user)}
        {has_bell.then(bell)}
        <form class="sign-out" method="post" action=paths::SIGN_OUT>
            <span class="user-name">{name}</span>
            <button class="quiet">{t("Sign out")}</button>
        </form>
    }
}
