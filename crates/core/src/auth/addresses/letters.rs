//! The mails about an account: the link that confirms its address, and what has changed.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::mail::{
    letter::{Letter, Reader},
    outbox::AccountChange,
};
use tallyboard_model::{
    language::{t, t_with, text, to_the_minute},
    paths,
};

/// The mail with the link that confirms an address. It names nobody: whoever reads it may not be who typed the address.
pub fn address_letter(reader: &Reader, token: &str) -> Letter {
    Letter::new(t("Confirm your email address for Tallyboard"))
        .text(t("Hello,"))
        .text(t("somebody, most likely you, entered this address for an account on Tallyboard, a task board."))
        .link(t("Confirm the address"), reader.url(&paths::confirm_email(token)))
        .text(t("The link is valid for a day. Once it's confirmed, others can find the account by this address."))
        .note(t("If this wasn't you, do nothing: the address stays unconfirmed."))
}

/// The mail about a change of an account.
pub fn change_letter(reader: &Reader, change: AccountChange, at: DateTime<Utc>, zone: Tz) -> Letter {
    let (subject, what) = words(change);
    let at = to_the_minute(at, zone);
    let letter = reader.greet(t(subject)).text(t_with(what, &[("at", &at)]));
    match change {
        // Whoever reads it has lost the account if it was not them: the server's operator alone can help.
        AccountChange::AddressChanged => letter.note(t(
            "If it wasn't you, tell whoever runs the server at once. Links that were mailed here before no longer work.",
        )),
        _ => letter.link(t("What happened in this account"), reader.url(paths::ACTIVITY)).text(t_with(
            "If it wasn't you, choose a new password: {url}. It ends everything that can sign in.",
            &[("url", &reader.url(paths::FORGOT_PASSWORD))],
        )),
    }
}

/// The subject, and what has happened `{at}` a time.
fn words(change: AccountChange) -> (&'static str, &'static str) {
    match change {
        AccountChange::PasswordChanged => {
            (text("Your password was changed"), text("the password of your account was changed on {at}."))
        }
        AccountChange::PasswordReset => (
            text("Your password was changed"),
            text(
                "a new password was chosen by a link on {at}. Every session, personal token, connected app and passkey has ended.",
            ),
        ),
        AccountChange::AddressChanged => (
            text("Your email address was changed"),
            text("your account has had another email address since {at}. This one gets no more mail about it."),
        ),
        AccountChange::PasskeyAdded => {
            (text("A passkey was added"), text("a passkey that signs in to your account was added on {at}."))
        }
        AccountChange::TokenCreated => (
            text("A personal token was created"),
            text("a personal token that reaches your tasks was created on {at}."),
        ),
        AccountChange::CalendarAddressMade => (
            text("A calendar address was made"),
            text("a secret address that shows your due tasks to calendar programs was made on {at}."),
        ),
        AccountChange::AppConnected => {
            (text("An app was connected"), text("an app that acts for you was connected with your account on {at}."))
        }
        AccountChange::IdentityConnected => (
            text("Another sign-in was connected"),
            text("a sign-in of another service was connected with your account on {at}."),
        ),
        AccountChange::TwoStepEnabled => {
            (text("Two-step sign-in is on"), text("the two-step sign-in of your account was set up on {at}."))
        }
        AccountChange::TwoStepEnded => {
            (text("Two-step sign-in is off"), text("the two-step sign-in of your account was ended on {at}."))
        }
        AccountChange::CodesRefused => (
            text("Somebody is guessing your codes"),
            text(
                "somebody entered your correct password and then ten wrong sign-in codes, most recently on {at}. No code is accepted for a while.",
            ),
        ),
    }
}
