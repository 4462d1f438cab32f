//! The form to ask, and the menu of commands above it.

use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
};

use super::Conversation;
use crate::ui::typed::inside_textarea;
use tallyboard_model::{assistant::COMMANDS, language::t};

/// A command: how it is written, and what it does.
type Command = (&'static str, &'static str);

/// The menu of commands.
#[derive(Clone, Copy)]
struct Menu {
    content: RwSignal<String>,
    /// Which of the fitting commands Enter and Tab fill in.
    active: RwSignal<usize>,
    /// Whether Escape has closed it, until something else is typed.
    is_closed: RwSignal<bool>,
}

impl Menu {
    /// The commands that what is typed may become, or the one that it is.
    fn commands(self) -> Vec<Command> {
        if self.is_closed.get() { Vec::new() } else { self.content.with(|typed| fitting(typed)) }
    }

    /// The commands to choose from; none once a command is typed.
    fn choices(self) -> Vec<Command> {
        let is_typing = self.content.with_untracked(|typed| !typed.contains(char::is_whitespace));
        if is_typing && !self.is_closed.get_untracked() {
            self.content.with_untracked(|typed| fitting(typed))
        } else {
            Vec::new()
        }
    }

    /// Acts on a key; returns whether it was for the menu.
    fn press(self, event: &KeyboardEvent) -> bool {
        let choices = self.choices();
        let Some(&(written, _)) = choices.get(self.active.get_untracked().min(choices.len().saturating_sub(1))) else {
            return false;
        };
        match event.key().as_str() {
            "ArrowDown" => self.active.update(|active| *active = (*active + 1) % choices.len()),
            "ArrowUp" => self.active.update(|active| *active = (*active + choices.len() - 1) % choices.len()),
            "Escape" => self.is_closed.set(true),
            "Tab" if !event.shift_key() => self.fill_in(written),
            // A whole command that takes nothing is sent.
            "Enter" if !event.shift_key() && self.content.with_untracked(|typed| typed != written) => {
                self.fill_in(written)
            }
            _ => return false,
        }
        true
    }

    fn fill_in(self, written: &'static str) {
        self.content.set(match written.split_once(' ') {
            Some((name, _)) => format!("{name} "),
            None => written.to_owned(),
        });
        self.active.set(0);
    }
}

/// The form. Enter sends, but not while an input method composes a word.
#[component]
pub fn Composer(talk: Conversation, typed: String, has_model: bool) -> impl IntoView {
    let content = talk.content;
    let menu = Menu { content, active: RwSignal::new(0), is_closed: RwSignal::new(false) };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        talk.send();
    };
    let press = move |event: KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        if menu.press(&event) {
            event.prevent_default();
        } else if event.key() == "Enter" && !event.shift_key() {
            event.prevent_default();
            talk.send();
        }
    };
    let commands = Memo::new(move |_| menu.commands());
    let is_open = Memo::new(move |_| !commands.with(Vec::is_empty));
    let active = move || is_open.get().then(|| format!("command-{}", menu.active.get()));
    let placeholder = if has_model { t("Ask, or type / for commands") } else { t("Type / for commands") };
    view! {
        <form class="say" method="post" on:submit=submit>
            <input type="hidden" name="form" value="ask" />
            <ul
                id="completions"
                class="completions card"
                role="listbox"
                aria-label=t("Commands")
                hidden=move || !is_open.get()
            >
                {move || commands.get().into_iter().enumerate().map(|(index, (written, what))| view! {
                    <li
                        role="option"
                        id=format!("command-{index}")
                        aria-selected=move || (menu.active.get() == index).to_string()
                        on:mousedown=move |event| {
                            // The box keeps the focus.
                            event.prevent_default();
                            menu.fill_in(written);
                        }
                    >
                        <code>{written}</code>" "{t(what)}
                    </li>
                }).collect_view()}
            </ul>
            <input type="hidden" name="id" value=talk.id.to_string() />
            <label class="visually-hidden" for="content">{t("Message")}</label>
            <textarea
                id="content"
                name="content"
                rows="1"
                maxlength="10000"
                placeholder=placeholder
                required
                enterkeyhint="send"
                aria-autocomplete="list"
                aria-controls="completions"
                aria-activedescendant=active
                aria-describedby="say-keys"
                inner_html=inside_textarea(&typed)
                bind:value=content
                on:input=move |_| {
                    menu.is_closed.set(false);
                    menu.active.set(0);
                }
                on:keydown=press
            ></textarea>
            <button class="button">{t("Send")}</button>
            <p class="hint" id="say-keys">{t("Enter sends, Shift+Enter starts a new line.")}</p>
        </form>
    }
}

fn fitting(typed: &str) -> Vec<Command> {
    if !typed.starts_with('/') {
        return Vec::new();
    }
    let name = typed.split_whitespace().next().unwrap_or_default().to_lowercase();
    let is_whole = typed.contains(char::is_whitespace);
    let fits = |(written, _): &Command| {
        let command = written.split(' ').next().unwrap_or_default();
        if is_whole { command == name } else { command.starts_with(&name) }
    };
    COMMANDS.iter().copied().filter(fits).collect()
}
