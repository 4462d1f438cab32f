//! The frame around every page: head, navigation, main.

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};

use super::icons::{Icon, Picture};
use crate::{
    app::{Page, STYLESHEET},
    paths,
};

/// Pages are fetched when a link to one is pressed, and so are there when it is let go.
/// Not earlier: what waits too long shows numbers that were true once.
const SPECULATION_RULES: &str = r#"{"prefetch":[{"where":{"and":[{"href_matches":"/*"},{"not":{"href_matches":"/api/*"}}]},"eagerness":"conservative"}]}"#;

/// The whole document around a page's own content.
#[component]
pub fn Layout(
    /// Where the built scripts are.
    options: LeptosOptions,
    /// Title, user, liveliness.
    page: Page,
    /// The page's own content.
    children: Children,
) -> impl IntoView {
    let Page { title, user, islands } = page;
    let stylesheet = STYLESHEET.get().cloned().unwrap_or_default();
    let scripts = islands.then(|| view! { <HydrationScripts options islands=true /> });
    let name = user.as_ref().map(|user| user.name().to_owned());
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content="A self-hosted task board that people and their AI assistants share" />
                <title>{title}" · Tallyboard"</title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href=stylesheet />
                {scripts}
                <script type="speculationrules" nonce=use_nonce()>
                    {SPECULATION_RULES}
                </script>
            </head>
            <body>
                <a class="skip-link" href="#main">"Skip to content"</a>
                <header class="site-header">
                    <nav aria-label="Main" class="site-nav">
                        <a class="brand" href=paths::HOME><Picture icon=Icon::Logo /><span>"Tallyboard"</span></a>
                        {name.map(|name| signed_in_links(title, name))}
                    </nav>
                </header>
                <main id="main" tabindex="-1">{children()}</main>
            </body>
        </html>
    }
}

fn signed_in_links(title: &'static str, name: String) -> impl IntoView {
    let link = move |label: &'static str, path: &'static str| {
        view! { <a href=path aria-current=(label == title).then_some("page")>{label}</a> }
    };
    view! {
        <div class="nav-links">
            {link("Dashboard", paths::DASHBOARD)} {link("Tasks", paths::TASKS)} {link("Teams", paths::TEAMS)}
            {link("Chat", paths::CHAT)} {link("Settings", paths::SETTINGS)}
        </div>
        <form class="sign-out" method="post" action="/api/ui/sign_out">
            <span class="user-name">{name}</span>
            <button class="quiet">"Sign out"</button>
        </form>
    }
}
