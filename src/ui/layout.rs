//! The document around every page: head, navigation, main.

use leptos::{nonce::use_nonce, prelude::*, tachys::html::InertElement};

use super::{
    bell::bell_script,
    header::{Account, header_script, site_header},
    quick_add::{quick_add, quick_add_script},
    shortcuts::shortcuts,
};
use crate::scripts::{self, inline_script};
use tallyboard_core::assets::Assets;
use tallyboard_model::{
    language::{self, t},
    paths,
};

/// What the document needs to know about a page.
#[derive(Clone, Default)]
pub struct Page {
    /// The title, without the name of the product.
    pub title: &'static str,
    /// The link of the header that the page belongs to; by default the one with its title.
    pub place: &'static str,
    /// The signed-in user.
    pub account: Option<Account>,
    /// Whether the page has islands; without them no script is sent.
    pub islands: bool,
}

impl Page {
    /// The same page with islands.
    #[must_use]
    pub fn with_islands(self) -> Self {
        Self { islands: true, ..self }
    }

    /// The same page, as a part of another place in the header.
    #[must_use]
    pub fn under(self, place: &'static str) -> Self {
        Self { place, ..self }
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
    let Page { title, place, account, islands } = page;
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
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                {account.is_none().then(|| view! {
                    <meta name="description" content=t("A self-hosted task board that people and their AI assistants share") />
                })}
                <title>{format!("{} · Tallyboard", t(title))}</title>
                // The first paint waits for the content: the parser may pause in the middle of a long list.
                <link rel="expect" href="#content-end" blocking="render" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="apple-touch-icon" href="/icons/apple-touch-180.png" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#181b22" media="(prefers-color-scheme: dark)" />
                // Before the stylesheet, because a script waits for the stylesheets in front of it, and the parser for the script.
                {texts}
                {inline_script(&scripts::COMMON)}
                {account.is_some().then(|| inline_script(&scripts::KEYS))}
                <link rel="stylesheet" href=assets.stylesheet() />
                {scripts}
                <script type="speculationrules" nonce=nonce>
                    {SPECULATION_RULES}
                </script>
            </head>
            <body>
                <a class="skip-link" href="#main">{t("Skip to content")}</a>
                {site_header(title, place, account.as_ref())}
                <main id="main" tabindex="-1" data-offline=t("No connection. This is what was here on {when}.")>
                    {account.as_ref().map(|account| notes(place, account))}
                    {children()}
                    <span id="content-end" hidden></span>
                </main>
                // Behind the content: in front of it they would have the browser paint the header alone first.
                {account.map(|account| view! {
                    {quick_add(account.id)} {shortcuts()} {quick_add_script()} {header_script()} {bell_script()}
                })}
            </body>
        </html>
    }
}

/// What the user is asked above the content.
fn notes(place: &'static str, account: &Account) -> impl IntoView + use<> {
    let may_offer = place == "Dashboard" || place == "Notifications";
    view! {
        {account.needs_confirmation.then(confirmation_note)}
        {(may_offer && account.is_offered_notifications).then(notification_offer)}
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

/// Offers an account that's older than they are the notifications that new accounts have.
fn notification_offer() -> impl IntoView {
    view! {
        <div class="confirmation-note" role="note">
            <p>{t("Get a notification here when someone shares a task with you, adds you to a team or changes one of your tasks?")}</p>
            <form method="post">
                <input type="hidden" name="form" value="answer_notification_offer" />
                <button class="button" name="is_accepted" value="true">{t("Turn on")}</button>
                <button class="quiet" name="is_accepted" value="false">{t("No, thanks")}</button>
            </form>
        </div>
    }
}
